#![doc = include_str!("../README.md")]

mod answers;
mod block;
mod body;
mod chain;
mod config;
pub mod containers;
mod devnet;
mod error;
mod execution;
mod fault;
mod fork;
mod light_client;
pub mod merkle;
mod preset;
mod rank;
mod routes;
mod rules;
pub mod signing;
mod state;
mod sync_committee;
mod validators;
mod world;

pub use block::{Block, Update};
pub use body::BeaconBlockBody;
pub use chain::Chain;
pub use config::DevnetConfig;
pub use devnet::Devnet;
pub use error::DevnetError;
pub use fault::Fault;
pub use fork::{
    FAR_FUTURE_EPOCH, Fork, ForkSchedule, GENESIS_FORK_VERSION, MAX_BLOBS_PER_BLOCK_ELECTRA,
};
pub use preset::Preset;
pub use rank::{Merits, Rank};
pub use rules::Rules;
pub use state::BeaconState;
pub use sync_committee::{Aggregate, Committee, Participation};
pub use validators::{SIGNATURE_SUITE, Validators};
