#![doc = include_str!("../README.md")]

mod bytes;
mod client;
mod error;
mod fork_digest;
mod object;
mod prepared;
mod record;
mod ssz;
mod step_builder;
mod versioned;

pub use bytes::Bytes;
pub use client::Client;
pub use error::{BeaconError, SszError};
pub use fork_digest::{fork_digest, fork_of_digest};
pub use object::{
    BeaconHeader, Bootstrap, ExecutionPayloadHeader, LightClientHeader, SyncAggregate,
    SyncCommittee, Update,
};
pub use prepared::{PreparedBootstrap, PreparedUpdate};
pub use record::ClientRecord;
pub use ssz::updates_from_ssz;
pub use step_builder::{Step, StepBuilder};
pub use versioned::Versioned;
