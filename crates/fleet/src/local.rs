//! `LocalWorker`: the zkVM on this machine as a worker like any other.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use valence_coprocessor_zkvm::{
    Capacity, Made, ProgressSender, ProofKind, ProveRequest, Work, Worker, WorkerError, WorkerName,
    WorkerStatus, Zkvm, ZkvmError,
};

/// The zkVM on this machine, called `here`.
#[derive(Clone, Debug)]
pub struct LocalWorker {
    name: WorkerName,
    zkvm: Arc<dyn Zkvm>,
    capacity: Capacity,
}

impl LocalWorker {
    /// A worker that does so much at once. The fleet does not end the zkVM, which is its owner's.
    pub fn new(zkvm: Arc<dyn Zkvm>, capacity: Capacity) -> Self {
        Self {
            name: WorkerName::here(),
            zkvm,
            capacity,
        }
    }
}

#[async_trait]
impl Worker for LocalWorker {
    fn name(&self) -> &WorkerName {
        &self.name
    }

    async fn status(&self) -> Result<WorkerStatus, WorkerError> {
        Ok(WorkerStatus {
            capacity: self.capacity,
            ..WorkerStatus::default()
        })
    }

    async fn run(
        &self,
        work: Work,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Made, WorkerError> {
        let Work {
            elf,
            input,
            kind,
            limits,
            ..
        } = work;
        if kind == ProofKind::Execute {
            let execution = tokio::select! {
                () = cancel.cancelled() => Err(ZkvmError::Cancelled),
                execution = self.zkvm.execute(elf, input, limits) => execution,
            };
            return execution.map(Made::Execution).map_err(WorkerError::Work);
        }
        let request = ProveRequest {
            elf,
            input,
            kind,
            limits,
        };
        let proof = self.zkvm.prove(request, progress, cancel).await;
        proof.map(Made::Proof).map_err(WorkerError::Work)
    }

    async fn shutdown(&self) {}
}
