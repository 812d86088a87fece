//! Proof requests as durable jobs.

mod delivery;
mod digest;
mod failure;
mod job;
mod prove;
mod queue;
mod runner;
mod state;
mod table;

pub use job::{
    EXECUTE_MARKER, Job, JobFailure, JobFilter, JobId, JobIdError, JobProgress, JobProof,
    JobResult, ProofRequest, StateTime,
};
pub(crate) use queue::Jobs;
pub use state::{JobState, JobStateError};
pub(crate) use table::JobTable;
