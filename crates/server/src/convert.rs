//! From the engine's answers to those of the interface.

use valence_coprocessor::{
    BlockRecord, CallbackState, DomainSummary, Job, JobProof, JobState, ProvenUpdate, Timestamp,
    Trust, Update,
};
use valence_coprocessor_api as api;
use valence_coprocessor_protocol::Witness;
use valence_coprocessor_zkvm::{ProofKind, WorkerHealth, WorkerState};

pub(crate) fn block(block: BlockRecord) -> api::BlockBytes {
    api::BlockBytes {
        domain: *block.domain.as_bytes(),
        number: block.number,
        root: *block.state_root.as_bytes(),
        payload: block.payload,
    }
}

pub(crate) fn update(update: Update, dev: bool) -> api::UpdateAnswer {
    api::UpdateAnswer {
        uuid: api::hex::encode(&update.uuid()),
        root: update.root,
        previous: update.previous,
        block: block(update.block),
        dev,
    }
}

pub(crate) fn update_with_proof(proven: ProvenUpdate) -> api::UpdateWithProof {
    api::UpdateWithProof {
        uuid: api::hex::encode(&proven.update.uuid()),
        root: proven.update.root,
        previous: proven.update.previous,
        block: block(proven.update.block),
        proof: proven.append.into(),
    }
}

pub(crate) fn witness(witness: Witness) -> api::WitnessValue {
    match witness {
        Witness::Data(data) => api::WitnessValue::Data(data),
        Witness::StateProof(proof) => api::WitnessValue::StateProof {
            domain: *proof.domain.as_bytes(),
            number: proof.number,
            state_root: *proof.state_root.as_bytes(),
            payload: proof.payload,
            proof: proof.proof,
        },
    }
}

pub(crate) fn domain(domain: DomainSummary) -> api::DomainSummary {
    let DomainSummary {
        name,
        id,
        accepted,
        owner,
        latest,
        ..
    } = domain;
    api::DomainSummary {
        name: name.to_string(),
        domain: id,
        accepted,
        owner: owner.map(|owner| owner.to_string()),
        latest,
    }
}

pub(crate) const fn kind(kind: ProofKind) -> api::ProofKind {
    match kind {
        ProofKind::Execute => api::ProofKind::Execute,
        ProofKind::Core => api::ProofKind::Core,
        ProofKind::Compressed => api::ProofKind::Compressed,
        ProofKind::Groth16 => api::ProofKind::Groth16,
        ProofKind::Plonk => api::ProofKind::Plonk,
    }
}

pub(crate) const fn kind_back(kind: api::ProofKind) -> ProofKind {
    match kind {
        api::ProofKind::Execute => ProofKind::Execute,
        api::ProofKind::Core => ProofKind::Core,
        api::ProofKind::Compressed => ProofKind::Compressed,
        api::ProofKind::Groth16 => ProofKind::Groth16,
        api::ProofKind::Plonk => ProofKind::Plonk,
    }
}

pub(crate) const fn state(state: JobState) -> api::JobState {
    match state {
        JobState::Accepted => api::JobState::Accepted,
        JobState::Witness => api::JobState::Witness,
        JobState::Queued => api::JobState::Queued,
        JobState::Proving => api::JobState::Proving,
        JobState::Verifying => api::JobState::Verifying,
        JobState::Delivering => api::JobState::Delivering,
        JobState::Done => api::JobState::Done,
        JobState::Failed => api::JobState::Failed,
        JobState::Cancelled => api::JobState::Cancelled,
    }
}

pub(crate) const fn state_back(state: api::JobState) -> JobState {
    match state {
        api::JobState::Accepted => JobState::Accepted,
        api::JobState::Witness => JobState::Witness,
        api::JobState::Queued => JobState::Queued,
        api::JobState::Proving => JobState::Proving,
        api::JobState::Verifying => JobState::Verifying,
        api::JobState::Delivering => JobState::Delivering,
        api::JobState::Done => JobState::Done,
        api::JobState::Failed => JobState::Failed,
        api::JobState::Cancelled => JobState::Cancelled,
    }
}

pub(crate) fn worker(worker: WorkerState) -> api::ProverHealth {
    let WorkerState {
        name,
        public,
        health,
        running,
        queued,
        capacity,
    } = worker;
    let (state, retry_in, reason) = match health {
        WorkerHealth::Unknown => (api::ProverState::Unknown, None, None),
        WorkerHealth::Ready => (api::ProverState::Ready, None, None),
        WorkerHealth::SetAside { reason, seconds } => {
            // What the service's own network looks like from inside is not everybody's business.
            let reason = (!public).then_some(reason);
            (api::ProverState::SetAside, Some(seconds), reason)
        }
    };
    api::ProverHealth {
        address: name.to_string(),
        owned: !public,
        state,
        retry_in,
        reason,
        running,
        queued,
        proofs: capacity.proofs,
        executions: capacity.executions,
    }
}

/// A job without its proof.
pub(crate) fn job(job: Job) -> api::JobAnswer {
    api::JobAnswer {
        id: job.id.to_string(),
        circuit: job.circuit,
        kind: kind(job.kind),
        root: job.root,
        state: state(job.state),
        states: job
            .times
            .iter()
            .map(|time| api::StateChange {
                state: state(time.state),
                at: time.at.as_millis(),
            })
            .collect(),
        cycles: job.cycles,
        progress: job.progress.map(|progress| api::Progress {
            stage: progress.stage,
            text: progress.text,
        }),
        worker: job.worker,
        log: job.log,
        result: job.result.map(|result| api::JobResult {
            public_values: result.public_values.into(),
            proof: None,
            verifying_key: result.verifying_key.to_string(),
            proven: result.kind != ProofKind::Execute,
        }),
        failure: job.failure.map(|failure| api::Failure {
            code: failure.code,
            message: failure.message,
        }),
        deadline: job.deadline.map(Timestamp::as_millis),
        callback: job.callback.map(|callback| api::CallbackProgress {
            state: callback_state(callback.state),
            attempts: callback.attempts,
            next: callback.next.map(Timestamp::as_millis),
        }),
        reused: job.reused.map(|made_by| made_by.to_string()),
        trace: job.trace.map(|trace| trace.trace_id()),
        dev: job.trust == Trust::Dev,
    }
}

const fn callback_state(state: CallbackState) -> api::CallbackState {
    match state {
        CallbackState::Waiting => api::CallbackState::Waiting,
        CallbackState::Pending => api::CallbackState::Pending,
        CallbackState::Delivered => api::CallbackState::Delivered,
        CallbackState::Gone => api::CallbackState::Gone,
        CallbackState::GivenUp => api::CallbackState::GivenUp,
        CallbackState::NotSent => api::CallbackState::NotSent,
    }
}

/// A job with its proof.
pub(crate) fn job_with_proof(finished: Job, proof: JobProof) -> api::JobAnswer {
    let mut answer = job(finished);
    if let Some(result) = &mut answer.result {
        result.proof = Some(proof.bytes.into());
    }
    answer
}
