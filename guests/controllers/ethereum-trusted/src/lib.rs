#![doc = include_str!("../README.md")]

mod block;
mod proof;

pub use block::{BlockArguments, validate_block};
pub use proof::{StateArguments, state_proof};

/// The domain.
pub const DOMAIN: &str = "ethereum-trusted";

/// The chain, as the service names its nodes.
pub const CHAIN: &str = "ethereum";

valence_coprocessor_controller_sdk::controller! {
    validate_block: validate_block,
    get_state_proof: state_proof,
}
