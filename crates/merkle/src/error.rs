//! Why a path or an insertion is not one of a tree.

use thiserror::Error;

/// Why bit indices do not form a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathError {
    /// A path cannot have more nodes than the key has bits.
    #[error("a path has {got} nodes, the key has {limit} bits")]
    TooLong {
        /// Nodes of the path.
        got: usize,
        /// Bits of the key.
        limit: usize,
    },
    /// A path has another number of siblings than of bit indices.
    #[error("a path has {siblings} siblings for {indices} bit indices")]
    Uneven {
        /// Number of bit indices.
        indices: usize,
        /// Number of siblings.
        siblings: usize,
    },
    /// Bit indices must rise from the root on.
    #[error("bit index {index} follows {previous} in a path")]
    NotRising {
        /// The index before.
        previous: u8,
        /// The index that does not rise.
        index: u8,
    },
    /// A bit index lies beyond the key.
    #[error("bit index {index} lies beyond a key of {limit} bits")]
    OutOfRange {
        /// The index.
        index: u8,
        /// Bits of the key.
        limit: usize,
    },
}

/// Why a key cannot be inserted beside a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InsertionError {
    /// The path that was shown is not one.
    #[error("the path beside which to insert is malformed")]
    Path(#[source] PathError),
    /// The key is the one whose leaf was shown.
    #[error("the key is already present")]
    AlreadyPresent,
    /// The keys part at a bit where the tree has a node, so the path does not prove absence.
    #[error(
        "the path has a node at bit {index}, where the keys part, so it does not prove absence"
    )]
    NodeWhereKeysPart {
        /// The first bit in which the keys differ.
        index: u8,
    },
}
