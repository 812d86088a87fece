//! SHA-256 against an independent one.

use proptest::prelude::*;
use sha2::Digest;
use valence_coprocessor_protocol::sha256::{Compression, INITIAL, Words, compress, digest};

proptest! {
    #[test]
    fn digest_is_sha256(message in prop::collection::vec(any::<u8>(), 0..300), skip in 0..8usize) {
        // Skipping bytes changes where the message starts in memory.
        let message = &message[skip.min(message.len())..];
        prop_assert_eq!(digest(message).to_vec(), sha2::Sha256::digest(message).to_vec());
    }

    #[test]
    fn constant_compression_is_the_fast_one(state: Words, block: [u32; 16]) {
        let fast = Compression::new().block(&state, &block);
        prop_assert_eq!(compress(&state, &block), fast);
        let mut halves = (Words::default(), Words::default());
        halves.0.copy_from_slice(&block[..8]);
        halves.1.copy_from_slice(&block[8..]);
        prop_assert_eq!(Compression::new().halves(&state, &halves.0, &halves.1), fast);
    }

    #[test]
    fn one_block_from_the_initial_state(message in prop::collection::vec(any::<u8>(), 0..=55)) {
        let mut padded = [0; 64];
        padded[..message.len()].copy_from_slice(&message);
        padded[message.len()] = 0x80;
        let bits = u64::try_from(message.len()).expect("short") * 8;
        padded[56..].copy_from_slice(&bits.to_be_bytes());
        let mut block = [0; 16];
        for (word, bytes) in block.iter_mut().zip(padded.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        let state = compress(&INITIAL, &block);
        let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
        prop_assert_eq!(bytes, sha2::Sha256::digest(&message).to_vec());
    }
}
