//! SHA-256 of whole messages.

use super::{Compression, INITIAL, Words, message_pair};

/// SHA-256 of bytes, as state words.
///
/// Bytes that start at a multiple of eight in memory are read in machine words.
pub fn digest_words(compression: &mut Compression, message: &[u8]) -> Words {
    let mut state = INITIAL;
    let (blocks, tail) = message.as_chunks::<64>();
    for block in blocks {
        state = compression.block(&state, &block_words(block));
    }
    let mut last = [0; 64];
    last[..tail.len()].copy_from_slice(tail);
    last[tail.len()] = 0x80;
    if tail.len() >= 56 {
        state = compression.block(&state, &block_words(&last));
        last = [0; 64];
    }
    let bits = message.len() as u64 * 8;
    last[56..].copy_from_slice(&bits.to_be_bytes());
    compression.block(&state, &block_words(&last))
}

/// SHA-256 of bytes.
pub fn digest(message: &[u8]) -> [u8; 32] {
    let words = digest_words(&mut Compression::new(), message);
    let mut bytes = [0; 32];
    for (target, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *target = word.to_be_bytes();
    }
    bytes
}

fn block_words(block: &[u8; 64]) -> [u32; 16] {
    let mut words = [0; 16];
    let pairs = words.as_chunks_mut::<2>().0;
    // A slice of bytes has no alignment that the compiler could rely on: without the cast it would
    // assemble every word from eight single loads.
    if let Ok(aligned) = bytemuck::try_cast_ref::<[u8; 64], [u64; 8]>(block) {
        for (pair, word) in pairs.iter_mut().zip(aligned) {
            *pair = message_pair(u64::from_le(*word));
        }
    } else {
        for (pair, bytes) in pairs.iter_mut().zip(block.as_chunks::<8>().0) {
            *pair = message_pair(u64::from_le_bytes(*bytes));
        }
    }
    words
}
