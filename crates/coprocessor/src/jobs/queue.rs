//! `Jobs`: accepts requests, knows the jobs that live, and stops in good order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use valence_coprocessor_protocol::Root;
use valence_coprocessor_telemetry::TraceContext;
use valence_coprocessor_zkvm::{Provers, WorkerState, Zkvm};

use super::callback::{CallingBack, JobCallback, check_url};
use super::claim::{Claim, Claims, EngineId};
use super::deadline::deadline_of;
use super::digest::{RequestDigest, witness_digest};
use super::failure::Interrupt;
use super::follow::News;
use super::job::{AcceptedRequest, Job, JobFilter, JobId, ProofRequest, StateTime};
use super::labels::CircuitLabels;
use super::proof_cache::WorkInHand;
use super::retention::{keep_forgetting, missing};
use super::runner::Runner;
use super::state::JobState;
use super::table::{JobTable, StoredJob};
use crate::callbacks::CallbackKey;
use crate::commit::{CONFLICT_TRIES, commit};
use crate::runtime::Runtime;
use crate::witness::OpenedWitnesses;
use crate::{Caller, EngineError};

/// How long provers get to end once every job is parked, and the store to be told of it.
const PARKING: Duration = Duration::from_secs(10);

/// All jobs.
#[derive(Debug)]
pub(crate) struct Jobs {
    pub(super) runtime: Arc<Runtime>,
    pub(super) zkvm: Arc<dyn Zkvm>,
    pub(super) provers: Arc<dyn Provers>,
    pub(super) table: JobTable,
    pub(super) witness_slots: Semaphore,
    pub(super) execution_slots: Semaphore,
    pub(super) work_in_hand: WorkInHand,
    pub(super) calling_back: CallingBack,
    pub(crate) callback_key: CallbackKey,
    /// Set when no more work is begun.
    pub(super) stopping: CancellationToken,
    /// Set when what runs must be parked.
    pub(super) parking: CancellationToken,
    /// Set when nothing is claimed any more.
    pub(super) closed: CancellationToken,
    pub(super) claims: Claims,
    pub(super) beats: AtomicU64,
    pub(super) keepers: TaskTracker,
    /// The jobs that are worked on here.
    live: Mutex<HashMap<JobId, Arc<LiveJob>>>,
    /// Jobs that are worked on elsewhere, and watched here.
    pub(super) followed: Mutex<HashMap<JobId, News>>,
    /// Where requests queue from looking for their job to storing a new one; between services it is the store that
    /// decides.
    accepting: tokio::sync::Mutex<()>,
    newest: AtomicU64,
    pub(super) labels: CircuitLabels,
    tasks: TaskTracker,
}

/// A job that is worked on here.
#[derive(Debug)]
pub(super) struct LiveJob {
    pub(super) news: News,
    pub(super) cancel: CancellationToken,
    /// Set when nothing works on the job any more.
    pub(super) gone: CancellationToken,
    /// What everything that is written about the job rests on.
    pub(super) claim: Claim,
    /// Whether it was its deadline that cancelled it.
    pub(super) is_overdue: AtomicBool,
    pub(super) caller: Caller,
}

impl Jobs {
    /// Opens the jobs, and resumes every one that has not ended and that no other service works on.
    pub(crate) async fn open(
        runtime: Arc<Runtime>,
        table: JobTable,
        zkvm: Arc<dyn Zkvm>,
        provers: Arc<dyn Provers>,
        callback_key: CallbackKey,
    ) -> Result<Arc<Self>, EngineError> {
        let limits = &runtime.config.limits;
        let slots = |count: usize| Semaphore::new(count.max(1));
        let (witness_slots, execution_slots) =
            (slots(limits.witness_jobs), slots(limits.executions));
        let newest = AtomicU64::new(table.newest()?);
        let jobs = Arc::new(Self {
            runtime,
            zkvm,
            provers,
            table,
            witness_slots,
            execution_slots,
            work_in_hand: WorkInHand::default(),
            calling_back: CallingBack::default(),
            callback_key,
            stopping: CancellationToken::new(),
            parking: CancellationToken::new(),
            closed: CancellationToken::new(),
            claims: Claims::of(EngineId::random()),
            beats: AtomicU64::new(0),
            keepers: TaskTracker::new(),
            followed: Mutex::default(),
            live: Mutex::default(),
            accepting: tokio::sync::Mutex::default(),
            newest,
            labels: CircuitLabels::default(),
            tasks: TaskTracker::new(),
        });
        let mut census = jobs.new_census();
        jobs.keep(&mut census).await?;
        jobs.spawn_keeper(census);
        jobs.tasks.spawn(keep_forgetting(
            Arc::downgrade(&jobs),
            jobs.runtime.config.forget_pause,
            jobs.stopping.clone(),
        ));
        Ok(jobs)
    }

    /// Accepts a request, or finds the job that it is a repeat of.
    pub(crate) async fn accept(
        self: Arc<Self>,
        caller: Caller,
        request: ProofRequest,
        trace: Option<TraceContext>,
    ) -> Result<Job, EngineError> {
        self.runtime.registry.circuit_record(request.circuit)?;
        let root = self.runtime.history.resolve(request.root)?;
        let kind = request.kind.unwrap_or(self.runtime.config.default_kind);
        if let Some(url) = &request.callback_url {
            check_url(&self.runtime.config, url)?;
        }
        let digest = RequestDigest::of(&caller, &request, kind);
        let mut outdated = None;
        for _ in 0..CONFLICT_TRIES {
            let done = {
                let _accepting = self.accepting.lock().await;
                if self.stopping.is_cancelled() {
                    return Err(EngineError::ShuttingDown);
                }
                let found = self.table.find(&digest)?;
                if let Some(StoredJob { job, bytes }) = &found.job
                    && self.is_shared()
                {
                    // Whoever stored it may still wait for others to have it too.
                    let batch = JobTable::confirm(&job.id, bytes.clone());
                    if !self.commit_if_it_holds(batch).await? {
                        continue;
                    }
                }
                match found.job.map(|stored| stored.job) {
                    Some(job) if !job.state.is_terminal() => return Ok(self.newest_view(job)),
                    Some(job) if is_repeatable(&job, &root, outdated) => job,
                    _ => {
                        let request = (caller, request.clone(), trace);
                        let stored = self.store_new(request, root, kind, (&digest, found.row));
                        match stored.await {
                            // Another service accepted the same request at this moment: its job is found now.
                            Err(EngineError::Concurrent { .. }) => continue,
                            stored => return stored,
                        }
                    }
                }
            };
            if self.gives_same_witnesses(&done, &request).await {
                return Ok(done);
            }
            outdated = Some(done.id);
        }
        Err(EngineError::Concurrent {
            what: "the request",
        })
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
        (caller, request, trace): (Caller, ProofRequest, Option<TraceContext>),
        root: Root,
        kind: valence_coprocessor_zkvm::ProofKind,
        (digest, newest): (&RequestDigest, Option<Vec<u8>>),
    ) -> Result<Job, EngineError> {
        let calling_back = self.calling_back.count();
        if request.callback_url.is_some()
            && calling_back >= self.runtime.config.limits.callback.pending
        {
            return Err(EngineError::TooManyCallbacks {
                pending: calling_back,
            });
        }
        let waiting = self.working();
        if waiting >= self.runtime.config.limits.live_jobs {
            metrics::counter!("valence_jobs_refused_total").increment(1);
            return Err(EngineError::QueueFull { waiting });
        }
        let ProofRequest {
            circuit,
            args,
            payload,
            callback_url,
            deadline,
            ..
        } = request;
        let at = self.runtime.config.clock.now();
        let deadline = deadline_of(deadline, at, &self.runtime.config.limits)?;
        let job = Job {
            id: JobId::new(self.next_number()?, digest),
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
            worker: None,
            log: Vec::new(),
            resumed: 0,
            result: None,
            failure: None,
            witness_digest: None,
            deadline: Some(deadline),
            callback: callback_url.as_ref().map(|_| JobCallback::new()),
            reused: None,
            trace,
        };
        let request = AcceptedRequest {
            args,
            payload,
            caller,
            callback_url,
        };
        let claim = self.claims.make();
        let batch = JobTable::accept(&job, &request, digest, newest, claim)?;
        commit(self.table.store(), batch).await?;
        tracing::info!(target: "valence_coprocessor", job = %job.id, %circuit, %kind, "job accepted");
        self.start(job.clone(), request, claim);
        Ok(job)
    }

    /// The number of the next job: larger than those of all jobs that were acknowledged anywhere.
    fn next_number(&self) -> Result<u64, EngineError> {
        if self.is_shared() {
            self.newest
                .fetch_max(self.table.newest()?, Ordering::Relaxed);
        }
        Ok(self.newest.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Runs a job that is in the store, claimed by this engine.
    pub(super) fn start(self: &Arc<Self>, job: Job, request: AcceptedRequest, claim: Claim) {
        let live = Arc::new(LiveJob {
            news: Arc::new(watch::Sender::new(job.clone())),
            cancel: CancellationToken::new(),
            gone: CancellationToken::new(),
            claim,
            is_overdue: AtomicBool::new(false),
            caller: request.caller,
        });
        match self.live().entry(job.id) {
            Entry::Vacant(vacant) => vacant.insert(Arc::clone(&live)),
            // What works on it already has the newer claim: an answer of the store came so late that the job was
            // taken for one that nobody works on.
            Entry::Occupied(_) => return,
        };
        metrics::gauge!("valence_jobs_live").increment(1.0);
        let runner = Runner::new(Arc::clone(self), live, job, request);
        self.tasks.spawn(runner.run());
    }

    /// Called by a runner when it is through with a job. Those who watch it hear of its further fate, if it has one.
    pub(super) async fn leave(
        self: &Arc<Self>,
        id: &JobId,
        live: &Arc<LiveJob>,
        ended: &Result<(), Interrupt>,
    ) {
        if matches!(ended, Err(Interrupt::Parked)) {
            self.release(id, live).await;
        }
        self.live().remove(id);
        metrics::gauge!("valence_jobs_live").decrement(1.0);
        if ended.is_err() && !self.stopping.is_cancelled() {
            self.follow(*id, Arc::clone(&live.news));
        }
        live.gone.cancel();
    }

    pub(crate) fn job(&self, id: &JobId) -> Result<Job, EngineError> {
        if let Some(live) = self.find_live(id) {
            return Ok(live.news.borrow().clone());
        }
        match self.table.job(id)? {
            Some(job) => Ok(job),
            None => Err(missing(&**self.table.store(), id)?),
        }
    }

    pub(crate) fn jobs(&self, filter: &JobFilter) -> Result<Vec<Job>, EngineError> {
        let most = self.runtime.config.limits.jobs;
        let limit = filter.limit.map_or(most, |limit| limit.min(most));
        let jobs = self.table.list(filter, limit)?;
        Ok(jobs.into_iter().map(|job| self.newest_view(job)).collect())
    }

    pub(crate) fn proof(&self, id: &JobId) -> Result<(Job, Vec<u8>), EngineError> {
        let job = self.job(id)?;
        match self.table.proof(id)? {
            // While the outcome is delivered, it is final already.
            Some(proof) if matches!(job.state, JobState::Delivering | JobState::Done) => {
                Ok((job, proof))
            }
            _ => Err(EngineError::NoProof {
                id: *id,
                state: job.state,
            }),
        }
    }

    /// The number of jobs that have not ended, here and at other services.
    pub(crate) fn live_count(&self) -> Result<usize, EngineError> {
        if self.is_shared() {
            return self.table.live_count();
        }
        Ok(self.live().len())
    }

    /// The jobs that take work here: all but those that only wait for a callback to be taken.
    pub(super) fn working(&self) -> usize {
        self.live().len().saturating_sub(self.calling_back.count())
    }

    pub(super) fn is_shared(&self) -> bool {
        self.table.store().is_shared()
    }

    pub(crate) fn workers(&self) -> Vec<WorkerState> {
        self.provers.workers()
    }

    /// Stops: no new jobs, what waits is parked, what runs may finish until the deadline and is parked then. What is
    /// parked is left to other services at once.
    pub(crate) async fn shutdown(&self, deadline: Duration) {
        // Also if nobody waits for the end of this.
        let _closes = self.closed.clone().drop_guard();
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
        if tokio::time::timeout(PARKING, self.retire()).await.is_err() {
            tracing::warn!(target: "valence_coprocessor", "the store does not answer; others take over the jobs in a while");
        }
        self.provers.shutdown().await;
        self.zkvm.shutdown().await;
    }

    pub(super) fn live(&self) -> MutexGuard<'_, HashMap<JobId, Arc<LiveJob>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find_live(&self, id: &JobId) -> Option<Arc<LiveJob>> {
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
