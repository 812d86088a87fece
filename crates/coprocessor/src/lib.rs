#![doc = include_str!("../README.md")]

mod answer;
mod caller;
mod clock;
mod config;
mod engine;
mod error;
mod jobs;
mod text;

pub use answer::{
    AddedBlock, BlockRecord, CircuitSummary, DomainSummary, EntrypointAnswer, ModuleHash, ModuleHashError,
    OpeningAnswer, ProvenUpdate, Stats, Update, WitnessReport,
};
pub use caller::{Caller, PublicKey, PublicKeyError};
pub use clock::{Clock, Timestamp};
pub use config::{DomainSet, ElectedDomain, EngineConfig, EngineLimits, Mode, Trust};
pub use engine::Engine;
pub use error::{EngineError, ErrorKind};
pub use jobs::{
    EXECUTE_MARKER, Job, JobFailure, JobFilter, JobId, JobIdError, JobProgress, JobProof, JobResult, JobState,
    JobStateError, ProofRequest, StateTime,
};
