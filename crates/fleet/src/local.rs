//! `LocalWorker`: the zkVM on this machine as a worker like any other.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use valence_coprocessor_zkvm::{
    Capacity, Made, ProgressSender, Work, Worker, WorkerError, WorkerName, WorkerStatus, Zkvm,
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
        let made = self.zkvm.make(work.into_request(), progress, cancel).await;
        made.map_err(WorkerError::Work)
    }

    async fn shutdown(&self) {}
}
