//! Why an opening, an append or a request to the ledger is refused.

use thiserror::Error;
use valence_coprocessor_merkle::{InsertionError, PathError};
use valence_coprocessor_protocol::{DomainId, Root};

use crate::HistoryTable;

/// Why a state proof is not opened by what was shown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The empty tree opens nothing.
    #[error("the root is that of the empty tree, which opens nothing")]
    EmptyRoot,
    /// The domain part is not a path.
    #[error("domain part of the opening: {0}")]
    DomainPart(PathError),
    /// The history part is not a path.
    #[error("history part of the opening: {0}")]
    HistoryPart(PathError),
    /// The opening leads to another root.
    #[error("opening of block {number} leads to root {got}, expected {expected}")]
    WrongRoot {
        /// The block that was to be opened.
        number: u64,
        /// The root that was demanded.
        expected: Root,
        /// The root that the opening leads to.
        got: Root,
    },
}

/// Why an append is not a step from one root to another.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The block that was shown as newest is not: its path turns left somewhere.
    #[error("block {number} is not the newest of its domain")]
    NotTheNewest {
        /// Number of the block that was shown.
        number: u64,
    },
    /// The number is not larger than the newest one.
    #[error("block {number} is not newer than block {newest}")]
    NotNewer {
        /// The number to append.
        number: u64,
        /// The newest number.
        newest: u64,
    },
    /// The neighbour of a new domain has a domain root of zero.
    #[error("the leaf of domain {domain} has an empty domain root")]
    EmptyDomainRoot {
        /// The neighbour.
        domain: DomainId,
    },
    /// The domain part does not prove absence of the number.
    #[error("domain part of the append: {0}")]
    DomainPart(InsertionError),
    /// The history part does not lead to a root.
    #[error("history part of the append: {0}")]
    HistoryPart(InsertionError),
}

/// Why the ledger cannot do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LedgerError<E: core::error::Error + 'static> {
    /// The store failed.
    #[error("cannot read the history")]
    Read(#[source] E),
    /// The root never was one of this history.
    #[error("root {root} is not in the history")]
    UnknownRoot {
        /// The root that was asked for.
        root: Root,
    },
    /// The domain has no block at this root.
    #[error("domain {domain} has no block at this root")]
    UnknownDomain {
        /// The domain that was asked for.
        domain: DomainId,
    },
    /// The domain has no such block at this root.
    #[error("domain {domain} has no block {number}{}", Nearest(*below, *above))]
    MissingBlock {
        /// The domain.
        domain: DomainId,
        /// The number that was asked for.
        number: u64,
        /// The nearest smaller number that is present.
        below: Option<u64>,
        /// The nearest larger number that is present.
        above: Option<u64>,
    },
    /// No append has this sequence number.
    #[error("the history has no append {sequence}")]
    UnknownSequence {
        /// The number that was asked for.
        sequence: u64,
    },
    /// The block to append is present.
    #[error("block {number} of domain {domain} is already present")]
    AlreadyPresent {
        /// The domain.
        domain: DomainId,
        /// The number.
        number: u64,
    },
    /// The block to append is older than the newest.
    #[error("block {number} of domain {domain} is not newer than block {newest}")]
    NotNewer {
        /// The domain.
        domain: DomainId,
        /// The number to append.
        number: u64,
        /// The newest number.
        newest: u64,
    },
    /// The payload is longer than a record can hold.
    #[error("a payload of {length} bytes is too large")]
    PayloadTooLarge {
        /// Length of the payload in bytes.
        length: usize,
    },
    /// A record is not what was written.
    #[error("the stored record of append {sequence} is damaged")]
    Damaged {
        /// Sequence number of the append.
        sequence: u64,
    },
    /// A value in an index table is not what was written.
    #[error("a value in the stored table {table:?} is damaged")]
    DamagedIndex {
        /// The table.
        table: HistoryTable,
    },
}

struct Nearest(Option<u64>, Option<u64>);

impl core::fmt::Display for Nearest {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match (self.0, self.1) {
            (None, None) => Ok(()),
            (Some(below), None) => write!(formatter, "; the nearest is {below}"),
            (None, Some(above)) => write!(formatter, "; the nearest is {above}"),
            (Some(below), Some(above)) => {
                write!(formatter, "; the nearest are {below} and {above}")
            }
        }
    }
}
