//! The port to one worker: what a scheduler knows of whoever does the work.

use core::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{Made, ProgressSender, ProofKind, Work, WorkerName, ZkvmError};

/// Why a worker gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    /// It cannot be reached, or broke off: what it had is done elsewhere, and nobody's try is used up.
    #[error("the worker cannot be reached: {reason}")]
    Lost {
        /// What went wrong.
        reason: String,
    },
    /// It is well, and takes no more work now.
    #[error("the worker takes no more work now: {reason}")]
    Busy {
        /// What it says.
        reason: String,
    },
    /// The work failed there.
    #[error(transparent)]
    Work(ZkvmError),
}

/// Work that may run at a worker at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// Proofs.
    pub proofs: u64,
    /// Runs of circuits ([`ProofKind::Execute`]), besides the proofs.
    pub executions: u64,
}

impl Capacity {
    /// The capacity for work of this kind.
    pub const fn of(self, kind: ProofKind) -> u64 {
        match kind {
            ProofKind::Execute => self.executions,
            _ => self.proofs,
        }
    }
}

/// What a worker says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerStatus {
    /// Work that runs there, whoever sent it.
    pub running: u64,
    /// Work that waits there, whoever sent it.
    pub queued: u64,
    /// Work that may run there at once.
    pub capacity: Capacity,
}

/// One worker.
///
/// Nothing that it answers is believed, see [`Provers`](crate::Provers).
#[async_trait]
pub trait Worker: Send + Sync + Debug {
    /// How it is called.
    fn name(&self) -> &WorkerName;

    /// Asks it how it is. Whoever calls sets the time that it has for an answer.
    async fn status(&self) -> Result<WorkerStatus, WorkerError>;

    /// Has it do the work, within the work's limits. Dropping the future, like `cancel`, stops the work.
    async fn run(
        &self,
        work: Work,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Made, WorkerError>;

    /// Lets go of it; later calls fail.
    async fn shutdown(&self);
}
