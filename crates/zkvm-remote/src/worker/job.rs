//! One piece of work, from its place in the queue to its last event.

use core::{convert::Infallible, time::Duration};
use std::sync::Arc;

use tokio::{
    sync::mpsc,
    time::{Instant, interval_at, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tonic::Status;
use valence_coprocessor_zkvm::{
    Limits, Made, ProgressReceiver, ProgressSender, ProveRequest, Zkvm, ZkvmError,
};

use super::queue::{Slot, Waiting};
use crate::protocol::{Event, heartbeat_event, made_event, progress_event, queued_event};

/// How long the last event waits for a service that does not read: meanwhile the result takes memory that nobody counts.
const FAREWELL: Duration = Duration::from_mins(1);

/// One piece of work.
pub(super) struct Job {
    pub(super) zkvm: Arc<dyn Zkvm>,
    pub(super) request: ProveRequest,
    /// What the zkVM may take beyond the work's own limit.
    pub(super) start: Duration,
    pub(super) heartbeat: Duration,
    pub(super) events: mpsc::Sender<Result<Event, Status>>,
    /// The worker takes no more work: whoever waits goes elsewhere.
    pub(super) closing: CancellationToken,
    /// The worker ends: whatever runs is given up.
    pub(super) ending: CancellationToken,
}

impl Job {
    /// Works until the last event is sent, or the service is gone.
    pub(super) async fn run(self, waiting: Waiting) {
        let begun = Instant::now();
        let ended = tokio::select! {
            biased;
            () = self.events.closed() => None,
            () = self.ending.cancelled() => Some(Err(ZkvmError::ShutDown)),
            made = self.wait_and_work(waiting) => Some(made),
            never = self.beat() => match never {},
        };
        let outcome = match &ended {
            None => "cancelled".to_owned(),
            Some(Ok(_)) => "done".to_owned(),
            Some(Err(error)) => error.to_string(),
        };
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(kind = %self.request.kind, outcome, milliseconds, "work ended");
        if let Some(made) = ended {
            // A service that is gone, or that does not read, needs no answer.
            let told = self.events.send(Ok(made_event(made)));
            let _ = timeout(FAREWELL, told).await;
        }
    }

    async fn wait_and_work(&self, waiting: Waiting) -> Result<Made, ZkvmError> {
        let slot = tokio::select! {
            biased;
            () = self.closing.cancelled() => return Err(ZkvmError::ShutDown),
            slot = waiting.turn(|before| self.tell(queued_event(before))) => slot,
        };
        let (progress, news) = ProgressSender::channel();
        tokio::select! {
            biased;
            made = self.work(slot, progress) => made,
            never = self.forward(news) => match never {},
        }
    }

    /// Works in a task of its own, so that a panic in it is this work's failure alone. The task holds the slot: one that
    /// is given up frees it only when it is really gone.
    async fn work(&self, slot: Slot, progress: ProgressSender) -> Result<Made, ZkvmError> {
        let limit = self.request.limits.duration;
        let patience = limit.saturating_add(self.start);
        let work = make(Arc::clone(&self.zkvm), self.request.clone(), progress);
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            let _slot = slot;
            timeout(patience, work)
                .await
                .unwrap_or(Err(ZkvmError::Timeout { limit }))
        }));
        task.await.unwrap_or_else(|error| {
            let reason = match error.try_into_panic() {
                Ok(panic) => format!("the worker panicked: {}", panic_text(panic.as_ref())),
                Err(error) => error.to_string(),
            };
            tracing::error!(reason, "work failed in the worker itself");
            Err(ZkvmError::Failed { reason })
        })
    }

    /// Sends news that may be lost: a service that reads slowly misses some of it.
    fn tell(&self, event: Event) {
        let _ = self.events.try_send(Ok(event));
    }

    async fn forward(&self, mut news: ProgressReceiver) -> Infallible {
        while news.changed().await.is_ok() {
            let progress = news.borrow_and_update().clone();
            self.tell(progress_event(progress));
        }
        // The work has ended and says so itself.
        core::future::pending().await
    }

    async fn beat(&self) -> Infallible {
        let mut ticks = interval_at(Instant::now() + self.heartbeat, self.heartbeat);
        loop {
            ticks.tick().await;
            self.tell(heartbeat_event());
        }
    }
}

async fn make(
    zkvm: Arc<dyn Zkvm>,
    request: ProveRequest,
    progress: ProgressSender,
) -> Result<Made, ZkvmError> {
    let cancel = CancellationToken::new();
    // A zkVM hears of the end in both ways: its future is dropped and its token is cancelled.
    let _cancel = cancel.clone().drop_guard();
    zkvm.make(request, progress, cancel).await
}

fn panic_text(panic: &(dyn core::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// The smaller of what is asked for and what is allowed.
pub(super) fn bounded(asked: Limits, allowed: Limits) -> Limits {
    Limits {
        cycles: asked.cycles.min(allowed.cycles),
        duration: asked.duration.min(allowed.duration),
    }
}
