//! `ScriptedWorker`: a worker that does as it is told, and can be lost.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;
use valence_coprocessor_zkvm::{
    CancellationToken, Capacity, Made, Progress, ProgressSender, Stage, Work, Worker, WorkerError,
    WorkerName, WorkerStatus, Zkvm, ZkvmError,
};

use crate::{Gate, ScriptedZkvm};

/// A worker that does as it is told. Without a script it is honest.
#[derive(Debug)]
pub struct ScriptedWorker {
    name: WorkerName,
    zkvm: ScriptedZkvm,
    status: Mutex<WorkerStatus>,
    answers: Mutex<VecDeque<Result<Made, WorkerError>>>,
    gate: Gate,
    reachable: watch::Sender<bool>,
    given: watch::Sender<Vec<Work>>,
}

impl ScriptedWorker {
    /// A worker that does one proof and one execution at a time, as `zkvm` does them.
    pub fn new(name: &str, zkvm: ScriptedZkvm) -> Self {
        let capacity = Capacity {
            proofs: 1,
            executions: 1,
        };
        Self {
            name: WorkerName(name.to_owned()),
            zkvm,
            status: Mutex::new(WorkerStatus {
                capacity,
                ..WorkerStatus::default()
            }),
            answers: Mutex::default(),
            gate: Gate::open(),
            reachable: watch::Sender::new(true),
            given: watch::Sender::default(),
        }
    }

    /// The same with so much work at once, of either kind.
    #[must_use]
    pub fn with_capacity(self, at_once: u64) -> Self {
        self.status_mut().capacity = Capacity {
            proofs: at_once,
            executions: at_once,
        };
        self
    }

    /// Makes all work wait for [`Gate::pass`] on [`Self::gate`].
    #[must_use]
    pub fn with_closed_gate(self) -> Self {
        Self {
            gate: Gate::closed(),
            ..self
        }
    }

    /// The gate at which work waits.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Says from now on that so much work waits there.
    pub fn set_queued(&self, queued: u64) {
        self.status_mut().queued = queued;
    }

    /// Answers the next work that has no script yet with `answer`, once it is through the gate.
    pub fn script(&self, answer: Result<Made, WorkerError>) {
        lock(&self.answers).push_back(answer);
    }

    /// Breaks off everything, and cannot be reached any more.
    pub fn lose(&self) {
        self.reachable.send_replace(false);
    }

    /// Can be reached again.
    pub fn come_back(&self) {
        self.reachable.send_replace(true);
    }

    /// The work that it was given so far.
    pub fn given(&self) -> Vec<Work> {
        self.given.borrow().clone()
    }

    /// Waits until it was given so much work.
    ///
    /// # Panics
    ///
    /// Never: what is waited for lives as long as the worker.
    pub async fn wait_for_given(&self, count: usize) {
        let mut given = self.given.subscribe();
        let enough = given.wait_for(|given| given.len() >= count).await;
        assert!(enough.is_ok(), "the worker lives as long as this borrow");
    }

    /// The worker as the port has it; the test keeps it too.
    pub fn as_port(self: &Arc<Self>) -> Arc<dyn Worker> {
        Arc::clone(self) as _
    }

    fn status_mut(&self) -> MutexGuard<'_, WorkerStatus> {
        lock(&self.status)
    }

    async fn honest(
        &self,
        work: Work,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Made, WorkerError> {
        let made = self.zkvm.make(work.into_request(), progress, cancel).await;
        made.map_err(WorkerError::Work)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lost() -> WorkerError {
    WorkerError::Lost {
        reason: "the line is cut".to_owned(),
    }
}

#[async_trait]
impl Worker for ScriptedWorker {
    fn name(&self) -> &WorkerName {
        &self.name
    }

    async fn status(&self) -> Result<WorkerStatus, WorkerError> {
        if *self.reachable.borrow() {
            Ok(*self.status_mut())
        } else {
            Err(lost())
        }
    }

    async fn run(
        &self,
        work: Work,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Made, WorkerError> {
        let mut reachable = self.reachable.subscribe();
        if !*reachable.borrow_and_update() {
            return Err(lost());
        }
        progress.send(Progress {
            stage: Stage::Proving,
            text: "proving".to_owned(),
        });
        self.given.send_modify(|given| given.push(work.clone()));
        tokio::select! {
            () = cancel.cancelled() => {
                return Err(WorkerError::Work(ZkvmError::Cancelled));
            }
            _ = reachable.wait_for(|reachable| !reachable) => return Err(lost()),
            () = self.gate.wait() => {}
        }
        let scripted = lock(&self.answers).pop_front();
        match scripted {
            Some(answer) => answer,
            None => self.honest(work, progress, cancel).await,
        }
    }

    async fn shutdown(&self) {
        self.lose();
    }
}
