//! The devnet against recorded data, and its own answers against the consensus specs.

mod anvil;
mod api;
mod chain;
mod faults;
mod fixtures;
mod mainnet_vectors;
mod program;
mod rank;
mod specification;
mod static_vectors;
mod sync_vectors;
