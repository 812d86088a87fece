#![doc = include_str!("../README.md")]

mod anchor;
mod block;
mod chain;
mod node;
mod proof;

pub use block::{BlockArguments, validate_block};
pub use chain::{CHAINS, OTHER_CHAIN};
pub use node::KEYS_IN_ONE_REQUEST;
pub use proof::{StateArguments, state_proof};

valence_coprocessor_controller_sdk::controller! {
    validate_block: validate_block,
    get_state_proof: state_proof,
}
