//! `RemoteWorker` behind the port to one worker, for whoever chooses between workers.

use async_trait::async_trait;
use valence_coprocessor_zkvm::{
    CancellationToken, Capacity, Made, ProgressSender, ProofKind, Work, Worker, WorkerError,
    WorkerName, WorkerStatus as StatusOfPort,
};

use super::{RemoteError, RemoteWorker, WorkerStatus, error::with_causes};

#[async_trait]
impl Worker for RemoteWorker {
    fn name(&self) -> &WorkerName {
        self.name()
    }

    async fn status(&self) -> Result<StatusOfPort, WorkerError> {
        let status = self.status().await.map_err(of_remote)?;
        Ok(StatusOfPort {
            running: status.running,
            queued: status.queued,
            capacity: capacity(&status),
        })
    }

    async fn run(
        &self,
        work: Work,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Made, WorkerError> {
        self.run(&work, &progress, &cancel).await.map_err(of_remote)
    }

    async fn shutdown(&self) {
        self.let_go();
    }
}

/// A worker has one queue for runs and proofs. It is sent as many of each as run there at once, so that its slots are
/// full whichever kind comes; what is too much waits there for moments only, since runs are short.
fn capacity(status: &WorkerStatus) -> Capacity {
    let proves = ProofKind::ALL
        .iter()
        .any(|&kind| kind != ProofKind::Execute && status.can(kind));
    Capacity {
        proofs: if proves { status.capacity } else { 0 },
        executions: if status.can(ProofKind::Execute) {
            status.capacity
        } else {
            0
        },
    }
}

fn of_remote(error: RemoteError) -> WorkerError {
    match error {
        RemoteError::Unreachable(_) | RemoteError::Lost { .. } => WorkerError::Lost {
            reason: with_causes(&error.to_string(), &error),
        },
        RemoteError::Refused { reason, .. } => WorkerError::Busy { reason },
        RemoteError::Work(error) => WorkerError::Work(error),
    }
}

#[cfg(test)]
mod tests {
    use valence_coprocessor_zkvm::{Capacity, ProofKind};

    use super::{WorkerStatus, capacity};
    use crate::{KindStatus, Missing};

    fn status(can: &[ProofKind]) -> WorkerStatus {
        let missing = |kind: &ProofKind| {
            (!can.contains(kind)).then(|| Missing {
                what: "it".to_owned(),
                hint: String::new(),
            })
        };
        WorkerStatus {
            capacity: 3,
            running: 0,
            queued: 0,
            queue: 1,
            backend: String::new(),
            version: String::new(),
            kinds: ProofKind::ALL
                .iter()
                .map(|kind| KindStatus {
                    kind: *kind,
                    missing: missing(kind),
                })
                .collect(),
        }
    }

    #[test]
    fn a_worker_is_sent_only_what_it_says_it_can_do() {
        let all = |proofs, executions| Capacity { proofs, executions };
        assert_eq!(capacity(&status(&[ProofKind::Execute])), all(0, 3));
        assert_eq!(capacity(&status(&[ProofKind::Groth16])), all(3, 0));
        assert_eq!(capacity(&status(&[])), all(0, 0));
        let both = [ProofKind::Execute, ProofKind::Core];
        assert_eq!(capacity(&status(&both)), all(3, 3));
    }
}
