//! The port through which work reaches whoever does it: this machine, or workers elsewhere.

use core::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Capacity, Execution, Limits, Progress, Proof, ProofKind, ProveRequest, ZkvmError};

/// How a worker is called: its URL as it was configured, or [`WorkerName::HERE`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerName(pub String);

impl WorkerName {
    /// The service's own machine.
    pub const HERE: &str = "here";

    /// The service's own machine.
    pub fn here() -> Self {
        Self(Self::HERE.to_owned())
    }
}

impl core::fmt::Display for WorkerName {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What waits first when workers are busy.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// After everything else.
    Low,
    /// Where nothing is said.
    #[default]
    Normal,
    /// Before everything else.
    High,
}

/// A run or a proof for one worker.
#[derive(Clone, Debug)]
pub struct Work {
    /// The circuit.
    pub elf: Arc<[u8]>,
    /// What the circuit reads.
    pub input: Arc<[u8]>,
    /// [`ProofKind::Execute`] for a run, any other for a proof.
    pub kind: ProofKind,
    /// What it may cost.
    pub limits: Limits,
    /// What it waits for.
    pub priority: Priority,
    /// Workers of who asked. They are tried first, the public ones when none of these can work.
    pub own: Vec<WorkerName>,
    /// Workers that gave a wrong result for the same work: tried only if there is no other.
    pub avoid: Vec<WorkerName>,
}

impl Work {
    /// What it asks of a zkVM.
    pub fn into_request(self) -> ProveRequest {
        ProveRequest {
            elf: self.elf,
            input: self.input,
            kind: self.kind,
            limits: self.limits,
        }
    }
}

/// What a worker made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// Of a run.
    Execution(Execution),
    /// Of a proof, not yet verified.
    Proof(Proof),
}

/// A result with the name of who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The worker.
    pub worker: WorkerName,
    /// What it made.
    pub made: Made,
}

/// Why no result was delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Undelivered {
    /// Who said so; none if no worker had the work.
    pub worker: Option<WorkerName>,
    /// What went wrong.
    pub error: ZkvmError,
}

/// The latest news of a piece of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkNews {
    /// Who has it; none while it waits for a worker.
    pub worker: Option<WorkerName>,
    /// How far it is. A stage of `queued` without a worker says why it waits.
    pub progress: Progress,
}

/// Where [`NewsSender`] sends to; holds the newest news only.
pub type NewsReceiver = watch::Receiver<WorkNews>;

/// Sends news of work; losing them is harmless, so sending never fails and never waits.
#[derive(Clone, Debug)]
pub struct NewsSender(watch::Sender<WorkNews>);

impl NewsSender {
    /// A sender and its receiver.
    pub fn channel() -> (Self, NewsReceiver) {
        let (sender, receiver) = watch::channel(WorkNews::default());
        (Self(sender), receiver)
    }

    /// Makes `news` the newest, unless nothing changed.
    pub fn send(&self, news: WorkNews) {
        self.0.send_if_modified(|newest| {
            let changed = *newest != news;
            *newest = news;
            changed
        });
    }
}

/// How a worker is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum WorkerHealth {
    /// It takes work.
    Ready,
    /// It was not asked yet.
    Unknown,
    /// It failed, and is left alone for a while.
    SetAside {
        /// What went wrong last.
        reason: String,
        /// Seconds until it is tried again.
        seconds: u64,
    },
}

/// A worker as the scheduler sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerState {
    /// The worker.
    pub name: WorkerName,
    /// Whether it serves everybody; if not, those who brought it along.
    pub public: bool,
    /// How it is.
    pub health: WorkerHealth,
    /// Work of this service that it has now.
    pub running: u64,
    /// Work that waits at the worker, whoever sent it, as it last said.
    pub queued: u64,
    /// Work that may run there at once.
    pub capacity: Capacity,
}

/// Whoever does work.
///
/// Nothing that a worker answers is believed: the caller verifies proofs and compares public values. An error of a worker
/// is its word too.
#[async_trait]
pub trait Provers: Send + Sync + Debug {
    /// Has one worker do the work. A worker that dies or cannot be reached is replaced by another, without using up a
    /// try of the caller; an error that the work itself causes (a panic of the circuit, a limit) is returned at once.
    async fn run(
        &self,
        work: Work,
        news: NewsSender,
        cancel: CancellationToken,
    ) -> Result<Delivered, Undelivered>;

    /// The caller found a result of this worker to be wrong: it is set aside for long.
    fn report_wrong(&self, worker: &WorkerName);

    /// Every public worker, and the owned ones that worked lately.
    fn workers(&self) -> Vec<WorkerState>;

    /// Lets go of all workers; later calls fail with [`ZkvmError::ShutDown`].
    async fn shutdown(&self);
}
