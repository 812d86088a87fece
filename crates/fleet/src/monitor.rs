//! `Monitor`: asks every worker now and then how it is, and those set aside when their pause is over.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use valence_coprocessor_zkvm::Worker;

use crate::shared::Shared;

/// Asks every worker now and then how it is.
#[derive(Debug)]
pub(crate) struct Monitor {
    shared: Arc<Shared>,
}

impl Monitor {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut questions = JoinSet::new();
        loop {
            let (due, next) = self.shared.take_due(Instant::now());
            for worker in due {
                questions.spawn(ask(Arc::clone(&self.shared), worker));
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.shared.changed.notified() => {}
                Some(_) = questions.join_next() => {}
                () = sleep_until(next) => {}
            }
        }
    }

    /// Runs it again should it die, since without it no worker would ever come back.
    pub(crate) async fn supervise(shared: Arc<Shared>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let monitor = Self::new(Arc::clone(&shared));
            if let Err(error) = tokio::spawn(monitor.run(stop.clone())).await {
                tracing::error!(target: "valence_coprocessor", %error, "the monitor of workers died and is started again");
                shared.forget_questions();
                tokio::time::sleep(shared.config.first_back_off).await;
            }
        }
    }
}

async fn ask(shared: Arc<Shared>, worker: Arc<dyn Worker>) {
    let name = worker.name().clone();
    let question = tokio::spawn(async move { worker.status().await });
    let limit = shared.config.check_timeout;
    match timeout(limit, question).await {
        Ok(Ok(Ok(status))) => shared.answered(&name, &status),
        Ok(Ok(Err(error))) => shared.did_not_answer(&name, error.to_string()),
        Ok(Err(error)) => shared.did_not_answer(&name, format!("its client died: {error}")),
        Err(_) => {
            let reason = format!("it does not say how it is within {} s", limit.as_secs());
            shared.did_not_answer(&name, reason);
        }
    }
}
