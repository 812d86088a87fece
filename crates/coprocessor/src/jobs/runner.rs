//! `Runner`: takes one job from where it stands to its end.
//!
//! Every step that lasts is committed before the next begins, so that a crash at any moment repeats at most one step.
//! Those that are over in a moment, and that nobody was told of, are committed together with the next one.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use valence_coprocessor_store::Batch;
use valence_coprocessor_telemetry::{TraceContext, context_of, follow, within};
use valence_coprocessor_wasm::Export;
use valence_coprocessor_zkvm::{Execution, ProofKind, VerifyingKey};

use super::deadline::{keep_deadline, overdue};
use super::delivery::delivery_arguments;
use super::digest::witness_digest;
use super::failure::{Interrupt, of_engine};
use super::job::{AcceptedRequest, EXECUTE_MARKER, Job, JobProgress, JobResult};
use super::proof_cache::Turn;
use super::queue::{Jobs, LiveJob};
use super::state::JobState;
use super::table::JobTable;
use crate::EngineError;
use crate::commit::commit;
use crate::error::chain;
use crate::witness::OpenedWitnesses;

/// How often a step is offered to a store that fails, and how long the first pause is; each is twice the one before.
const STORE_ATTEMPTS: u32 = 4;
const STORE_PAUSE: Duration = Duration::from_millis(50);

/// A step that takes longer is committed while it lasts; until then, it waits for the next one.
const BRIEF: Duration = Duration::from_millis(50);

/// Works on one job.
#[derive(Debug)]
pub(super) struct Runner {
    pub(super) jobs: Arc<Jobs>,
    pub(super) live: Arc<LiveJob>,
    pub(super) job: Job,
    pub(super) request: AcceptedRequest,
    /// The job as it was last committed. Every further batch expects it, so that none that arrives late takes the job back.
    stored: Job,
    unsaved: Option<Unsaved>,
}

/// A step that was taken, and is not committed yet.
#[derive(Debug)]
struct Unsaved {
    since: Instant,
    /// What the circuit reads, if the job has it since this step.
    input: Option<Arc<[u8]>>,
}

/// What is executed and proven.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) elf: Arc<[u8]>,
    pub(super) input: Arc<[u8]>,
    pub(super) key: VerifyingKey,
}

/// What a job has made.
#[derive(Debug)]
struct Made {
    proof: Vec<u8>,
    public_values: Vec<u8>,
    key: VerifyingKey,
    /// Held until the proof is stored, so that whoever waits for it finds it.
    turn: Option<Turn>,
}

/// Does work that may panic, which must not leave its job claimed and without anybody who works on it; none if it did.
/// What the panic says is on standard error.
async fn survive<T>(work: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(work).catch_unwind().await.ok()
}

fn panicked() -> Interrupt {
    let message = "the service failed while it worked on this job; its log says how";
    Interrupt::failed("internal", message)
}

impl Runner {
    pub(super) fn new(
        jobs: Arc<Jobs>,
        live: Arc<LiveJob>,
        job: Job,
        request: AcceptedRequest,
    ) -> Self {
        Self {
            jobs,
            live,
            stored: job.clone(),
            job,
            request,
            unsaved: None,
        }
    }

    pub(super) async fn run(mut self) {
        let (id, jobs) = (self.job.id, Arc::clone(&self.jobs));
        let trace = self.job.trace.unwrap_or_else(TraceContext::random);
        let span = tracing::info_span!(target: "valence_coprocessor", "job", %id, circuit = %self.job.circuit, trace = trace.trace_id());
        follow(&span, &trace);
        let trace = context_of(&span, trace);
        let (live, deadline) = (Arc::clone(&self.live), self.job.deadline);
        let running = survive(within(trace, self.run_to_end().instrument(span.clone())));
        let ended = tokio::select! {
            biased;
            never = keep_deadline(&jobs.runtime.config.clock, &live, deadline) => match never {},
            ended = running => ended.unwrap_or(Err(Interrupt::Panicked)),
        };
        jobs.leave(&id, &self.live, &ended)
            .instrument(span.clone())
            .await;
        let _entered = span.enter();
        match ended {
            Ok(()) => self.report_end(),
            Err(Interrupt::NotStored(error)) => {
                tracing::error!(target: "valence_coprocessor", error = %chain(&error), "the store fails; the job rests for a while");
            }
            Err(Interrupt::Lost) => {
                metrics::counter!("valence_jobs_lost_total").increment(1);
                tracing::warn!(target: "valence_coprocessor", state = %self.job.state, "another service took the job over, or ended it");
            }
            Err(Interrupt::Panicked) => {
                tracing::error!(target: "valence_coprocessor", state = %self.job.state, "the service failed at a job, which rests for a while");
            }
            Err(_) => {
                tracing::info!(target: "valence_coprocessor", state = %self.job.state, "job parked");
            }
        }
    }

    async fn run_to_end(&mut self) -> Result<(), Interrupt> {
        let mut proof = None;
        if self.job.state < JobState::Delivering {
            let made = survive(Box::pin(self.make())).await;
            let made = match made.unwrap_or_else(|| Err(panicked())) {
                Err(Interrupt::Cancelled) if self.live.is_overdue.load(Ordering::Acquire) => {
                    Err(overdue(&self.job))
                }
                made => made,
            };
            match made {
                Ok(made) => proof = Some(self.enter_delivery(made).await?),
                Err(Interrupt::Failed(failure)) => {
                    self.job.failure = Some(failure);
                    self.enter(JobState::Delivering).await?;
                }
                Err(Interrupt::Cancelled) => return self.enter(JobState::Cancelled).await,
                Err(stopped) => return Err(stopped),
            }
        }
        if !self.controller_was_told() {
            self.deliver(proof).await?;
        }
        self.call_back().await?;
        let end = if self.job.failure.is_none() {
            JobState::Done
        } else {
            JobState::Failed
        };
        self.enter(end).await
    }

    /// Everything from the witnesses to a verified proof.
    async fn make(&mut self) -> Result<Made, Interrupt> {
        let stored = match self.job.state {
            // Its input is stored when it enters the queue.
            JobState::Accepted | JobState::Witness => None,
            _ => self
                .jobs
                .table
                .input(&self.job.id)
                .map_err(|error| of_engine(&error))?,
        };
        let input = match stored {
            Some(input) => input,
            None => self.compute_witnesses().await?,
        };
        if matches!(self.job.state, JobState::Proving | JobState::Verifying) {
            self.enter(JobState::Queued).await?;
        }
        let work = self.work(input).map_err(|error| of_engine(&error))?;
        let execution = self.execute(&work).await?;
        let Execution { public_values, .. } = execution;
        if self.job.kind == ProofKind::Execute {
            let proof = EXECUTE_MARKER.to_vec();
            return Ok(Made {
                proof,
                public_values,
                key: work.key,
                turn: None,
            });
        }
        if self.unsaved.is_some() {
            self.save(JobTable::save).await?;
        }
        let turn = self.turn(&work).await?;
        let proof = match self.find_proof(&work, &public_values).await? {
            Some(proof) => proof,
            None => self.prove(&work, &public_values).await?,
        };
        Ok(Made {
            proof,
            public_values,
            key: work.key,
            turn: Some(turn),
        })
    }

    async fn compute_witnesses(&mut self) -> Result<Arc<[u8]>, Interrupt> {
        let jobs = Arc::clone(&self.jobs);
        let _slot = self.slot(&jobs.witness_slots).await?;
        if self.job.state == JobState::Accepted {
            self.pass(JobState::Witness, None);
        }
        let (runtime, args) = (&jobs.runtime, self.request.args.to_string().into_bytes());
        let compute = OpenedWitnesses::compute(runtime, self.job.circuit, self.job.root, args);
        let computed = self.unless_stopped(compute).await?;
        let limits = &runtime.config.limits;
        let log = match &computed {
            Ok(opened) => opened.log.clone(),
            Err(error) => error.log().to_vec(),
        };
        for line in log {
            self.job.add_log(line, limits.job_log_bytes);
        }
        let input = computed
            .and_then(|opened| opened.encode(limits.witness_bytes))
            .map_err(|error| of_engine(&error))?;
        self.job.witness_digest = Some(witness_digest(&input));
        let input: Arc<[u8]> = input.into();
        self.pass(JobState::Queued, Some(Arc::clone(&input)));
        Ok(input)
    }

    fn work(&self, input: Arc<[u8]>) -> Result<Work, EngineError> {
        let program = self.jobs.runtime.registry.program(self.job.circuit)?;
        Ok(Work {
            elf: Arc::clone(&program.elf),
            input,
            key: program.key.clone(),
        })
    }

    async fn enter_delivery(&mut self, made: Made) -> Result<Vec<u8>, Interrupt> {
        let Made {
            proof,
            public_values,
            key,
            turn,
        } = made;
        self.job.result = Some(JobResult {
            kind: self.job.kind,
            verifying_key: key.hash,
            public_values,
            proof_bytes: proof.len() as u64,
        });
        self.change(JobState::Delivering);
        self.save(|job| {
            let mut batch = JobTable::save_with_proof(job, &proof)?;
            if let Some(turn) = &turn {
                turn.key.remember(&mut batch, &job.id);
            }
            Ok(batch)
        })
        .await?;
        Ok(proof)
    }

    /// Hands the outcome to the controller, with the proof that was just made or with the one that is stored. That it
    /// fails there does not change the outcome.
    async fn deliver(&mut self, made: Option<Vec<u8>>) -> Result<(), Interrupt> {
        let jobs = Arc::clone(&self.jobs);
        let proof = match made {
            None if self.job.result.is_some() => jobs.table.proof(&self.job.id),
            made => Ok(made),
        };
        let proof = proof.map_err(Interrupt::NotStored)?;
        let args = delivery_arguments(&self.job, proof.as_deref(), &self.request.payload);
        let args = args.to_string().into_bytes();
        let (circuit, root) = (self.job.circuit, self.job.root);
        // What the controller writes is kept only if the job is still claimed when the call has ended.
        let fence = JobTable::fence(&self.job.id, self.live.claim);
        let call = jobs
            .runtime
            .call_circuit_if(circuit, Export::Entrypoint, args, root, fence);
        let delivered = tokio::select! {
            delivered = survive(call) => delivered,
            () = jobs.parking.cancelled() => return Err(Interrupt::Parked),
        };
        let (log, reason) = match delivered {
            Some(Ok(_)) => return Ok(()),
            // The store did not give what the controller asked for, or did not keep what it wrote: all of it is repeated.
            Some(Err(error @ EngineError::Store(_))) => return Err(Interrupt::NotStored(error)),
            Some(Err(EngineError::Concurrent { .. })) => return Err(Interrupt::Lost),
            Some(Err(error)) => (error.log().to_vec(), error.to_string()),
            None => (Vec::new(), "the service itself failed".to_owned()),
        };
        metrics::counter!("valence_deliveries_failed_total").increment(1);
        let reason = format!("delivery failed: {reason}");
        for line in log.into_iter().chain([reason]) {
            self.job
                .add_log(line, jobs.runtime.config.limits.job_log_bytes);
        }
        Ok(())
    }

    /// Waits for a slot. Whoever waits when the service stops is parked at once.
    pub(super) async fn slot<'a>(
        &mut self,
        slots: &'a Semaphore,
    ) -> Result<tokio::sync::SemaphorePermit<'a>, Interrupt> {
        let stopping = self.jobs.stopping.clone();
        let slot = self.wait(slots.acquire(), &stopping).await?;
        slot.map_err(|_| Interrupt::Parked)
    }

    pub(super) async fn unless_stopped<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, Interrupt> {
        let parking = self.jobs.parking.clone();
        self.wait(work, &parking).await
    }

    /// Waits for work until the job is cancelled or to be parked. If it lasts, the step that it belongs to is committed.
    async fn wait<T>(
        &mut self,
        work: impl Future<Output = T>,
        park: &CancellationToken,
    ) -> Result<T, Interrupt> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                () = self.live.cancel.cancelled() => return Err(Interrupt::Cancelled),
                () = park.cancelled() => return Err(Interrupt::Parked),
                done = &mut work => return Ok(done),
                () = self.lasts() => self.save(JobTable::save).await?,
            }
        }
    }

    /// Returns when a step that is not committed has lasted for long enough to be so.
    pub(super) async fn lasts(&self) {
        match &self.unsaved {
            Some(unsaved) => tokio::time::sleep_until(unsaved.since + BRIEF).await,
            None => std::future::pending().await,
        }
    }

    /// Steps to a state that may be over in a moment: it is committed with the next one, or when it [lasts](Self::lasts).
    fn pass(&mut self, state: JobState, input: Option<Arc<[u8]>>) {
        self.change(state);
        let since = self.unsaved.as_ref().map(|unsaved| unsaved.since);
        self.unsaved = Some(Unsaved {
            since: since.unwrap_or_else(Instant::now),
            input,
        });
    }

    /// Steps to a state and commits it.
    pub(super) async fn enter(&mut self, state: JobState) -> Result<(), Interrupt> {
        self.change(state);
        self.save(JobTable::save).await
    }

    fn change(&mut self, state: JobState) {
        let now = self.jobs.runtime.config.clock.now();
        if let Some(entered) = self.job.entered(self.job.state) {
            let spent = Duration::from_millis(now.as_millis().saturating_sub(entered.as_millis()));
            let labels = [
                ("state", self.job.state.as_str().to_owned()),
                ("kind", self.job.kind.name().to_owned()),
                ("circuit", self.jobs.labels.of(self.job.circuit)),
            ];
            metrics::histogram!("valence_job_state_seconds", &labels).record(spent.as_secs_f64());
        }
        self.job.enter(state, now);
    }

    /// Commits the job, and only then tells those who watch it.
    pub(super) async fn save(
        &mut self,
        batch: impl Fn(&Job) -> Result<Batch, EngineError>,
    ) -> Result<(), Interrupt> {
        let mut pause = STORE_PAUSE;
        let mut is_written = false;
        for attempt in 1.. {
            if self.jobs.closed.is_cancelled() {
                // The claim is given back, and what fails from here on may do so because everything ends.
                return Err(Interrupt::Parked);
            }
            let batch = if is_written {
                JobTable::bytes_of(&self.job).map(|bytes| JobTable::confirm(&self.job.id, bytes))
            } else {
                batch(&self.job).and_then(|batch| self.claimed(batch))
            };
            let batch = batch.map_err(Interrupt::NotStored)?;
            match commit(self.jobs.table.store(), batch).await {
                Ok(()) => break,
                // The answer to an earlier attempt was lost, and not the attempt. It may be on fewer machines than it has to.
                Err(EngineError::Concurrent { .. })
                    if attempt > 1 && !is_written && self.is_stored()? =>
                {
                    is_written = true;
                    continue;
                }
                Err(EngineError::Concurrent { .. }) => return Err(Interrupt::Lost),
                Err(error) if attempt >= STORE_ATTEMPTS => return Err(Interrupt::NotStored(error)),
                Err(error) => {
                    tracing::warn!(target: "valence_coprocessor", error = %chain(&error), "the store refused a job's state; trying again");
                }
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.stored = self.job.clone();
        self.unsaved = None;
        self.publish();
        Ok(())
    }

    /// A batch about the job with what is not saved yet, which counts only as long as the job is this engine's and as it
    /// was last committed.
    fn claimed(&self, mut batch: Batch) -> Result<Batch, EngineError> {
        let unsaved = self.unsaved.as_ref();
        let input = unsaved.and_then(|unsaved| unsaved.input.as_deref());
        // Whoever has an outcome needs no input any more.
        if let Some(input) = input.filter(|_| self.job.state < JobState::Delivering) {
            batch.extend(JobTable::input_of(&self.job.id, input));
        }
        let stored = JobTable::bytes_of(&self.stored)?;
        batch.extend(JobTable::fence(&self.job.id, self.live.claim));
        batch.extend(JobTable::expect_job(&self.job.id, stored));
        Ok(batch)
    }

    /// Whether the job stands in the store as it is here.
    fn is_stored(&self) -> Result<bool, Interrupt> {
        let stored = self.jobs.table.stored_job(&self.job.id);
        let stored = stored.map_err(Interrupt::NotStored)?;
        let bytes = JobTable::bytes_of(&self.job).map_err(Interrupt::NotStored)?;
        Ok(stored.is_some_and(|stored| stored.bytes == bytes))
    }

    pub(super) fn progress(&mut self, stage: &str, text: &str) {
        self.job.progress = Some(JobProgress {
            stage: stage.to_owned(),
            text: text.to_owned(),
        });
        self.publish();
    }

    /// Tells those who watch the job, unless it is in a step that is not committed.
    pub(super) fn publish(&self) {
        if self.unsaved.is_none() {
            self.live.news.send_replace(self.job.clone());
        }
    }

    fn report_end(&self) {
        let state = self.job.state;
        metrics::counter!("valence_jobs_ended_total", "state" => state.as_str(), "kind" => self.job.kind.name())
            .increment(1);
        match &self.job.failure {
            Some(failure) => {
                tracing::warn!(target: "valence_coprocessor", code = %failure.code, reason = %failure.message, "job failed");
            }
            None => {
                tracing::info!(target: "valence_coprocessor", %state, cycles = self.job.cycles, "job ended");
            }
        }
    }
}
