#![doc = include_str!("../README.md")]

mod answer;
mod arguments;
mod caller;
mod clock;
mod commit;
mod config;
mod engine;
mod error;
mod history;
mod host;
mod jobs;
mod registry;
mod runtime;
mod storage;
mod text;
mod witness;

pub use answer::{
    AddedBlock, BlockRecord, CircuitSummary, DomainSummary, EntrypointAnswer, ModuleHash,
    ModuleHashError, OpeningAnswer, ProvenUpdate, Stats, StepProof, Update, WitnessReport,
};
pub use caller::{Caller, PublicKey, PublicKeyError};
pub use clock::{Clock, Timestamp};
pub use config::{DomainSet, ElectedDomain, EngineConfig, EngineLimits, Mode, Trust};
pub use engine::Engine;
pub use error::{EngineError, ErrorKind};
pub use jobs::{
    EXECUTE_MARKER, Job, JobFailure, JobFilter, JobId, JobIdError, JobProgress, JobProof,
    JobResult, JobState, JobStateError, ProofRequest, StateTime,
};
