//! Handing a job's work to the workers, and showing where it stands while they have it.

use std::sync::Arc;

use valence_coprocessor_zkvm::{
    Delivered, NewsSender, Priority, ProofKind, Stage, Undelivered, Work as WorkOfWorkers,
    WorkNews, WorkerName, ZkvmError,
};

use super::failure::{Interrupt, of_engine};
use super::runner::{Runner, Work};
use super::state::JobState;
use super::table::JobTable;
use crate::engine::own_workers;

/// What a job calls a worker of who asked for it: everybody sees the job, and the address is not theirs.
const OWN: &str = "own";

impl Runner {
    /// Has some worker do the work, and stops it when the job or the service is stopped.
    pub(super) async fn ask(
        &mut self,
        work: &Work,
        avoid: &[WorkerName],
    ) -> Result<Result<Delivered, Undelivered>, Interrupt> {
        let jobs = Arc::clone(&self.jobs);
        let work = self.for_workers(work, avoid)?;
        let own = work.own.clone();
        let (sender, mut news) = NewsSender::channel();
        let stop = self.live.cancel.child_token();
        // Whoever drops this future, stops the work.
        let _stops = stop.clone().drop_guard();
        let working = jobs.provers.run(work, sender, stop.clone());
        tokio::pin!(working);
        let (mut brings_news, mut waits) = (true, true);
        let answer = loop {
            tokio::select! {
                answer = &mut working => break answer,
                () = jobs.parking.cancelled(), if !stop.is_cancelled() => stop.cancel(),
                // Whoever waits when the service stops is parked at once.
                () = jobs.stopping.cancelled(), if waits && !stop.is_cancelled() => stop.cancel(),
                () = self.lasts() => self.save(JobTable::save).await?,
                changed = news.changed(), if brings_news => {
                    brings_news = changed.is_ok();
                    let newest = news.borrow_and_update().clone();
                    waits = newest.worker.is_none();
                    self.show(&own, newest).await?;
                }
            }
        };
        if self.live.cancel.is_cancelled() {
            return Err(Interrupt::Cancelled);
        }
        match answer {
            Err(undelivered)
                if undelivered.error == ZkvmError::ShutDown
                    || (undelivered.error == ZkvmError::Cancelled && stop.is_cancelled()) =>
            {
                Err(Interrupt::Parked)
            }
            answer => {
                let worker = match &answer {
                    Ok(delivered) => Some(&delivered.worker),
                    Err(undelivered) => undelivered.worker.as_ref(),
                };
                self.job.worker = worker.map(|worker| label(worker, &own));
                Ok(answer)
            }
        }
    }

    fn for_workers(&self, work: &Work, avoid: &[WorkerName]) -> Result<WorkOfWorkers, Interrupt> {
        let limits = &self.jobs.runtime.config.limits;
        Ok(WorkOfWorkers {
            elf: Arc::clone(&work.elf),
            input: Arc::clone(&work.input),
            kind: self.job.kind,
            limits: match self.job.kind {
                ProofKind::Execute => limits.execution,
                _ => limits.proof,
            },
            priority: Priority::default(),
            own: self.own_workers()?,
            avoid: avoid.to_vec(),
        })
    }

    /// The workers of who asked for the job.
    pub(super) fn own_workers(&self) -> Result<Vec<WorkerName>, Interrupt> {
        let store = self.jobs.table.store();
        let own = match self.request.caller.key() {
            Some(key) => own_workers(&**store, key).map_err(|error| of_engine(&error))?,
            None => Vec::new(),
        };
        Ok(own)
    }

    async fn show(&mut self, own: &[WorkerName], news: WorkNews) -> Result<(), Interrupt> {
        let WorkNews { worker, progress } = news;
        if self.job.kind != ProofKind::Execute {
            match (self.job.state, progress.stage > Stage::Queued) {
                (JobState::Queued, true) => self.enter(JobState::Proving).await?,
                // It lost its worker and waits for another.
                (JobState::Proving, false) => self.enter(JobState::Queued).await?,
                _ => {}
            }
        }
        self.job.worker = worker.map(|worker| label(&worker, own));
        self.progress(&progress.stage.to_string(), &progress.text);
        Ok(())
    }
}

fn label(worker: &WorkerName, own: &[WorkerName]) -> String {
    if own.contains(worker) {
        OWN.to_owned()
    } else {
        worker.to_string()
    }
}
