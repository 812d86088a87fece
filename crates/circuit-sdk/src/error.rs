//! Why witnesses are refused, and why a circuit fails.

use core::fmt;

use thiserror::Error;
use valence_coprocessor_history::OpenError;
use valence_coprocessor_protocol::{DecodeError, DomainId};

/// Why a circuit cannot use its witnesses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The input is not an encoding of witnesses.
    #[error("input is malformed: {0}")]
    Malformed(DecodeError),
    /// A state proof does not stand under the root.
    #[error("witness {index} is not opened: {error}")]
    NotOpened {
        /// Position of the witness.
        index: usize,
        /// Why not.
        error: OpenError,
    },
    /// There is no such witness.
    #[error("there is no witness {index}, only {count}")]
    Missing {
        /// The position that was asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The witness is a state proof, where data is wanted.
    #[error("witness {index} is a state proof, not data")]
    NotData {
        /// Position of the witness.
        index: usize,
    },
    /// The witness is data, where a state proof is wanted.
    #[error("witness {index} is data, not a state proof")]
    NotStateProof {
        /// Position of the witness.
        index: usize,
    },
    /// The state proof is of another domain than the circuit demands.
    #[error("witness {index} is of domain {got}, expected {expected}")]
    WrongDomain {
        /// Position of the witness.
        index: usize,
        /// The domain that the circuit demands.
        expected: DomainId,
        /// The domain of the state proof.
        got: DomainId,
    },
    /// The block is not the newest of its domain, where the circuit demands the newest.
    #[error("witness {index} is of block {number}, which is not the newest of its domain")]
    NotNewest {
        /// Position of the witness.
        index: usize,
        /// Number of the block.
        number: u64,
    },
}

/// Why a circuit fails. The text is what a failed job shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CircuitError<E> {
    /// The witnesses are refused.
    Witnesses(WitnessError),
    /// The circuit's own function refuses.
    Circuit(E),
}

impl<E: fmt::Display> fmt::Display for CircuitError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Witnesses(error) => error.fmt(formatter),
            Self::Circuit(error) => error.fmt(formatter),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for CircuitError<E> {}
