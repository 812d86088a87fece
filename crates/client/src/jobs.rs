//! Jobs: asking for a proof, and following it to its end.

use core::time::Duration;

use valence_coprocessor_api::{JobAnswer, JobPage, JobQuery, ProveAnswer, ProveRequest, paths};
use valence_coprocessor_protocol::{CircuitId, Root};

use crate::{Client, ClientError, JobEvents, request::Call};

/// How long to wait before a broken connection is tried again; times the number of failures in a row.
const RETRY_DELAY: Duration = Duration::from_millis(500);
/// After so many failures in a row the service is gone: a restart takes less.
const MAX_FAILURES: u32 = 8;

impl Client {
    /// Asks for a proof, at the newest root or a pinned one. The job is durable when this returns.
    pub async fn prove(
        &self,
        circuit: &CircuitId,
        root: Option<Root>,
        request: &ProveRequest,
    ) -> Result<ProveAnswer, ClientError> {
        Call::post(paths::PROVE, request)
            .circuit(circuit)
            .root(root)
            .send(self)
            .await
    }

    /// Jobs, newest first.
    pub async fn jobs(&self, query: &JobQuery) -> Result<JobPage, ClientError> {
        let pairs: Vec<_> = [
            ("circuit", query.circuit.clone()),
            ("state", query.state.map(state_text)),
            ("before", query.before.clone()),
            ("limit", query.limit.map(|limit| limit.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
        Call::get(paths::JOBS).query(&pairs).send(self).await
    }

    /// One job, with its proof once it has one.
    pub async fn job(&self, id: &str) -> Result<JobAnswer, ClientError> {
        Call::get(paths::with(paths::JOB, "id", id))
            .send(self)
            .await
    }

    /// Ends a job that has not ended.
    pub async fn cancel(&self, id: &str) -> Result<JobAnswer, ClientError> {
        Call::delete(paths::with(paths::JOB, "id", id))
            .send(self)
            .await
    }

    /// The changes of a job as they happen.
    pub async fn watch(&self, id: &str) -> Result<JobEvents, ClientError> {
        let path = paths::with(paths::JOB_EVENTS, "id", id);
        let response = Call::get(path).stream(self).await?;
        Ok(JobEvents::new(self.clone(), response))
    }

    /// Follows a job to its end and returns it with its proof; `changed` sees each state on the way. A connection that breaks,
    /// as when the service restarts, is made anew.
    pub async fn follow(
        &self,
        id: &str,
        mut changed: impl FnMut(&JobAnswer),
    ) -> Result<JobAnswer, ClientError> {
        let mut failures = 0;
        loop {
            let outcome = self.follow_once(id, &mut changed, &mut failures).await;
            match outcome {
                Ok(Some(job)) => return Ok(job),
                Err(error) if error.is_users_fault() || failures >= MAX_FAILURES => {
                    return Err(error);
                }
                // The stream may end early without an error, behind a proxy for one.
                Ok(None) | Err(_) => {
                    failures += 1;
                    tokio::time::sleep(RETRY_DELAY * failures).await;
                }
            }
        }
    }

    /// One connection's worth of following; `None` if it ended before the job did.
    async fn follow_once(
        &self,
        id: &str,
        changed: &mut impl FnMut(&JobAnswer),
        failures: &mut u32,
    ) -> Result<Option<JobAnswer>, ClientError> {
        let mut events = self.watch(id).await?;
        while let Some(job) = events.next().await? {
            *failures = 0;
            changed(&job);
            if job.state.is_final() {
                break;
            }
        }
        // Events come without the proof, and the last one may have been missed.
        let job = self.job(id).await?;
        Ok(job.state.is_final().then_some(job))
    }
}

fn state_text(state: valence_coprocessor_api::JobState) -> String {
    match serde_json::to_value(state) {
        Ok(serde_json::Value::String(text)) => text,
        _ => unreachable!("a state is written as one word"),
    }
}
