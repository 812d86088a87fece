#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod branch;
mod codec;
mod committee;
mod config;
mod error;
mod execution;
mod fork;
mod header;
mod network;
mod root;
mod signature;
mod ssz;
mod step;
mod store;
mod update;
mod verify;

pub use branch::GeneralizedIndex;
pub use committee::{CommitteeTree, Signers, SyncCommitteeBits, sync_committee_root};
pub use config::{ChainConfig, Preset};
pub use error::{BootstrapError, CommitteeError, ConfigError, HeaderError, StepError, UpdateError};
pub use execution::{Execution, ExecutionPayloadHeader};
pub use fork::{Fork, ForkSchedule, ForkVersion, ScheduledFork};
pub use header::{BeaconBlockHeader, LightClientHeader};
pub use network::{HOODI, MAINNET, SEPOLIA};
pub use root::{BlockRoot, ChainConfigDigest, SyncCommitteeRoot};
pub use signature::signing_root;
pub use ssz::{Chunk, Hasher, bytes_chunk, chunk_bytes, merkleize, number_chunk};
pub use step::{StepInput, StepOutput, step, verify_step};
pub use store::{Bootstrap, Checkpoint, FinalizedHeader, LightClientStore, VerifiedUpdate};
pub use update::{NextSyncCommittee, Update};
pub use valence_coprocessor_ethereum_bls::{Advice, PublicKey, Signature};
