#![doc = include_str!("../README.md")]
//! Port to zero-knowledge virtual machines.

mod error;
mod memory_size;
mod progress;
mod proof;
mod proof_kind;
mod provers;
mod verifying_key;
pub mod wire;
mod worker;
mod zkvm;

pub use error::ZkvmError;
pub use memory_size::MemorySize;
pub use progress::{Progress, ProgressReceiver, ProgressSender, Stage};
pub use proof::{Execution, Proof};
pub use proof_kind::{ProofKind, UnknownProofKind};
pub use provers::{
    Delivered, Made, NewsReceiver, NewsSender, Priority, Provers, Undelivered, Work, WorkNews,
    WorkerHealth, WorkerName, WorkerState,
};
pub use tokio_util::sync::CancellationToken;
pub use valence_coprocessor_protocol::VerifyingKeyHash;
pub use verifying_key::VerifyingKey;
pub use worker::{Capacity, Worker, WorkerError, WorkerStatus};
pub use zkvm::{Limits, ProveRequest, Zkvm};
