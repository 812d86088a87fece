//! The proving part of a job: whatever a worker returns is believed only after it was verified here.

use std::sync::Arc;

use valence_coprocessor_zkvm::{Delivered, Made, Proof, Undelivered, WorkerName, ZkvmError};

use super::execute::contradicts_a_run;
use super::failure::{Interrupt, of_zkvm};
use super::runner::{Runner, Work};
use super::state::JobState;

/// Whether another attempt at the same proof may go better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeat {
    /// It would end the same.
    Never,
    /// On another worker, which may be larger, or honest. That the first one could not is no attempt.
    Elsewhere,
    /// Anywhere, best on another worker.
    Anywhere,
}

impl Runner {
    /// Makes a proof whose public values are the executed ones, and verifies it under the circuit's own key.
    pub(super) async fn prove(
        &mut self,
        work: &Work,
        executed: &[u8],
    ) -> Result<Vec<u8>, Interrupt> {
        let limits = self.jobs.runtime.config.limits.clone();
        let attempts = limits.proof_attempts.max(1);
        self.progress("queued", "waits for a worker");
        let (mut failed, mut avoid) = (0, Vec::new());
        loop {
            let Undelivered { worker, error } = match self.attempt(work, executed, &avoid).await? {
                Ok(proof) => return Ok(proof.bytes),
                Err(undelivered) => undelivered,
            };
            if worker
                .as_ref()
                .is_some_and(|worker| !avoid.contains(worker))
            {
                avoid.extend(worker);
            }
            let again = match repeat(&error) {
                Repeat::Never => false,
                Repeat::Elsewhere => self.is_there_another(&avoid)?,
                Repeat::Anywhere => {
                    failed += 1;
                    failed < attempts
                }
            };
            if !again {
                return Err(of_zkvm(&error));
            }
            let place = self.job.worker.as_deref().unwrap_or("no worker");
            let line = match repeat(&error) {
                Repeat::Anywhere => {
                    format!("attempt {failed} of {attempts} failed on worker `{place}`: {error}")
                }
                _ => format!("worker `{place}` cannot do it: {error}"),
            };
            tracing::warn!(target: "valence_coprocessor", failed, worker = place, %error, "proof failed, trying again");
            self.job.add_log(line, limits.job_log_bytes);
            if self.job.state != JobState::Queued {
                self.enter(JobState::Queued).await?;
            }
        }
    }

    async fn attempt(
        &mut self,
        work: &Work,
        executed: &[u8],
        avoid: &[WorkerName],
    ) -> Result<Result<Proof, Undelivered>, Interrupt> {
        let Delivered { worker, made } = match self.ask(work, avoid).await? {
            Ok(delivered) => delivered,
            Err(undelivered) => {
                self.blame(
                    undelivered.worker.as_ref(),
                    contradicts_a_run(&undelivered.error),
                );
                return Ok(Err(undelivered));
            }
        };
        if self.job.state == JobState::Queued {
            // It was so quick that nobody saw it begin.
            let worker = self.job.worker.take();
            self.enter(JobState::Proving).await?;
            self.job.worker = worker;
        }
        self.enter(JobState::Verifying).await?;
        match self.check(work, executed, made).await {
            Ok(proof) => Ok(Ok(proof)),
            Err(error) => {
                self.blame(Some(&worker), is_wrong(&error));
                let worker = Some(worker);
                Ok(Err(Undelivered { worker, error }))
            }
        }
    }

    fn blame(&self, worker: Option<&WorkerName>, wrong: bool) {
        if let (Some(worker), true) = (worker, wrong) {
            self.jobs.provers.report_wrong(worker);
        }
    }

    fn is_there_another(&self, avoid: &[WorkerName]) -> Result<bool, Interrupt> {
        let own = self.own_workers()?;
        let workers = self.jobs.provers.workers();
        Ok(workers.iter().any(|worker| {
            (worker.public || own.contains(&worker.name)) && !avoid.contains(&worker.name)
        }))
    }

    async fn check(&self, work: &Work, executed: &[u8], made: Made) -> Result<Proof, ZkvmError> {
        let kind = self.job.kind;
        let refuse = |reason: &str| {
            Err(ZkvmError::InvalidProof {
                kind,
                reason: reason.to_owned(),
            })
        };
        let Made::Proof(proof) = made else {
            return refuse("the worker ran the circuit and proved nothing");
        };
        if proof.kind != kind {
            return refuse("the worker made another kind of proof");
        }
        if proof.public_values != executed {
            return refuse("its public values are not those of the execution");
        }
        let zkvm = Arc::clone(&self.jobs.zkvm);
        zkvm.verify(&work.key, &proof).await?;
        Ok(proof)
    }
}

/// Whether a proof that was refused for this reason can only come from a worker that lies or is broken.
const fn is_wrong(error: &ZkvmError) -> bool {
    matches!(
        error,
        ZkvmError::InvalidProof { .. }
            | ZkvmError::OtherVerifyingKey { .. }
            | ZkvmError::ExitCode { .. }
    )
}

const fn repeat(error: &ZkvmError) -> Repeat {
    match error {
        ZkvmError::ProverDied { .. } | ZkvmError::Failed { .. } => Repeat::Anywhere,
        error if is_wrong(error) => Repeat::Anywhere,
        // What one worker says of its own limits, or of a proof that only it made, is no reason for the job to fail.
        ZkvmError::OutOfMemory { .. }
        | ZkvmError::Unavailable { .. }
        | ZkvmError::CycleLimit { .. }
        | ZkvmError::Timeout { .. }
        | ZkvmError::DeferredCore => Repeat::Elsewhere,
        error if contradicts_a_run(error) => Repeat::Elsewhere,
        _ => Repeat::Never,
    }
}
