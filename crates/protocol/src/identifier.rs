//! The 32-byte identifiers and roots, one type each.
//!
//! Inside they are four machine words: a circuit then compares and copies them in four steps, where
//! bytes would take thirty-two.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::ParseIdentifierError;
use crate::sha256::Words;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name([u64; 4]);

        impl $name {
            /// Thirty-two zero bytes.
            pub const ZERO: Self = Self([0; 4]);

            /// Wraps 32 bytes.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(words_of(&bytes))
            }

            /// The 32 bytes.
            pub fn as_bytes(&self) -> &[u8; 32] {
                bytemuck::cast_ref(&self.0)
            }

            /// Takes four words of the codec, the bytes in order of memory.
            pub const fn from_memory(words: [u64; 4]) -> Self {
                Self(words)
            }

            /// Four words for the codec, the bytes in order of memory.
            pub const fn to_memory(self) -> [u64; 4] {
                self.0
            }

            /// Takes the state words of SHA-256.
            pub fn from_words(words: &Words) -> Self {
                Self(memory_of(words))
            }

            /// The bytes as words of a SHA-256 message, which are big-endian.
            pub fn to_words(self) -> Words {
                message_of(self.0)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                equal(self.0, other.0)
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.as_bytes().cmp(other.as_bytes())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(self.as_bytes(), formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdentifierError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_hex(text).map(Self::from_bytes)
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self::from_bytes(bytes)
            }
        }
    )*};
}

identifiers! {
    /// Identifies a domain: a hash of its name.
    DomainId,
    /// Identifies a circuit: a hash of its ELF and a nonce.
    CircuitId,
    /// The co-processor root: the root of the history tree.
    Root,
    /// The root of one domain's tree of blocks.
    DomainRoot,
    /// The state root of a block.
    StateRoot,
    /// The light-client state after the newest block of a domain.
    HeadState,
    /// SHA-256 of a block's payload.
    PayloadHash,
    /// The hash of a verifying key, in the form that contracts pin (`bytes32`).
    VerifyingKeyHash,
}

const fn words_of(bytes: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    let mut index = 0;
    while index < 4 {
        let at = index * 8;
        words[index] = u64::from_ne_bytes([
            bytes[at],
            bytes[at + 1],
            bytes[at + 2],
            bytes[at + 3],
            bytes[at + 4],
            bytes[at + 5],
            bytes[at + 6],
            bytes[at + 7],
        ]);
        index += 1;
    }
    words
}

/// Equality without a call to `memcmp`, which goes byte by byte in a zkVM.
const fn equal(left: [u64; 4], right: [u64; 4]) -> bool {
    ((left[0] ^ right[0]) | (left[1] ^ right[1]) | (left[2] ^ right[2]) | (left[3] ^ right[3])) == 0
}

fn memory_of(words: &Words) -> [u64; 4] {
    let mut memory = [0; 4];
    for (target, pair) in memory.iter_mut().zip(words.as_chunks::<2>().0) {
        *target = crate::sha256::swap_pair(u64::from(pair[0]) | u64::from(pair[1]) << 32).to_le();
    }
    memory
}

fn message_of(memory: [u64; 4]) -> Words {
    let mut words = [0; 8];
    for (target, word) in words.as_chunks_mut::<2>().0.iter_mut().zip(memory) {
        *target = crate::sha256::message_pair(u64::from_le(word));
    }
    words
}

fn write_hex(bytes: &[u8; 32], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in bytes {
        write!(formatter, "{byte:02x}")?;
    }
    Ok(())
}

fn parse_hex(text: &str) -> Result<[u8; 32], ParseIdentifierError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() != 64 {
        return Err(ParseIdentifierError::Length {
            got: digits.chars().count(),
        });
    }
    let digit = |position: usize| {
        char::from(digits.as_bytes()[position])
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
            .ok_or(ParseIdentifierError::Digit { position })
    };
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = digit(2 * index)? << 4 | digit(2 * index + 1)?;
    }
    Ok(bytes)
}
