//! `Fleet`: the workers of a service behind the port to whoever does work.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use valence_coprocessor_zkvm::{
    Delivered, Made, NewsSender, Progress, Provers, Stage, Undelivered, Work, WorkNews, Worker,
    WorkerError, WorkerName, WorkerState, ZkvmError,
};

use crate::FleetConfig;
use crate::assignment::{Assignment, Ended};
use crate::monitor::Monitor;
use crate::roster::{Prospect, Ticket, Wish};
use crate::shared::Shared;

/// Makes the client of a worker that a caller brought along. It does not wait for the worker.
///
/// The name is whatever the caller said. Whoever makes a connection must permit only addresses that callers may reach, and
/// judge the very address that is connected to.
pub type Connector = Arc<dyn Fn(&WorkerName) -> Result<Arc<dyn Worker>, WorkerError> + Send + Sync>;

/// The workers of a service.
pub struct Fleet {
    shared: Arc<Shared>,
    connector: Option<Connector>,
    _monitor: DropGuard,
}

impl fmt::Debug for Fleet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Fleet")
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

impl Fleet {
    /// Starts with these public workers. Without a connector, callers' own workers are not used.
    ///
    /// Must be called within a tokio runtime, in which the monitor of the workers runs until the fleet is dropped or
    /// shut down.
    pub fn start(
        config: FleetConfig,
        public: Vec<Arc<dyn Worker>>,
        connector: Option<Connector>,
    ) -> Self {
        let shared = Arc::new(Shared::new(config, public));
        let stop = shared.closed.clone();
        tokio::spawn(Monitor::supervise(Arc::clone(&shared), stop.clone()));
        Self {
            shared,
            connector,
            _monitor: stop.drop_guard(),
        }
    }

    /// Waits in the queue until a worker is free.
    async fn wait(
        &self,
        ticket: Ticket,
        work: &Work,
        news: &NewsSender,
        cancel: &CancellationToken,
    ) -> Result<Assignment, ZkvmError> {
        let wish = Wish::of(work);
        let Some((_place, mut answer)) = self.shared.enqueue(ticket, wish.clone()) else {
            return Err(queue_full(self.shared.config.queue));
        };
        if let Ok(assignment) = answer.try_recv() {
            return Ok(assignment);
        }
        let mut unseen_since = None;
        loop {
            let prospect = self.shared.prospect(ticket, &wish);
            let now = Instant::now();
            let since = *unseen_since.get_or_insert(now);
            if prospect.in_sight > 0 {
                unseen_since = None;
            } else if now.duration_since(since) >= work.limits.duration {
                return Err(out_of_sight(prospect, work.limits.duration));
            }
            news.send(WorkNews {
                worker: None,
                progress: Progress {
                    stage: Stage::Queued,
                    text: describe(prospect),
                },
            });
            let left = work
                .limits
                .duration
                .saturating_sub(now.duration_since(since));
            let pause = self.shared.config.news_interval.min(left);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(ZkvmError::Cancelled),
                () = self.shared.closed.cancelled() => return Err(ZkvmError::ShutDown),
                assignment = &mut answer => return assignment.map_err(|_| ZkvmError::ShutDown),
                () = sleep(pause.max(Duration::from_millis(1))) => {}
            }
        }
    }

    /// Has a worker do the work; none if another must be found.
    async fn attempt(
        &self,
        assignment: Assignment,
        work: &Work,
        losses: &mut u32,
        news: &NewsSender,
        cancel: &CancellationToken,
    ) -> Option<Result<Made, ZkvmError>> {
        let name = assignment.name().clone();
        let Ended { answer, begun } = tokio::select! {
            ended = assignment.work(work, news, cancel) => ended,
            () = self.shared.closed.cancelled() => return Some(Err(ZkvmError::ShutDown)),
        };
        let reason = match answer {
            Ok(made) => {
                self.shared.proved_itself(&name);
                return Some(Ok(made));
            }
            Err(WorkerError::Work(error)) if !gave_up(&error, cancel) => {
                self.shared.proved_itself(&name);
                return Some(Err(error));
            }
            Err(WorkerError::Busy { reason }) => {
                self.shared.was_busy(&name, reason);
                return None;
            }
            Err(WorkerError::Work(error)) => error.to_string(),
            Err(WorkerError::Lost { reason }) => reason,
        };
        self.shared.was_lost(&name, reason.clone());
        *losses += u32::from(begun);
        if *losses < self.shared.config.losses {
            return None;
        }
        Some(Err(ZkvmError::ProverDied {
            reason: format!(
                "{losses} workers were lost while they were at it; the last one: {reason}"
            ),
        }))
    }
}

#[async_trait]
impl Provers for Fleet {
    async fn run(
        &self,
        work: Work,
        news: NewsSender,
        cancel: CancellationToken,
    ) -> Result<Delivered, Undelivered> {
        if let Some(connector) = &self.connector {
            self.shared.add_owned(&work.own, |name| connector(name));
        }
        let ticket = self.shared.ticket(work.priority);
        let mut losses = 0;
        loop {
            let nobody = |error| Undelivered {
                worker: None,
                error,
            };
            if self.shared.closed.is_cancelled() {
                return Err(nobody(ZkvmError::ShutDown));
            }
            if cancel.is_cancelled() {
                return Err(nobody(ZkvmError::Cancelled));
            }
            let assignment = self
                .wait(ticket, &work, &news, &cancel)
                .await
                .map_err(nobody)?;
            let worker = assignment.name().clone();
            let ended = self
                .attempt(assignment, &work, &mut losses, &news, &cancel)
                .await;
            match ended {
                Some(Ok(made)) => return Ok(Delivered { worker, made }),
                Some(Err(error)) => {
                    let worker = Some(worker);
                    return Err(Undelivered { worker, error });
                }
                None => {}
            }
        }
    }

    fn report_wrong(&self, worker: &WorkerName) {
        self.shared.was_wrong(worker);
    }

    fn workers(&self) -> Vec<WorkerState> {
        self.shared.states()
    }

    async fn shutdown(&self) {
        self.shared.closed.cancel();
        for worker in self.shared.workers() {
            worker.shutdown().await;
        }
    }
}

/// Whether the worker broke off by itself, which says nothing about the work.
fn gave_up(error: &ZkvmError, cancel: &CancellationToken) -> bool {
    match error {
        ZkvmError::ShutDown => true,
        ZkvmError::Cancelled => !cancel.is_cancelled(),
        _ => false,
    }
}

fn describe(prospect: Prospect) -> String {
    let Prospect {
        workers,
        ready,
        ahead,
        ..
    } = prospect;
    match (workers, ready) {
        (0, _) => "there is no worker".to_owned(),
        (_, 0) => format!("none of {workers} workers can be reached"),
        _ => format!("waits for a worker: {ready} of {workers} take work, {ahead} come before"),
    }
}

fn queue_full(limit: usize) -> ZkvmError {
    ZkvmError::Unavailable {
        what: format!("a place in the queue of {limit}"),
        hint: "try again later, or add workers".to_owned(),
    }
}

fn out_of_sight(prospect: Prospect, limit: Duration) -> ZkvmError {
    let (workers, seconds) = (prospect.workers, limit.as_secs());
    ZkvmError::Unavailable {
        what: format!("a worker (none of {workers} could be reached for {seconds} s)"),
        hint: "start a worker, and see the service's log for why the others are set aside"
            .to_owned(),
    }
}
