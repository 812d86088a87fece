//! What is posted, from the engine's view of a job.

use valence_coprocessor::{Callback, JobFailure};
use valence_coprocessor_api as api;
use valence_coprocessor_api::{CallbackBody, paths};
use valence_coprocessor_zkvm::ProofKind;

/// The body of a callback: the same bytes at each attempt.
pub(crate) fn body_of(callback: &Callback<'_>) -> CallbackBody {
    let job = callback.job;
    let id = job.id.to_string();
    let (state, event) = match job.failure {
        None => (api::JobState::Done, "job.done"),
        Some(_) => (api::JobState::Failed, "job.failed"),
    };
    let result = job.result.as_ref();
    CallbackBody {
        event: event.to_owned(),
        delivery: id.clone(),
        circuit: job.circuit,
        root: job.root,
        trust: job.trust.as_str().to_owned(),
        kind: kind(job.kind),
        state,
        proven: result.is_some_and(|result| result.kind != ProofKind::Execute),
        public_values: result.map(|result| result.public_values.clone().into()),
        verifying_key: result.map(|result| result.verifying_key.to_string()),
        proof: callback.proof.map(|proof| proof.to_vec().into()),
        path: paths::with(paths::JOB, "id", &id),
        failure: job.failure.clone().map(failure),
        cycles: job.cycles,
        job: id,
    }
}

fn failure(failure: JobFailure) -> api::Failure {
    api::Failure {
        code: failure.code,
        message: failure.message,
    }
}

const fn kind(kind: ProofKind) -> api::ProofKind {
    match kind {
        ProofKind::Execute => api::ProofKind::Execute,
        ProofKind::Core => api::ProofKind::Core,
        ProofKind::Compressed => api::ProofKind::Compressed,
        ProofKind::Groth16 => api::ProofKind::Groth16,
        ProofKind::Plonk => api::ProofKind::Plonk,
    }
}
