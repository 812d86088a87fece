//! Retention: what is forgotten of jobs that ended long ago, and of signatures that could not be used again anyway.
//!
//! Several engines on one store may do this at once: every batch expects the secondary keys that it deletes to be those
//! it has read, and whoever comes second reads anew.

use std::ops::Bound;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use valence_coprocessor_store::{Batch, KeyRange, Order, Snapshot, Store, StoreError, Table};

use super::job::{Job, JobId};
use super::proof_cache::WorkKey;
use super::queue::Jobs;
use super::table::{DIGEST, INPUT, LIVE, REQUEST, key};
use crate::commit::run_blocking;
use crate::error::chain;
use crate::{EngineError, Timestamp};

/// Jobs that are looked at, and at most deleted, in one step.
const PAGE: usize = 64;
/// Used signatures that are looked at in one step.
const SIGNATURES: usize = 1_024;
/// How often a batch is made anew because somebody else changed what it deletes.
const ATTEMPTS: u32 = 3;
/// The first round begins this soon, unless rounds are closer together.
const FIRST: Duration = Duration::from_secs(10);
/// How long a used signature is kept after its expiry, in case somebody sets the clock back.
const SIGNATURE_MARGIN: Duration = Duration::from_hours(24);
/// Where the highest sequence number of a forgotten job is kept.
const FORGOTTEN: &[u8] = b"jobs-forgotten";

/// The highest sequence number of a job that was forgotten; 0 if there is none.
pub(super) fn read_forgotten(snapshot: &dyn Snapshot) -> Result<u64, EngineError> {
    let Some(value) = snapshot.get(Table::Meta, FORGOTTEN)? else {
        return Ok(0);
    };
    let value = <[u8; 8]>::try_from(&*value)
        .map_err(|error| EngineError::corrupt("number of forgotten jobs", error))?;
    Ok(u64::from_be_bytes(value))
}

/// Forgets, round after round, until the engine stops or is gone.
pub(super) async fn keep_forgetting(jobs: Weak<Jobs>, pause: Duration, stop: CancellationToken) {
    let mut rest = pause.min(FIRST);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
        rest = pause;
        let Some(jobs) = jobs.upgrade() else { return };
        if let Err(error) = round(&jobs).await {
            tracing::warn!(target: "valence_coprocessor", error = %chain(&error), "old results cannot be forgotten now");
        }
    }
}

async fn round(jobs: &Jobs) -> Result<(), EngineError> {
    let config = &jobs.runtime.config;
    let now = config.clock.now();
    forget_signatures(jobs, now).await?;
    let Some(keep) = config.keep_results else {
        return Ok(());
    };
    // Before a service was on for that long, nothing is old.
    let Some(until) = now.minus(keep) else {
        return Ok(());
    };
    let mut after = Bound::Unbounded;
    let mut forgotten = 0;
    while !jobs.stopping.is_cancelled() {
        let store = Arc::clone(jobs.table.store());
        let step = run_blocking(move || forget_page(&*store, &after, until)).await?;
        forgotten += step.forgotten;
        match step.next {
            Some(last) => after = Bound::Excluded(last),
            None => break,
        }
    }
    if forgotten > 0 {
        tracing::info!(target: "valence_coprocessor", jobs = forgotten, "forgot jobs that ended long ago");
        metrics::counter!("valence_jobs_forgotten_total").increment(forgotten);
    }
    Ok(())
}

struct Step {
    forgotten: u64,
    /// The last key that was looked at, if there may be more.
    next: Option<Vec<u8>>,
}

/// Forgets what is old among the next jobs, oldest first.
fn forget_page(
    store: &dyn Store,
    after: &Bound<Vec<u8>>,
    until: Timestamp,
) -> Result<Step, EngineError> {
    for _ in 0..ATTEMPTS {
        let snapshot = store.snapshot()?;
        let range = KeyRange::new(after.clone(), Bound::Unbounded);
        let rows = snapshot.scan(Table::Jobs, &range, Order::Ascending, PAGE)?;
        let (mut batch, mut forgotten, mut newest) = (Batch::new(), 0, 0);
        let mut is_last = rows.len() < PAGE;
        for (_, value) in &rows {
            let job: Job = serde_json::from_slice(value)
                .map_err(|error| EngineError::corrupt("job", error))?;
            // Whatever was accepted later has not ended earlier.
            if job
                .times
                .first()
                .is_some_and(|accepted| accepted.at > until)
            {
                is_last = true;
                break;
            }
            if job.state.is_terminal() && job.entered(job.state).is_some_and(|end| end <= until) {
                forget(&*snapshot, &mut batch, &job)?;
                forgotten += 1;
                newest = job.id.sequence();
            }
        }
        if !batch.is_empty() {
            let stored = snapshot.get(Table::Meta, FORGOTTEN)?;
            let newest = newest.max(read_forgotten(&*snapshot)?);
            batch.expect(Table::Meta, FORGOTTEN, stored.map(Vec::from));
            batch.put(Table::Meta, FORGOTTEN, newest.to_be_bytes());
        }
        let next = rows.last().map(|(key, _)| key.clone());
        let step = Step {
            forgotten,
            next: next.filter(|_| !is_last),
        };
        drop(snapshot);
        if batch.is_empty() {
            return Ok(step);
        }
        match store.commit(batch) {
            Ok(()) => return Ok(step),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(EngineError::Store(error)),
        }
    }
    Err(EngineError::Concurrent {
        what: "a page of old jobs",
    })
}

/// Deletes everything about a job. What leads to it is deleted only if it leads to no newer one.
fn forget(snapshot: &dyn Snapshot, batch: &mut Batch, job: &Job) -> Result<(), EngineError> {
    let id = job.id.as_bytes();
    batch.delete(Table::Jobs, *id);
    batch.delete(Table::Proofs, *id);
    for prefix in [REQUEST, INPUT, LIVE] {
        batch.delete(Table::JobIndex, key(prefix, id));
    }
    for row in rows_that_lead_to(snapshot, job)? {
        batch.expect(Table::JobIndex, row.clone(), Some(id.to_vec()));
        batch.delete(Table::JobIndex, row);
    }
    Ok(())
}

fn rows_that_lead_to(snapshot: &dyn Snapshot, job: &Job) -> Result<Vec<Vec<u8>>, EngineError> {
    let id = job.id.as_bytes();
    // A job's id ends with the beginning of its request's digest.
    let digests = KeyRange::prefix(&key(DIGEST, &id[8..]));
    let found = snapshot.scan(Table::JobIndex, &digests, Order::Ascending, usize::MAX)?;
    let mut rows: Vec<_> = found
        .into_iter()
        .filter(|(_, value)| **value == id[..])
        .map(|(row, _)| row)
        .collect();
    if let Some(work) = WorkKey::of_job(job) {
        let row = work.row();
        if snapshot
            .get(Table::JobIndex, &row)?
            .is_some_and(|value| *value == id[..])
        {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Forgets used signatures that have an expiry, long after it. Those of the published form have none and stay.
async fn forget_signatures(jobs: &Jobs, now: Timestamp) -> Result<(), EngineError> {
    let mut after = Bound::Unbounded;
    while !jobs.stopping.is_cancelled() {
        let (store, from) = (Arc::clone(jobs.table.store()), after);
        let next = run_blocking(move || forget_signature_page(&*store, from, now)).await?;
        match next {
            Some(last) => after = Bound::Excluded(last),
            None => break,
        }
    }
    Ok(())
}

fn forget_signature_page(
    store: &dyn Store,
    after: Bound<Vec<u8>>,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, EngineError> {
    let range = KeyRange::new(after, Bound::Unbounded);
    let rows = store
        .snapshot()?
        .scan(Table::Nonces, &range, Order::Ascending, SIGNATURES)?;
    let mut batch = Batch::new();
    for (row, value) in &rows {
        // When it was used, and when it expires.
        let expiry = value.get(8..16).and_then(|expiry| expiry.try_into().ok());
        let expiry = expiry.map(|expiry| Timestamp::from_millis(u64::from_be_bytes(expiry)));
        if expiry.is_some_and(|expiry| expiry.plus(SIGNATURE_MARGIN) < now) {
            batch.delete(Table::Nonces, row.clone());
        }
    }
    if !batch.is_empty() {
        store.commit(batch)?;
    }
    let last = rows.last().filter(|_| rows.len() == SIGNATURES);
    Ok(last.map(|(row, _)| row.clone()))
}

/// That a job is not there any more, or never was.
pub(super) fn missing(store: &dyn Store, id: &JobId) -> Result<EngineError, EngineError> {
    Ok(
        if (1..=read_forgotten(&*store.snapshot()?)?).contains(&id.sequence()) {
            EngineError::JobForgotten(*id)
        } else {
            EngineError::UnknownJob(*id)
        },
    )
}
