//! Why a statement is refused.

use alloc::string::String;
use core::error::Error;

use valence_coprocessor_circuit_sdk::WitnessError;
use valence_coprocessor_ethereum_state_proof::{HeaderError, ReceiptError, StateProofError};
use valence_coprocessor_protocol::DecodeError;

/// What is wrong with the witnesses. The text is what a failed job shows, so it includes the cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// There are more or less witnesses than the statement takes.
    #[error("expected {expected} witnesses, got {got}")]
    WitnessCount {
        /// How many there are.
        got: usize,
        /// How many the statement takes.
        expected: usize,
    },
    /// A witness is missing, of another kind, or of another domain.
    #[error("{0}")]
    Witness(WitnessError),
    /// The question is not two numbers.
    #[error("the question has {got} bytes, expected 16: two numbers")]
    Question {
        /// How many there are.
        got: usize,
    },
    /// The payload of the block is not one of the domain.
    #[error("{error}{}", cause(.error))]
    Payload {
        /// What it fails at.
        error: HeaderError,
    },
    /// The state proof is not made of whole words.
    #[error("{0}")]
    Encoding(DecodeError),
    /// The state proof proves something else.
    #[error("{error}{}", cause(.error))]
    StateProof {
        /// What it fails at.
        error: StateProofError,
    },
    /// The header is not the block's.
    #[error("{error}{}", cause(.error))]
    Header {
        /// What it fails at.
        error: HeaderError,
    },
    /// Two witnesses are of two blocks.
    #[error("the header is of block {got}, the receipt of block {expected}")]
    OtherBlock {
        /// The block of the header.
        got: u64,
        /// The block of the receipt.
        expected: u64,
    },
    /// Proven: no contract is there.
    #[error("the contract does not exist at block {number}")]
    NoContract {
        /// The block.
        number: u64,
    },
    /// Proven: the block has less transactions.
    #[error("block {number} has no transaction {index}")]
    NoTransaction {
        /// The block.
        number: u64,
        /// The index that was asked for.
        index: u64,
    },
    /// The receipt has less logs, or one that is not well-formed.
    #[error("{error}{}", cause(.error))]
    Log {
        /// What it fails at.
        error: ReceiptError,
    },
    /// The log is another contract's, or of another event.
    #[error("log {index} is no transfer of the token")]
    NotATransfer {
        /// The index that was asked for.
        index: u64,
    },
}

/// The reason behind an error, for a text that is all that a job shows.
fn cause(error: &impl Error) -> String {
    error
        .source()
        .map_or_else(String::new, |source| alloc::format!(": {source}"))
}
