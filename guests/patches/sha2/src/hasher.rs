//! The hasher: buffers to whole blocks, pads, and implements the traits of `digest`.

use core::fmt;

use digest::typenum::{U32, U64};
use digest::{
    FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update,
    core_api::BlockSizeUser,
};

use crate::compression::{INITIAL, State, compress};

const BLOCK: usize = 64;
/// Where the length stands in the last block.
const LENGTH_AT: usize = 56;

/// SHA-256.
#[derive(Clone)]
pub struct Sha256 {
    state: State,
    buffer: [u8; BLOCK],
    /// Bytes hashed so far, those in the buffer included.
    length: u64,
}

impl Sha256 {
    const fn buffered(&self) -> usize {
        (self.length % BLOCK as u64) as usize
    }

    fn finish(&mut self, out: &mut Output<Self>) {
        let bits = self.length.wrapping_mul(8);
        let filled = self.buffered();
        self.buffer[filled] = 0x80;
        self.buffer[filled + 1..].fill(0);
        if filled >= LENGTH_AT {
            compress(&mut self.state, &self.buffer);
            self.buffer = [0; BLOCK];
        }
        self.buffer[LENGTH_AT..].copy_from_slice(&bits.to_be_bytes());
        compress(&mut self.state, &self.buffer);
        for (bytes, word) in out.chunks_exact_mut(4).zip(self.state) {
            // The words are below 2^32: the lower half is the word.
            bytes.copy_from_slice(&word.to_be_bytes()[4..]);
        }
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self {
            state: INITIAL,
            buffer: [0; BLOCK],
            length: 0,
        }
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sha256 { .. }")
    }
}

impl HashMarker for Sha256 {}

impl OutputSizeUser for Sha256 {
    type OutputSize = U32;
}

impl BlockSizeUser for Sha256 {
    type BlockSize = U64;
}

impl Update for Sha256 {
    fn update(&mut self, mut data: &[u8]) {
        let filled = self.buffered();
        self.length = self.length.wrapping_add(data.len() as u64);
        if filled > 0 {
            let taken = data.len().min(BLOCK - filled);
            let (head, rest) = data.split_at(taken);
            self.buffer[filled..filled + taken].copy_from_slice(head);
            if filled + taken < BLOCK {
                return;
            }
            compress(&mut self.state, &self.buffer);
            data = rest;
        }
        let (blocks, rest) = data.as_chunks::<BLOCK>();
        for block in blocks {
            compress(&mut self.state, block);
        }
        self.buffer[..rest.len()].copy_from_slice(rest);
    }
}

impl FixedOutput for Sha256 {
    fn finalize_into(mut self, out: &mut Output<Self>) {
        self.finish(out);
    }
}

impl FixedOutputReset for Sha256 {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        self.finish(out);
        *self = Self::default();
    }
}

impl Reset for Sha256 {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use digest::Digest;

    use super::Sha256;

    /// NIST's examples of FIPS 180-4: one block, two blocks, empty, and a million bytes.
    #[test]
    fn nist_examples() {
        let million = [b'a'; 1_000_000];
        let examples: [(&[u8], &str); 4] = [
            (
                b"",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                b"abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            (
                &million,
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            ),
        ];
        for (message, expected) in examples {
            let digest = Sha256::digest(message);
            let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            let shown =
                nibbles.map(|nibble| char::from_digit(u32::from(nibble), 16).expect("a nibble"));
            assert!(shown.eq(expected.chars()), "{expected}");
        }
    }

    /// Splitting a message in any two places changes nothing.
    #[test]
    fn pieces_hash_like_the_whole() {
        let mut message = [0; 200];
        for (index, byte) in message.iter_mut().enumerate() {
            *byte = u8::try_from(index).expect("below 200");
        }
        for length in [0, 55, 56, 63, 64, 65, 119, 120, 128, 200] {
            let whole = Sha256::digest(&message[..length]);
            for first in 0..=length {
                for second in [first, usize::midpoint(first, length), length] {
                    let mut hasher = Sha256::new();
                    hasher.update(&message[..first]);
                    hasher.update(&message[first..second]);
                    hasher.update(&message[second..length]);
                    assert_eq!(
                        hasher.finalize(),
                        whole,
                        "{length} split at {first} and {second}"
                    );
                }
            }
        }
    }
}
