//! `Assignment`: a worker that is reserved for one piece of work, and how it does it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use valence_coprocessor_zkvm::{
    Made, NewsSender, Progress, ProgressSender, ProofKind, Stage, Work, WorkNews, Worker,
    WorkerError, WorkerName, ZkvmError,
};

use crate::shared::Shared;

/// A worker that is reserved for one piece of work, until this is dropped.
#[derive(Debug)]
pub(crate) struct Assignment {
    shared: Arc<Shared>,
    worker: Arc<dyn Worker>,
    kind: ProofKind,
}

/// How the work ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) answer: Result<Made, WorkerError>,
    /// Whether the worker had begun with it.
    pub(crate) begun: bool,
}

impl Assignment {
    pub(crate) const fn new(shared: Arc<Shared>, worker: Arc<dyn Worker>, kind: ProofKind) -> Self {
        Self {
            shared,
            worker,
            kind,
        }
    }

    pub(crate) fn name(&self) -> &WorkerName {
        self.worker.name()
    }

    /// Has the worker do the work. A worker that is silent beyond the work's time limit is lost.
    pub(crate) async fn work(
        &self,
        work: &Work,
        news: &NewsSender,
        cancel: &CancellationToken,
    ) -> Ended {
        let allowed = work
            .limits
            .duration
            .saturating_add(self.shared.config.margin);
        let (sender, mut progress) = ProgressSender::channel();
        self.tell(
            news,
            Progress {
                stage: Stage::Queued,
                text: "a worker has it".to_owned(),
            },
        );
        let stop = cancel.child_token();
        // Whoever drops this future stops the work.
        let _stops = stop.clone().drop_guard();
        let running = self.worker.run(work.clone(), sender, stop);
        tokio::pin!(running);
        let (mut begun, mut talks) = (false, true);
        let mut deadline = after(allowed);
        loop {
            tokio::select! {
                biased;
                answer = &mut running => {
                    // The answer may have overtaken the word that it began.
                    let begun = begun || progress.borrow().stage > Stage::Starting;
                    return Ended { answer, begun };
                }
                () = cancel.cancelled() => {
                    let stopped = timeout(self.shared.config.stop_timeout, &mut running).await;
                    let answer = stopped.unwrap_or(Err(WorkerError::Work(ZkvmError::Cancelled)));
                    return Ended { answer, begun };
                }
                changed = progress.changed(), if talks => {
                    talks = changed.is_ok();
                    let newest = progress.borrow_and_update().clone();
                    // The time that it waits at the worker is not the work's.
                    if !begun && newest.stage > Stage::Starting {
                        (begun, deadline) = (true, after(allowed));
                    }
                    if talks {
                        self.tell(news, newest);
                    }
                }
                () = sleep_until(deadline) => {
                    let reason = format!("it gave no answer within {} s", allowed.as_secs());
                    return Ended { answer: Err(WorkerError::Lost { reason }), begun: true };
                }
            }
        }
    }

    fn tell(&self, news: &NewsSender, progress: Progress) {
        news.send(WorkNews {
            worker: Some(self.name().clone()),
            progress,
        });
    }
}

impl Drop for Assignment {
    fn drop(&mut self) {
        self.shared.end(self.worker.name(), self.kind);
    }
}

/// So long from now; limits may be longer than time goes.
fn after(pause: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);
    Instant::now() + pause.min(CENTURY)
}
