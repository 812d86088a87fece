//! The engine's side of circuits at work: calls of their controllers, and proofs.

use std::sync::Arc;

use tokio::sync::watch;
use valence_coprocessor_protocol::{CircuitId, Root};
use valence_coprocessor_wasm::{Export, Outcome};

use super::{Engine, run_to_end};
use crate::arguments::check_arguments;
use crate::witness::OpenedWitnesses;
use crate::{
    Caller, EngineError, EntrypointAnswer, Job, JobFilter, JobId, JobProof, ProofRequest,
    WitnessReport,
};

impl Engine {
    /// The witnesses that a circuit's controller gives for some arguments, opened at a root (the current one if none
    /// is named).
    pub async fn witnesses(
        &self,
        circuit: CircuitId,
        root: Option<Root>,
        args: &[u8],
    ) -> Result<WitnessReport, EngineError> {
        let root = self.runtime.history.resolve(root)?;
        let opened = OpenedWitnesses::compute(&self.runtime, circuit, root, args.to_vec()).await?;
        Ok(opened.into_report(&self.runtime))
    }

    /// Calls a circuit's controller with JSON of the caller's, which must not look like a delivery of the service.
    pub async fn entrypoint(
        &self,
        circuit: CircuitId,
        args: &[u8],
    ) -> Result<EntrypointAnswer, EngineError> {
        check_arguments(args)?;
        let (export, root) = (Export::Entrypoint, self.root()?);
        let called = self
            .runtime
            .call_circuit(circuit, export, args.to_vec(), root)
            .await?;
        let Outcome { ret, log } = called;
        Ok(EntrypointAnswer { ret, log })
    }

    /// Accepts a request for a proof. When this returns, the job is stored; a repeat of a request gives the same job.
    pub async fn prove(&self, caller: &Caller, request: ProofRequest) -> Result<Job, EngineError> {
        // Told here, because what runs to its end is a task of its own.
        let trace = valence_coprocessor_telemetry::current();
        run_to_end(Arc::clone(&self.jobs).accept(*caller, request, trace)).await
    }

    /// A job.
    pub fn job(&self, id: &JobId) -> Result<Job, EngineError> {
        self.jobs.job(id)
    }

    /// Jobs, newest first.
    pub fn jobs(&self, filter: &JobFilter) -> Result<Vec<Job>, EngineError> {
        self.jobs.jobs(filter)
    }

    /// A job as it changes. The channel closes after the state in which the job ends.
    pub fn watch(&self, id: &JobId) -> Result<watch::Receiver<Job>, EngineError> {
        self.jobs.watch(id)
    }

    /// The proof that a job made.
    pub fn proof(&self, id: &JobId) -> Result<JobProof, EngineError> {
        let (job, bytes) = self.jobs.proof(id)?;
        let result = job.result.ok_or(EngineError::NoProof {
            id: *id,
            state: job.state,
        })?;
        Ok(JobProof {
            kind: result.kind,
            circuit: job.circuit,
            verifying_key: result.verifying_key,
            public_values: result.public_values,
            bytes,
        })
    }

    /// Cancels a job, and returns it once it is cancelled.
    pub async fn cancel(&self, caller: &Caller, id: &JobId) -> Result<Job, EngineError> {
        self.jobs.cancel(caller, id).await
    }
}
