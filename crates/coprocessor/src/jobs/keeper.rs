//! Keeping claims: says that this engine lives, and takes over what others left.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use tokio::time::Instant;
use valence_coprocessor_store::Batch;

use super::census::Census;
use super::claim::{Beat, Claim, Cluster, LiveRow};
use super::job::{AcceptedRequest, JobId};
use super::queue::{Jobs, LiveJob};
use super::table::{JobTable, StoredJob};
use crate::EngineError;
use crate::commit::{commit, run_blocking};
use crate::error::chain;

impl Jobs {
    pub(super) fn new_census(&self) -> Census {
        let dead_after = self.runtime.config.cluster.dead_after;
        Census::new(self.claims.engine(), self.is_shared().then_some(dead_after))
    }

    /// Keeps the claims until the engine is closed or dropped.
    pub(super) fn spawn_keeper(self: &Arc<Self>, mut census: Census) {
        let jobs: Weak<Self> = Arc::downgrade(self);
        let (beat, closed) = (self.runtime.config.cluster.beat, self.closed.clone());
        let ends = self.closed.clone();
        // A runtime that ends drops its tasks, and only then has what still runs fail: that is no reason for a job to fail.
        self.keepers.spawn(async move {
            let _closes = ends.clone().drop_guard();
            ends.cancelled().await;
        });
        self.keepers.spawn(async move {
            loop {
                tokio::select! {
                    () = closed.cancelled() => return,
                    () = tokio::time::sleep(beat) => {}
                }
                let Some(jobs) = jobs.upgrade() else {
                    closed.cancel();
                    return;
                };
                if let Err(error) = jobs.keep(&mut census).await {
                    tracing::warn!(target: "valence_coprocessor", error = %chain(&error), "cannot keep the claims of jobs; trying again");
                }
            }
        });
    }

    /// One round: a beat, a look at the others, and what follows from it.
    pub(super) async fn keep(self: &Arc<Self>, census: &mut Census) -> Result<(), EngineError> {
        if self.is_shared() {
            commit(self.table.store(), self.next_beat()).await?;
        }
        let held = self.live().clone();
        let before = Instant::now();
        let table = self.table.clone();
        let cluster = run_blocking(move || table.cluster()).await?;
        census.observe(before, Instant::now(), &cluster);
        heed(&held, &cluster);
        if self.stopping.is_cancelled() {
            return Ok(());
        }
        let orphans = census.orphans(&cluster, |id| self.find_live(id).is_some());
        self.take_over(orphans).await?;
        for (engine, last) in census.buried(&cluster) {
            self.commit_if_it_holds(JobTable::bury(engine, last))
                .await?;
        }
        Ok(())
    }

    fn next_beat(&self) -> Batch {
        let limits = &self.runtime.config.limits;
        let has_room = self.working() < limits.live_jobs && !self.stopping.is_cancelled();
        let weight = u32::try_from(limits.live_jobs.max(1)).unwrap_or(u32::MAX);
        let beat = Beat {
            counter: self.beats.fetch_add(1, Ordering::Relaxed),
            weight: if has_room { weight } else { 0 },
        };
        JobTable::beat(self.claims.engine(), beat)
    }

    async fn take_over(self: &Arc<Self>, orphans: Vec<&LiveRow>) -> Result<(), EngineError> {
        let room = if self.is_shared() {
            let limit = self.runtime.config.limits.live_jobs;
            limit.saturating_sub(self.working())
        } else {
            usize::MAX
        };
        for row in orphans.into_iter().take(room) {
            let (StoredJob { mut job, bytes }, request) = match self.read_orphan(&row.id) {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(target: "valence_coprocessor", job = %row.id, error = %chain(&error), "job cannot be resumed");
                    continue;
                }
            };
            job.resumed += 1;
            let claim = self.claims.make();
            let batch = JobTable::claim(row, &job, bytes, claim)?;
            if self.commit_if_it_holds(batch).await? {
                metrics::counter!("valence_jobs_resumed_total").increment(1);
                tracing::info!(target: "valence_coprocessor", job = %job.id, state = %job.state, "job resumed");
                self.start(job, request, claim);
            }
        }
        Ok(())
    }

    fn read_orphan(&self, id: &JobId) -> Result<(StoredJob, AcceptedRequest), EngineError> {
        let stored = self.table.stored_job(id)?;
        let stored = stored.ok_or_else(|| EngineError::corrupt("job", "it is missing"))?;
        Ok((stored, self.table.request(id)?))
    }

    /// Leaves a job that was parked to another engine.
    pub(super) async fn release(&self, id: &JobId, live: &LiveJob) {
        if !self.is_shared() {
            return;
        }
        // If it cannot be said, the others find out when this engine has not beaten for a while.
        if let Err(error) = self
            .commit_if_it_holds(JobTable::release(id, live.claim))
            .await
        {
            tracing::warn!(target: "valence_coprocessor", error = %chain(&error), "cannot release a job");
        }
    }

    /// Ends the keeping: leaves to others whatever is still claimed, and is forgotten by them.
    pub(super) async fn retire(&self) {
        self.closed.cancel();
        self.keepers.close();
        self.keepers.wait().await;
        if self.is_shared()
            && let Err(error) = self.release_all().await
        {
            tracing::warn!(target: "valence_coprocessor", error = %chain(&error), "cannot release the jobs; others take them over in a while");
        }
    }

    async fn release_all(&self) -> Result<(), EngineError> {
        let table = self.table.clone();
        let cluster = run_blocking(move || table.cluster()).await?;
        let own = self.claims.engine();
        for row in &cluster.live {
            if let Some(claim) = row.claim().filter(|claim| claim.engine == own) {
                self.commit_if_it_holds(JobTable::release(&row.id, claim))
                    .await?;
                // A commit may be no place to break off, and whoever ends has its time.
                tokio::task::yield_now().await;
            }
        }
        if let Some(last) = cluster.beats.get(&own) {
            self.commit_if_it_holds(JobTable::bury(own, *last)).await?;
        }
        Ok(())
    }

    /// Commits a batch; false if what it expects does not hold any more, because somebody else was faster.
    pub(super) async fn commit_if_it_holds(&self, batch: Batch) -> Result<bool, EngineError> {
        match commit(self.table.store(), batch).await {
            Ok(()) => Ok(true),
            Err(EngineError::Concurrent { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Stops what was cancelled elsewhere, and what another engine works on by now or has ended. What was held before the
/// view was read is in it, unless its claim is gone.
fn heed(held: &HashMap<JobId, Arc<LiveJob>>, cluster: &Cluster) {
    let rows = cluster.live.iter().map(|row| (row.id, row.claim()));
    let claims: HashMap<JobId, Option<Claim>> = rows.collect();
    for (id, live) in held {
        if claims.get(id).copied().flatten() != Some(live.claim) {
            // It ends as cancelled nowhere: nothing that its runner writes gets past the claim.
            live.cancel.cancel();
        }
    }
    for live in cluster.cancelled.iter().filter_map(|id| held.get(id)) {
        live.cancel.cancel();
    }
}
