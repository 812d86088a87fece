//! `Jobs`: accepts requests, knows the jobs that live, and stops in good order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use valence_coprocessor_protocol::Root;
use valence_coprocessor_zkvm::Zkvm;

use super::digest::{RequestDigest, witness_digest};
use super::job::{AcceptedRequest, Job, JobFilter, JobId, ProofRequest, StateTime};
use super::runner::Runner;
use super::state::JobState;
use super::table::JobTable;
use crate::commit::commit;
use crate::runtime::Runtime;
use crate::witness::OpenedWitnesses;
use crate::{Caller, EngineError};

/// How long provers get to end once every job is parked.
const PARKING: Duration = Duration::from_secs(10);

/// All jobs.
#[derive(Debug)]
pub(crate) struct Jobs {
    pub(super) runtime: Arc<Runtime>,
    pub(super) zkvm: Arc<dyn Zkvm>,
    pub(super) table: JobTable,
    pub(super) witness_slots: Semaphore,
    pub(super) execution_slots: Semaphore,
    pub(super) prover_slots: Semaphore,
    /// Set when no more work is begun.
    pub(super) stopping: CancellationToken,
    /// Set when what runs must be parked.
    pub(super) parking: CancellationToken,
    live: Mutex<HashMap<JobId, Arc<LiveJob>>>,
    /// Held from looking for a request's job to storing a new one.
    accepting: tokio::sync::Mutex<()>,
    newest: AtomicU64,
    tasks: TaskTracker,
}

/// A job that has not ended.
#[derive(Debug)]
pub(super) struct LiveJob {
    pub(super) news: watch::Sender<Job>,
    pub(super) cancel: CancellationToken,
    caller: Caller,
}

impl Jobs {
    /// Opens the jobs, and resumes every one that has not ended.
    pub(crate) fn open(
        runtime: Arc<Runtime>,
        table: JobTable,
        zkvm: Arc<dyn Zkvm>,
    ) -> Result<Arc<Self>, EngineError> {
        let limits = &runtime.config.limits;
        let slots = |count: usize| Semaphore::new(count.max(1));
        let (witness_slots, execution_slots) =
            (slots(limits.witness_jobs), slots(limits.executions));
        let prover_slots = slots(limits.provers);
        let newest = AtomicU64::new(table.newest()?);
        let jobs = Arc::new(Self {
            runtime,
            zkvm,
            table,
            witness_slots,
            execution_slots,
            prover_slots,
            stopping: CancellationToken::new(),
            parking: CancellationToken::new(),
            live: Mutex::default(),
            accepting: tokio::sync::Mutex::default(),
            newest,
            tasks: TaskTracker::new(),
        });
        for mut job in jobs.table.live()? {
            let request = jobs.table.request(&job.id)?;
            job.resumed += 1;
            tracing::info!(target: "valence_coprocessor", job = %job.id, state = %job.state, "job resumed");
            jobs.start(job, request);
        }
        Ok(jobs)
    }

    /// Accepts a request, or finds the job that it is a repeat of.
    pub(crate) async fn accept(
        self: Arc<Self>,
        caller: Caller,
        request: ProofRequest,
    ) -> Result<Job, EngineError> {
        self.runtime.registry.circuit_record(request.circuit)?;
        let root = self.runtime.history.resolve(request.root)?;
        let kind = request.kind.unwrap_or(self.runtime.config.default_kind);
        let digest = RequestDigest::of(&caller, &request, kind);
        let mut outdated = None;
        loop {
            let done = {
                let _accepting = self.accepting.lock().await;
                if self.stopping.is_cancelled() {
                    return Err(EngineError::ShuttingDown);
                }
                match self.table.find(&digest)? {
                    Some(job) if !job.state.is_terminal() => return Ok(self.newest_view(job)),
                    Some(job) if is_repeatable(&job, &root, outdated) => job,
                    _ => return self.store_new(caller, request, root, kind, &digest).await,
                }
            };
            if self.gives_same_witnesses(&done, &request).await {
                return Ok(done);
            }
            outdated = Some(done.id);
        }
    }

    /// Whether the controller still gives the witnesses that a job is about.
    async fn gives_same_witnesses(&self, done: &Job, request: &ProofRequest) -> bool {
        let args = request.args.to_string().into_bytes();
        let computed = OpenedWitnesses::compute(&self.runtime, done.circuit, done.root, args).await;
        let input =
            computed.and_then(|opened| opened.encode(self.runtime.config.limits.witness_bytes));
        // If they cannot be had now, a new job will say why.
        input.is_ok_and(|input| done.witness_digest == Some(witness_digest(&input)))
    }

    async fn store_new(
        self: &Arc<Self>,
        caller: Caller,
        request: ProofRequest,
        root: Root,
        kind: valence_coprocessor_zkvm::ProofKind,
        digest: &RequestDigest,
    ) -> Result<Job, EngineError> {
        let waiting = self.live().len();
        if waiting >= self.runtime.config.limits.live_jobs {
            metrics::counter!("valence_jobs_refused_total").increment(1);
            return Err(EngineError::QueueFull { waiting });
        }
        let ProofRequest {
            circuit,
            args,
            payload,
            ..
        } = request;
        let at = self.runtime.config.clock.now();
        let job = Job {
            id: JobId::new(self.newest.fetch_add(1, Ordering::Relaxed) + 1, digest),
            circuit,
            root,
            trust: self.runtime.history.trust(),
            kind,
            state: JobState::Accepted,
            times: vec![StateTime {
                state: JobState::Accepted,
                at,
            }],
            cycles: None,
            progress: None,
            log: Vec::new(),
            resumed: 0,
            result: None,
            failure: None,
            witness_digest: None,
        };
        let request = AcceptedRequest {
            args,
            payload,
            caller,
        };
        commit(
            self.table.store(),
            JobTable::accept(&job, &request, digest)?,
        )
        .await?;
        tracing::info!(target: "valence_coprocessor", job = %job.id, %circuit, %kind, "job accepted");
        self.start(job.clone(), request);
        Ok(job)
    }

    /// Runs a job that is in the store.
    fn start(self: &Arc<Self>, job: Job, request: AcceptedRequest) {
        let live = Arc::new(LiveJob {
            news: watch::Sender::new(job.clone()),
            cancel: CancellationToken::new(),
            caller: request.caller,
        });
        self.live().insert(job.id, Arc::clone(&live));
        metrics::gauge!("valence_jobs_live").increment(1.0);
        let runner = Runner::new(Arc::clone(self), live, job, request);
        self.tasks.spawn(runner.run());
    }

    /// Called by a runner when it is through with a job; closes the channel of those who watch it.
    pub(super) fn forget(&self, id: &JobId) {
        if self.live().remove(id).is_some() {
            metrics::gauge!("valence_jobs_live").decrement(1.0);
        }
    }

    pub(crate) fn job(&self, id: &JobId) -> Result<Job, EngineError> {
        if let Some(live) = self.find_live(id) {
            return Ok(live.news.borrow().clone());
        }
        self.table.job(id)?.ok_or(EngineError::UnknownJob(*id))
    }

    pub(crate) fn jobs(&self, filter: &JobFilter) -> Result<Vec<Job>, EngineError> {
        let most = self.runtime.config.limits.jobs;
        let limit = filter.limit.map_or(most, |limit| limit.min(most));
        let jobs = self.table.list(filter, limit)?;
        Ok(jobs.into_iter().map(|job| self.newest_view(job)).collect())
    }

    pub(crate) fn watch(&self, id: &JobId) -> Result<watch::Receiver<Job>, EngineError> {
        if let Some(live) = self.find_live(id) {
            return Ok(live.news.subscribe());
        }
        // The sender is gone at once: a job that has ended brings no more news.
        Ok(watch::Sender::new(self.job(id)?).subscribe())
    }

    pub(crate) fn proof(&self, id: &JobId) -> Result<(Job, Vec<u8>), EngineError> {
        let job = self.job(id)?;
        match self.table.proof(id)? {
            Some(proof) if job.state == JobState::Done => Ok((job, proof)),
            _ => Err(EngineError::NoProof {
                id: *id,
                state: job.state,
            }),
        }
    }

    /// Cancels a job, and returns it once it is cancelled.
    pub(crate) async fn cancel(&self, caller: &Caller, id: &JobId) -> Result<Job, EngineError> {
        let Some(live) = self.find_live(id) else {
            return self.cancel_resting(caller, id).await;
        };
        self.check_may_cancel(caller, live.caller, &live.news.borrow().clone())?;
        let mut news = live.news.subscribe();
        live.cancel.cancel();
        drop(live);
        // The channel closes when the runner is through, with or without an end of the job.
        let _ = news.wait_for(|job| job.state.is_terminal()).await;
        let job = news.borrow().clone();
        match job.state {
            JobState::Cancelled => Ok(job),
            state => Err(EngineError::JobNotCancellable { id: *id, state }),
        }
    }

    /// Cancels a job that nothing works on, because the store refused its last step.
    async fn cancel_resting(&self, caller: &Caller, id: &JobId) -> Result<Job, EngineError> {
        let mut job = self.job(id)?;
        self.check_may_cancel(caller, self.table.request(id)?.caller, &job)?;
        if job.state == JobState::Cancelled {
            return Ok(job);
        }
        if !job.state.may_become(JobState::Cancelled) {
            return Err(EngineError::JobNotCancellable {
                id: *id,
                state: job.state,
            });
        }
        job.enter(JobState::Cancelled, self.runtime.config.clock.now());
        commit(self.table.store(), JobTable::save(&job)?).await?;
        Ok(job)
    }

    fn check_may_cancel(
        &self,
        caller: &Caller,
        asked: Caller,
        job: &Job,
    ) -> Result<(), EngineError> {
        let owner = self.runtime.registry.circuit_record(job.circuit)?.owner;
        if caller.may_change(asked.key()) || (owner.is_some() && caller.may_change(owner)) {
            return Ok(());
        }
        Err(EngineError::NotOwner {
            what: format!("job {}", job.id),
            hint: "only who asked for it, or who owns its circuit, can cancel it",
        })
    }

    /// The number of jobs that have not ended.
    pub(crate) fn live_count(&self) -> usize {
        self.live().len()
    }

    /// Stops: no new jobs, what waits is parked, what runs may finish until the deadline and is parked then.
    pub(crate) async fn shutdown(&self, deadline: Duration) {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(deadline, self.tasks.wait())
            .await
            .is_err()
        {
            self.parking.cancel();
            if tokio::time::timeout(PARKING, self.tasks.wait())
                .await
                .is_err()
            {
                tracing::warn!(target: "valence_coprocessor", "a prover does not stop; its job is resumed at the next start");
            }
        }
        self.zkvm.shutdown().await;
    }

    fn live(&self) -> MutexGuard<'_, HashMap<JobId, Arc<LiveJob>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find_live(&self, id: &JobId) -> Option<Arc<LiveJob>> {
        self.live().get(id).cloned()
    }

    /// The job with the progress that only memory knows.
    fn newest_view(&self, stored: Job) -> Job {
        match self.find_live(&stored.id) {
            Some(live) => live.news.borrow().clone(),
            None => stored,
        }
    }
}

/// Whether a job that ended may answer for a repeat of its request, if it is about the same witnesses.
fn is_repeatable(job: &Job, root: &Root, outdated: Option<JobId>) -> bool {
    job.state == JobState::Done && job.root == *root && outdated != Some(job.id)
}
