//! The two forms of a verifying key's hash that are in use: 32 bytes on chain, eight words in recursion.

use valence_coprocessor_protocol::VerifyingKeyHash;

use crate::VerifyError;

/// The prime of the field whose elements the words are. A word that is not below it is no field element, and release
/// builds of SP1 do not check that.
pub const KOALA_BEAR_PRIME: u32 = 0x7f00_0001;

const WORD_BITS: usize = 31;

/// The eight words of a hash, as `verify_sp1_proof` takes them.
///
/// On chain the words stand one after the other with 31 bits each, below a first byte of zero.
pub fn hash_to_words(hash: &VerifyingKeyHash) -> Result<[u32; 8], VerifyError> {
    let out_of_range = |position| VerifyError::VerifyingKeyWord {
        got: *hash,
        position,
    };
    let bytes = hash.as_bytes();
    if bytes[0] != 0 {
        return Err(out_of_range(0));
    }
    let mut words = [0; 8];
    for (position, word) in words.iter_mut().enumerate() {
        *word = (0..WORD_BITS).fold(0, |word, offset| {
            let bit = 8 + position * WORD_BITS + offset;
            word << 1 | u32::from(bytes[bit / 8] >> (7 - bit % 8) & 1)
        });
        if *word >= KOALA_BEAR_PRIME {
            return Err(out_of_range(position));
        }
    }
    Ok(words)
}

/// The hash of eight words; `None` if one of them is not below [`KOALA_BEAR_PRIME`].
pub fn hash_from_words(words: &[u32; 8]) -> Option<VerifyingKeyHash> {
    let mut bytes = [0_u8; 32];
    for (position, word) in words.iter().enumerate() {
        if *word >= KOALA_BEAR_PRIME {
            return None;
        }
        for offset in 0..WORD_BITS {
            let bit = 8 + position * WORD_BITS + offset;
            let value = u8::from(word >> (WORD_BITS - 1 - offset) & 1 == 1);
            bytes[bit / 8] |= value << (7 - bit % 8);
        }
    }
    Some(VerifyingKeyHash::from_bytes(bytes))
}
