//! The proving part of a job: whatever a prover returns is believed only after it was verified here.

use std::sync::Arc;

use valence_coprocessor_zkvm::{ProgressSender, Proof, ProveRequest, ZkvmError};

use super::failure::{Interrupt, of_zkvm};
use super::runner::{Runner, Work, is_worth_repeating};
use super::state::JobState;

impl Runner {
    /// Makes a proof whose public values are the executed ones, and verifies it under the circuit's own key.
    pub(super) async fn prove(
        &mut self,
        work: &Work,
        executed: &[u8],
    ) -> Result<Vec<u8>, Interrupt> {
        let attempts = self.jobs.runtime.config.limits.proof_attempts.max(1);
        let jobs = Arc::clone(&self.jobs);
        self.progress("queued", "waits for a prover");
        let _slot = self.slot(&jobs.prover_slots).await?;
        for attempt in 1.. {
            self.enter(JobState::Proving).await?;
            let error = match self.attempt(work, executed).await? {
                Ok(proof) => return Ok(proof.bytes),
                Err(error) => error,
            };
            if attempt >= attempts || !is_worth_repeating(&error) {
                return Err(of_zkvm(&error));
            }
            let line = format!("attempt {attempt} of {attempts} failed: {error}");
            tracing::warn!(target: "valence_coprocessor", attempt, %error, "proof failed, trying again");
            self.job
                .add_log(line, jobs.runtime.config.limits.job_log_bytes);
            self.enter(JobState::Queued).await?;
        }
        unreachable!("the loop ends with the last attempt")
    }

    async fn attempt(
        &mut self,
        work: &Work,
        executed: &[u8],
    ) -> Result<Result<Proof, ZkvmError>, Interrupt> {
        let proof = match self.ask_prover(work).await? {
            Ok(proof) => proof,
            Err(error) => return Ok(Err(error)),
        };
        self.enter(JobState::Verifying).await?;
        Ok(self.check(work, executed, proof).await)
    }

    /// Has the prover work, shows its progress, and stops it when the job or the service is stopped.
    async fn ask_prover(&mut self, work: &Work) -> Result<Result<Proof, ZkvmError>, Interrupt> {
        let jobs = Arc::clone(&self.jobs);
        let request = ProveRequest {
            elf: Arc::clone(&work.elf),
            input: Arc::clone(&work.input),
            kind: self.job.kind,
            limits: jobs.runtime.config.limits.proof,
        };
        let (sender, mut news) = ProgressSender::channel();
        let stop = self.live.cancel.child_token();
        let proving = jobs.zkvm.prove(request, sender, stop.clone());
        tokio::pin!(proving);
        let mut brings_news = true;
        let answer = loop {
            tokio::select! {
                answer = &mut proving => break answer,
                () = jobs.parking.cancelled(), if !stop.is_cancelled() => stop.cancel(),
                changed = news.changed(), if brings_news => {
                    brings_news = changed.is_ok();
                    let progress = news.borrow_and_update().clone();
                    self.progress(&progress.stage.to_string(), &progress.text);
                }
            }
        };
        if self.live.cancel.is_cancelled() {
            return Err(Interrupt::Cancelled);
        }
        match answer {
            Err(ZkvmError::Cancelled) if stop.is_cancelled() => Err(Interrupt::Parked),
            answer => Ok(answer),
        }
    }

    async fn check(&self, work: &Work, executed: &[u8], proof: Proof) -> Result<Proof, ZkvmError> {
        let kind = self.job.kind;
        let refuse = |reason: &str| {
            Err(ZkvmError::InvalidProof {
                kind,
                reason: reason.to_owned(),
            })
        };
        if proof.kind != kind {
            return refuse("the prover made another kind of proof");
        }
        if proof.public_values != executed {
            return refuse("its public values are not those of the execution");
        }
        self.jobs.zkvm.verify(&work.key, &proof).await?;
        Ok(proof)
    }
}
