//! Proof requests as durable jobs.

mod ask;
mod callback;
mod cancel;
mod census;
mod claim;
mod deadline;
mod delivery;
mod digest;
mod execute;
mod failure;
mod follow;
mod job;
mod keeper;
mod labels;
mod proof_cache;
mod prove;
mod queue;
mod retention;
mod runner;
mod state;
mod table;

pub use callback::{CallbackState, JobCallback};
pub use job::{
    EXECUTE_MARKER, Job, JobFailure, JobFilter, JobId, JobIdError, JobProgress, JobProof,
    JobResult, ProofRequest, StateTime,
};
pub(crate) use queue::Jobs;
pub use state::{JobState, JobStateError};
pub(crate) use table::JobTable;
