//! Why a job does not go on: its reason to fail, or somebody who stopped it.

use valence_coprocessor_store::StoreError;
use valence_coprocessor_zkvm::ZkvmError;

use super::job::JobFailure;
use crate::error::chain;
use crate::{EngineError, ErrorKind};

/// Why the work on a job ended early.
#[derive(Debug)]
pub(crate) enum Interrupt {
    /// The job fails for this reason.
    Failed(JobFailure),
    /// Somebody cancelled the job.
    Cancelled,
    /// The service shuts down: the job stays as it is in the store, and is resumed by another service or at the next start.
    Parked,
    /// The job is another service's now, or ended there: nothing of what was done here since is kept.
    Lost,
    /// The service itself failed at the job, which stays as it is in the store.
    Panicked,
    /// The store does not take the job's state, or does not give what the job needs: the job stays as it is there.
    NotStored(EngineError),
}

impl Interrupt {
    /// A failure of the job.
    pub(crate) fn failed(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Failed(JobFailure {
            code: code.into(),
            message: message.into(),
        })
    }
}

/// The reason of a job that failed in the engine.
pub(crate) fn of_engine(error: &EngineError) -> Interrupt {
    // A store that cannot be read now is no reason to end a job: it is taken up again when the store is back.
    if let EngineError::Store(_) = error {
        let unread = StoreError::backend("read what a job needs", chain(error));
        return Interrupt::NotStored(EngineError::Store(unread));
    }
    if error.kind() == ErrorKind::Internal {
        tracing::error!(target: "valence_coprocessor", error = %chain(error), "job failed internally");
    }
    Interrupt::failed(error.code(), error.to_string())
}

/// The reason of a job that failed in the zkVM.
pub(crate) fn of_zkvm(error: &ZkvmError) -> Interrupt {
    let message = match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    };
    match error {
        ZkvmError::ShutDown => Interrupt::Parked,
        _ => Interrupt::failed(code(error), message),
    }
}

/// The stable word for a failure of the zkVM.
fn code(error: &ZkvmError) -> &'static str {
    match error {
        ZkvmError::GuestPanicked { .. } => "circuit_panicked",
        ZkvmError::CycleLimit { .. } => "cycle_limit",
        ZkvmError::Timeout { .. } => "timeout",
        ZkvmError::OutOfMemory { .. } => "out_of_memory",
        ZkvmError::ProverDied { .. } => "prover_died",
        ZkvmError::InvalidElf { .. } => "invalid_circuit",
        ZkvmError::InvalidProof { .. } => "invalid_proof",
        ZkvmError::OtherVerifyingKey { .. } => "other_verifying_key",
        ZkvmError::ExitCode { .. } => "exit_code",
        ZkvmError::DeferredCore => "deferred_core",
        ZkvmError::Unavailable { .. } => "zkvm_unavailable",
        ZkvmError::Cancelled => "prover_cancelled",
        _ => "prover_failed",
    }
}
