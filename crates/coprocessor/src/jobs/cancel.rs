//! Cancelling a job, wherever it is worked on.

use std::sync::Arc;

use super::claim::LiveRow;
use super::job::{Job, JobId};
use super::queue::{Jobs, LiveJob};
use super::state::JobState;
use super::table::{JobTable, StoredJob};
use crate::commit::CONFLICT_TRIES;
use crate::{Caller, EngineError};

impl Jobs {
    /// Cancels a job, and returns it once it is cancelled.
    pub(crate) async fn cancel(
        self: &Arc<Self>,
        caller: &Caller,
        id: &JobId,
    ) -> Result<Job, EngineError> {
        // A job may change hands, or end, while it is looked for.
        for _ in 0..CONFLICT_TRIES {
            let ended = match self.find_live(id) {
                Some(live) => self.cancel_here(caller, &live).await?,
                None => self.cancel_elsewhere(caller, id).await?,
            };
            match ended {
                Some(job) if job.state == JobState::Cancelled => return Ok(job),
                Some(Job { state, .. }) => {
                    return Err(EngineError::JobNotCancellable { id: *id, state });
                }
                None => {}
            }
        }
        Err(EngineError::Concurrent { what: "the job" })
    }

    /// Cancels a job that is worked on here; none if it changed hands before it ended.
    async fn cancel_here(
        &self,
        caller: &Caller,
        live: &LiveJob,
    ) -> Result<Option<Job>, EngineError> {
        self.check_may_cancel(caller, live.caller, &live.news.borrow().clone())?;
        let mut news = live.news.subscribe();
        live.cancel.cancel();
        tokio::select! {
            _ = news.wait_for(is_settled) => {}
            () = live.gone.cancelled() => {}
        }
        let job = news.borrow().clone();
        let is_final = is_settled(&job) || self.stopping.is_cancelled();
        Ok(is_final.then_some(job))
    }

    /// Cancels a job that is not worked on here; none if that changed, or if it ended, meanwhile.
    async fn cancel_elsewhere(
        self: &Arc<Self>,
        caller: &Caller,
        id: &JobId,
    ) -> Result<Option<Job>, EngineError> {
        let live = self.table.live_job(id)?;
        let job = match &live {
            Some((_, stored)) => stored.job.clone(),
            None => self.job(id)?,
        };
        self.check_may_cancel(caller, self.table.request(id)?.caller, &job)?;
        if is_settled(&job) {
            return Ok(Some(job));
        }
        let Some((row, stored)) = live else {
            return Ok(None);
        };
        match row.claim() {
            Some(claim) if claim.engine != self.claims.engine() => self.ask_owner(&row).await,
            // It was taken up here since it was looked for.
            Some(_) if self.find_live(id).is_some() => Ok(None),
            _ => self.cancel_resting(&row, stored).await,
        }
    }

    /// Has the engine that works on a job cancel it; it looks for such wishes at every beat.
    async fn ask_owner(self: &Arc<Self>, row: &LiveRow) -> Result<Option<Job>, EngineError> {
        if !self
            .commit_if_it_holds(JobTable::ask_to_cancel(row))
            .await?
        {
            return Ok(None);
        }
        let mut news = self.watch(&row.id)?;
        // Should the owner die, whoever takes the job over finds the wish.
        let _ = news.wait_for(is_settled).await;
        let job = news.borrow().clone();
        Ok(Some(job))
    }

    /// Cancels a job that nothing works on.
    async fn cancel_resting(
        &self,
        row: &LiveRow,
        stored: StoredJob,
    ) -> Result<Option<Job>, EngineError> {
        let StoredJob { mut job, bytes } = stored;
        job.enter(JobState::Cancelled, self.runtime.config.clock.now());
        let mut batch = JobTable::expect_row(row);
        batch.extend(JobTable::expect_job(&job.id, bytes));
        batch.extend(JobTable::save(&job)?);
        Ok(self.commit_if_it_holds(batch).await?.then_some(job))
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
}

/// Whether it is decided if the job is cancelled. One that is being delivered may be so for hours, until somebody takes
/// its callback.
fn is_settled(job: &Job) -> bool {
    !job.state.may_become(JobState::Cancelled)
}
