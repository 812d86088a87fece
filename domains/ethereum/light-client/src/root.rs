//! Roots and digests, one type each, so that none is taken for another.

use core::fmt;

use valence_coprocessor_protocol::sha256::Words;

use crate::ssz::{bytes_chunk, chunk_bytes, equal};

macro_rules! roots {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Eq)]
        pub struct $name(Words);

        impl $name {
            /// Wraps the words of a chunk.
            pub const fn from_words(words: Words) -> Self {
                Self(words)
            }

            /// The words of a chunk.
            pub const fn words(&self) -> &Words {
                &self.0
            }

            /// Wraps 32 bytes.
            pub fn from_bytes(bytes: &[u8; 32]) -> Self {
                Self(bytes_chunk(bytes))
            }

            /// The 32 bytes.
            pub fn to_bytes(self) -> [u8; 32] {
                chunk_bytes(&self.0)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                equal(&self.0, &other.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|word| write!(formatter, "{word:08x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self)
            }
        }
    )*};
}

roots! {
    /// `hash_tree_root` of a `BeaconBlockHeader`, which is that of its block.
    BlockRoot,
    /// `hash_tree_root` of a `SyncCommittee`.
    SyncCommitteeRoot,
    /// What a state commits to of the chain's configuration.
    ChainConfigDigest,
}
