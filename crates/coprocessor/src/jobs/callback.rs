//! Callbacks: the outcome of a job, posted to the URL that its request named.
//!
//! It happens at least once and always under the job's id. How many attempts were made and when the next one is due is
//! part of the job's row, so that a restart goes on where it was. A callback that fails never changes the outcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::Interrupt;
use super::job::Job;
use super::queue::Jobs;
use super::runner::Runner;
use super::state::JobState;
use super::table::JobTable;
use crate::callbacks::{Callback, CallbackAnswer};
use crate::config::CallbackLimits;
use crate::{EngineConfig, EngineError, Timestamp};

/// Where the callback of a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    /// The job has no outcome yet.
    Waiting,
    /// The controller was told; the callback is due or being repeated.
    Pending,
    /// The receiver took it.
    Delivered,
    /// The receiver answered that it wants no more.
    Gone,
    /// Every attempt failed.
    GivenUp,
    /// The job was cancelled: there is nothing to tell.
    NotSent,
}

impl CallbackState {
    /// The word for it, as in every answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Gone => "gone",
            Self::GivenUp => "given_up",
            Self::NotSent => "not_sent",
        }
    }
}

/// The callback of a job. Its URL is kept with the request and shown to nobody, since it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCallback {
    /// Where it stands.
    pub state: CallbackState,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next attempt is due.
    pub next: Option<Timestamp>,
}

impl JobCallback {
    /// The callback of a job that was just accepted.
    pub(super) const fn new() -> Self {
        Self {
            state: CallbackState::Waiting,
            attempts: 0,
            next: None,
        }
    }

    fn end(&mut self, state: CallbackState) {
        self.state = state;
        self.next = None;
    }
}

/// Refuses a URL that is too long, or that would never be called.
pub(super) fn check_url(config: &EngineConfig, url: &str) -> Result<(), EngineError> {
    let limit = config.limits.callback.url_bytes;
    if url.len() > limit {
        return Err(EngineError::TooLarge {
            what: "the callback URL",
            size: url.len() as u64,
            limit: limit as u64,
        });
    }
    config.callbacks.check(url)
}

/// Counts the jobs that only wait for their callback, which are no burden on those that wait for a prover.
#[derive(Debug, Default)]
pub(super) struct CallingBack(AtomicUsize);

struct Counted(Arc<Jobs>);

impl CallingBack {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counted {
    fn new(jobs: &Arc<Jobs>) -> Self {
        jobs.calling_back.0.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(jobs))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.calling_back.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Runner {
    /// Whether the controller was told the outcome, and only the callback is left.
    pub(super) fn controller_was_told(&self) -> bool {
        self.job.state == JobState::Delivering
            && self
                .job
                .callback
                .is_some_and(|callback| callback.state != CallbackState::Waiting)
    }

    /// Calls back until the receiver has it, or the last attempt has failed.
    pub(super) async fn call_back(&mut self) -> Result<(), Interrupt> {
        let (Some(mut callback), Some(url)) = (self.job.callback, self.request.callback_url.take())
        else {
            return Ok(());
        };
        // What may be large is not kept in memory for the hours that this can take.
        (self.request.args, self.request.payload) = (Value::Null, Value::Null);
        let jobs = Arc::clone(&self.jobs);
        let _counted = Counted::new(&jobs);
        if callback.state == CallbackState::Waiting {
            callback.state = CallbackState::Pending;
            callback.next = Some(jobs.runtime.config.clock.now());
            self.job.callback = Some(callback);
            self.save(JobTable::save).await?;
        }
        while let Some(due) = callback.next {
            self.wait_for_attempt(due).await?;
            let answer = self.attempt_callback(&url).await?;
            self.note(&mut callback, answer);
            self.job.callback = Some(callback);
            self.save(JobTable::save).await?;
        }
        Ok(())
    }

    async fn wait_for_attempt(&self, due: Timestamp) -> Result<(), Interrupt> {
        let config = &self.jobs.runtime.config;
        // Whoever sets the clock back does not stop the callbacks.
        let longest = config.limits.callback.longest_pause.saturating_mul(2);
        let pause = due.since(config.clock.now()).min(longest);
        tokio::select! {
            biased;
            () = self.jobs.stopping.cancelled() => Err(Interrupt::Parked),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }

    async fn attempt_callback(&self, url: &str) -> Result<CallbackAnswer, Interrupt> {
        let config = &self.jobs.runtime.config;
        let proof = self.small_proof().map_err(Interrupt::NotStored)?;
        let callback = Callback {
            url,
            job: &self.job,
            proof: proof.as_deref(),
            at: config.clock.now(),
            key: &self.jobs.callback_key,
        };
        tokio::select! {
            answer = config.callbacks.send(callback) => Ok(answer),
            () = self.jobs.parking.cancelled() => Err(Interrupt::Parked),
        }
    }

    fn small_proof(&self) -> Result<Option<Vec<u8>>, EngineError> {
        let limit = self.jobs.runtime.config.limits.callback.proof_bytes as u64;
        match &self.job.result {
            Some(result) if result.proof_bytes <= limit => self.jobs.table.proof(&self.job.id),
            _ => Ok(None),
        }
    }

    fn note(&mut self, callback: &mut JobCallback, answer: CallbackAnswer) {
        let config = &self.jobs.runtime.config;
        let (now, log_limit) = (config.clock.now(), config.limits.job_log_bytes);
        let begun = self.job.entered(JobState::Delivering).unwrap_or(now);
        callback.attempts += 1;
        let attempt = callback.attempts;
        let outcome = match answer {
            CallbackAnswer::Taken => {
                callback.end(CallbackState::Delivered);
                "delivered"
            }
            CallbackAnswer::Gone => {
                callback.end(CallbackState::Gone);
                let line = "the callback is not repeated: the receiver answered 410".to_owned();
                self.job.add_log(line, log_limit);
                "gone"
            }
            CallbackAnswer::Failed { reason } => {
                callback.next =
                    next_attempt(&config.limits.callback, &self.job, attempt, begun, now);
                let line = if callback.next.is_none() {
                    callback.end(CallbackState::GivenUp);
                    format!("callback attempt {attempt} failed, and was the last: {reason}")
                } else {
                    format!("callback attempt {attempt} failed: {reason}")
                };
                self.job.add_log(line, log_limit);
                "failed"
            }
        };
        metrics::counter!("valence_callback_attempts_total", "outcome" => outcome).increment(1);
    }
}

/// When to try again; none if that was the last attempt.
fn next_attempt(
    limits: &CallbackLimits,
    job: &Job,
    attempts: u32,
    begun: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let next = now.plus(pause_after(limits, job, attempts));
    (attempts < limits.attempts && next <= begun.plus(limits.duration)).then_some(next)
}

/// Three times the pause before, between half and one and a half of it, so that the callbacks of many jobs to one
/// receiver part. The spread comes from the job's id, which nobody chooses.
fn pause_after(limits: &CallbackLimits, job: &Job, attempts: u32) -> Duration {
    let pause = limits
        .first_pause
        .saturating_mul(3_u32.saturating_pow(attempts.saturating_sub(1)))
        .min(limits.longest_pause);
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(job.id.as_bytes())
        .update(&attempts.to_le_bytes());
    let [spread, ..] = *hasher.finalize().as_bytes();
    pause / 2 + pause.saturating_mul(u32::from(spread)) / 256
}
