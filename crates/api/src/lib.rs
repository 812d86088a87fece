//! Types, paths, error codes and signatures of the HTTP interface.
#![doc = include_str!("../README.md")]

mod bytes;
mod callback;
mod circuit;
mod error;
pub mod headers;
pub mod hex;
mod history;
mod job;
pub mod paths;
mod prover;
mod registry;
mod service;
pub mod signing;
mod storage;
pub mod text;

pub use bytes::Base64Bytes;
pub use callback::{CallbackBody, CallbackProgress, CallbackState, callback_key_text};
pub use circuit::{
    CallAnswer, CircuitBytes, ComputeRequest, ProveRequest, VerifyingKeyAnswer, WitnessAnswer,
    WitnessSet, WitnessValue,
};
pub use error::{ErrorBody, ErrorCode};
pub use history::{
    AddedBlockAnswer, BlockBytes, LatestBlockAnswer, OpeningAnswer, RootAnswer, StepProofAnswer,
    UpdateAnswer, UpdatePage, UpdateRange, UpdateWithProof,
};
pub use job::{
    Failure, JobAnswer, JobPage, JobQuery, JobResult, JobState, Progress, ProofKind, ProveAnswer,
    StateChange, UnknownProofKind,
};
pub use prover::{
    ProverAdded, ProverAddress, ProverHealth, ProverList, ProverRemoved, ProverState,
};
pub use registry::{
    DeployControllerAnswer, DeployControllerRequest, DeployDomainAnswer, DeployDomainRequest,
    DomainList, DomainSummary,
};
pub use service::{HealthAnswer, StatsAnswer};
pub use storage::{FileQuery, FileRead, FileWrite, Success};
