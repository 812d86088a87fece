#![doc = include_str!("../README.md")]

mod answer;
mod arguments;
mod callbacks;
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
pub use callbacks::{Callback, CallbackAnswer, CallbackKey, Callbacks, NoCallbacks};
pub use caller::{Caller, PublicKey, PublicKeyError};
pub use clock::{Clock, Timestamp};
pub use config::{
    CallbackLimits, ClusterTimes, DomainSet, ElectedDomain, EngineConfig, EngineLimits, Mode, Trust,
};
pub use engine::Engine;
pub use error::{EngineError, ErrorKind};
pub use jobs::{
    CallbackState, EXECUTE_MARKER, Job, JobCallback, JobFailure, JobFilter, JobId, JobIdError,
    JobProgress, JobProof, JobResult, JobState, JobStateError, ProofRequest, StateTime,
};
