//! Why the circuit refuses.

use valence_coprocessor_circuit_sdk::WitnessError;
use valence_coprocessor_ethereum_state_proof::{HeaderError, StateProofError};
use valence_coprocessor_protocol::DecodeError;

/// What is wrong with the witnesses. The text is what a failed job shows, so it includes the cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BalanceError {
    /// There are other than two witnesses.
    #[error("expected a state proof and a holder, got {got} witnesses")]
    WitnessCount {
        /// How many there are.
        got: usize,
    },
    /// A witness is missing, of another kind, or of another domain.
    #[error("{0}")]
    Witness(WitnessError),
    /// The holder is not an address.
    #[error("the holder has {got} bytes, expected the 20 of an address")]
    Holder {
        /// How many there are.
        got: usize,
    },
    /// The payload of the block is not one of the domain.
    #[error("{0}")]
    Payload(HeaderError),
    /// The state proof is not made of whole words.
    #[error("{0}")]
    Encoding(DecodeError),
    /// The state proof proves something else.
    #[error("{error}{}", cause(.error))]
    StateProof {
        /// What it fails at.
        error: StateProofError,
    },
    /// Proven: no contract is there, so nobody has a balance.
    #[error("the token does not exist at block {number}")]
    NoToken {
        /// The block.
        number: u64,
    },
}

/// The reason behind an error, for a text that is all that a job shows.
fn cause(error: &StateProofError) -> alloc::string::String {
    core::error::Error::source(error).map_or_else(alloc::string::String::new, |source| {
        alloc::format!(": {source}")
    })
}
