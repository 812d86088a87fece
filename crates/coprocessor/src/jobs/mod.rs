//! Proof requests as durable jobs.

mod job;
mod state;

pub use job::{
    EXECUTE_MARKER, Job, JobFailure, JobFilter, JobId, JobIdError, JobProgress, JobProof, JobResult,
    ProofRequest, StateTime,
};
pub use state::{JobState, JobStateError};
