//! `JobTable`: jobs in the store.
//!
//! A job's own row is small and rewritten at every step. What is large is written once and apart: its request, its
//! input (until it ends) and its proof. One row marks every job that has not ended, and says who works on it: see
//! `claim.rs`, which also says which batches that row lets through.

use std::ops::Bound;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use valence_coprocessor_store::{Batch, KeyRange, Order, Snapshot, Store, Table};

use super::claim::{Beat, Claim, Cluster, EngineId, LiveRow};
use super::digest::RequestDigest;
use super::job::{AcceptedRequest, Job, JobFilter, JobId};
use super::retention::read_forgotten;
use crate::EngineError;

pub(super) const REQUEST: &[u8] = b"request/";
pub(super) const INPUT: &[u8] = b"input/";
pub(super) const DIGEST: &[u8] = b"digest/";
pub(super) const LIVE: &[u8] = b"live/";
pub(super) const CANCEL: &[u8] = b"cancel/";
const BEAT: &[u8] = b"beat/";
/// Is written to have something to be confirmed; nobody reads it.
const CONFIRMED: &[u8] = b"jobs-confirmed";

/// Rows read at once while looking for jobs that match a filter.
const PAGE: usize = 256;
/// Rows looked at for one answer, so that a filter which matches nothing does not read everything.
const SCANNED: usize = 16_384;

/// Jobs in the store.
#[derive(Clone, Debug)]
pub(crate) struct JobTable {
    store: Arc<dyn Store>,
}

impl JobTable {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn job(&self, id: &JobId) -> Result<Option<Job>, EngineError> {
        self.read(Table::Jobs, id.as_bytes())
    }

    pub(crate) fn request(&self, id: &JobId) -> Result<AcceptedRequest, EngineError> {
        let request = self.read(Table::JobIndex, &key(REQUEST, id.as_bytes()))?;
        request.ok_or_else(|| EngineError::corrupt("job", "its request is missing"))
    }

    /// What the circuit reads, if the witnesses were computed.
    pub(crate) fn input(&self, id: &JobId) -> Result<Option<Arc<[u8]>>, EngineError> {
        let value = self
            .store
            .get(Table::JobIndex, &key(INPUT, id.as_bytes()))?;
        Ok(value.map(|value| Arc::from(&*value)))
    }

    pub(crate) fn proof(&self, id: &JobId) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.store.get(Table::Proofs, id.as_bytes())?.map(Vec::from))
    }

    /// The newest job of a request, and the row that names it, which a new job of the request must find as it is.
    pub(super) fn find(&self, digest: &RequestDigest) -> Result<Found, EngineError> {
        let value = self
            .store
            .get(Table::JobIndex, &key(DIGEST, digest.as_bytes()))?;
        let Some(value) = value else {
            return Ok(Found::default());
        };
        let id = <[u8; 16]>::try_from(&*value)
            .map_err(|error| EngineError::corrupt("job index", error))?;
        Ok(Found {
            row: Some(Vec::from(value)),
            job: self.stored_job(&JobId::from_bytes(id))?,
        })
    }

    /// A job that has not ended with its live row, both of one moment; none if it has.
    pub(super) fn live_job(&self, id: &JobId) -> Result<Option<(LiveRow, StoredJob)>, EngineError> {
        let snapshot = self.store.snapshot()?;
        let Some(value) = snapshot.get(Table::JobIndex, &key(LIVE, id.as_bytes()))? else {
            return Ok(None);
        };
        let row = LiveRow::new(*id, Vec::from(value));
        let bytes = snapshot.get(Table::Jobs, id.as_bytes())?;
        let bytes = bytes.ok_or_else(|| EngineError::corrupt("job", "it is missing"))?;
        Ok(Some((row, StoredJob::read(bytes.into())?)))
    }

    /// A job as it stands in the store.
    pub(super) fn stored_job(&self, id: &JobId) -> Result<Option<StoredJob>, EngineError> {
        let bytes = self.store.get(Table::Jobs, id.as_bytes())?;
        bytes.map(|bytes| StoredJob::read(bytes.into())).transpose()
    }

    /// What lets a batch through only as long as a job stands in the store as these bytes.
    pub(super) fn expect_job(id: &JobId, bytes: Vec<u8>) -> Batch {
        let mut batch = Batch::new();
        batch.expect(Table::Jobs, *id.as_bytes(), Some(bytes));
        batch
    }

    /// A job as it would stand in the store.
    pub(super) fn bytes_of(job: &Job) -> Result<Vec<u8>, EngineError> {
        encode(job)
    }

    /// The number of jobs that have not ended, whoever works on them.
    pub(crate) fn live_count(&self) -> Result<usize, EngineError> {
        Ok(rows(&*self.store.snapshot()?, LIVE)?.len())
    }

    /// Everything about who lives, who works on what, and what is to be cancelled, in one consistent view.
    pub(super) fn cluster(&self) -> Result<Cluster, EngineError> {
        let snapshot = self.store.snapshot()?;
        let live = rows(&*snapshot, LIVE)?.into_iter();
        let beats = rows(&*snapshot, BEAT)?.into_iter();
        let cancelled = rows(&*snapshot, CANCEL)?.into_iter();
        Ok(Cluster {
            live: live
                .map(|(id, value)| LiveRow::new(JobId::from_bytes(id), value))
                .collect(),
            beats: beats
                .filter_map(|(id, value)| Some((EngineId::from_bytes(id), Beat::decode(&value)?)))
                .collect(),
            cancelled: cancelled.map(|(id, _)| JobId::from_bytes(id)).collect(),
        })
    }

    /// The sequence number of the newest job there ever was, also if it is forgotten; 0 if there was none.
    pub(crate) fn newest(&self) -> Result<u64, EngineError> {
        let snapshot = self.store.snapshot()?;
        let rows = snapshot.scan(Table::Jobs, &KeyRange::all(), Order::Descending, 1)?;
        let newest = rows.first().and_then(|(key, _)| key.first_chunk::<8>());
        let newest = newest.map_or(0, |sequence| u64::from_be_bytes(*sequence));
        Ok(newest.max(read_forgotten(&*snapshot)?))
    }

    /// Jobs that match a filter, newest first.
    pub(crate) fn list(&self, filter: &JobFilter, limit: usize) -> Result<Vec<Job>, EngineError> {
        let snapshot = self.store.snapshot()?;
        let mut jobs = Vec::new();
        let mut end = match &filter.before {
            Some(id) => Bound::Excluded(id.as_bytes().to_vec()),
            None => Bound::Unbounded,
        };
        for _ in 0..SCANNED / PAGE {
            let range = KeyRange::new(Bound::Unbounded, end);
            let rows = snapshot.scan(Table::Jobs, &range, Order::Descending, PAGE)?;
            for (_, value) in &rows {
                let job: Job = decode(value)?;
                if filter.matches(&job) {
                    jobs.push(job);
                }
                if jobs.len() >= limit {
                    return Ok(jobs);
                }
            }
            match rows.last() {
                Some((key, _)) if rows.len() == PAGE => end = Bound::Excluded(key.clone()),
                _ => break,
            }
        }
        Ok(jobs)
    }

    /// The batch that makes a job exist, as the newest one of its request and claimed by who accepts it.
    pub(super) fn accept(
        job: &Job,
        request: &AcceptedRequest,
        digest: &RequestDigest,
        newest: Option<Vec<u8>>,
        claim: Claim,
    ) -> Result<Batch, EngineError> {
        let id = job.id.as_bytes();
        let digest = key(DIGEST, digest.as_bytes());
        let mut batch = Self::save(job)?;
        batch.expect(Table::Jobs, *id, None);
        batch.expect(Table::JobIndex, digest.clone(), newest);
        batch.put(Table::JobIndex, key(REQUEST, id), encode(request)?);
        batch.put(Table::JobIndex, digest, *id);
        batch.put(Table::JobIndex, key(LIVE, id), claim.encode());
        Ok(batch)
    }

    /// The batch that keeps a job as it is now; when it has ended, nothing is kept for a restart. Whoever commits it adds
    /// what makes it count: [`Self::fence`] of the claim, or [`Self::expect_row`].
    pub(crate) fn save(job: &Job) -> Result<Batch, EngineError> {
        let id = job.id.as_bytes();
        let mut batch = Batch::new();
        batch.put(Table::Jobs, *id, encode(job)?);
        if job.state.is_terminal() {
            batch.delete(Table::JobIndex, key(LIVE, id));
            batch.delete(Table::JobIndex, key(INPUT, id));
            batch.delete(Table::JobIndex, key(CANCEL, id));
        }
        Ok(batch)
    }

    /// What lets a batch through only as long as the job is claimed as `claim` says.
    pub(super) fn fence(id: &JobId, claim: Claim) -> Batch {
        let mut batch = Batch::new();
        let value = claim.encode().to_vec();
        batch.expect(Table::JobIndex, key(LIVE, id.as_bytes()), Some(value));
        batch
    }

    /// What lets a batch through only as long as the row of a live job is as it was read.
    pub(super) fn expect_row(row: &LiveRow) -> Batch {
        let mut batch = Batch::new();
        let key = key(LIVE, row.id.as_bytes());
        batch.expect(Table::JobIndex, key, Some(row.value.clone()));
        batch
    }

    /// The batch that takes over a live job, which counts it as resumed; `stored` is what it was read from.
    pub(super) fn claim(
        row: &LiveRow,
        job: &Job,
        stored: Vec<u8>,
        claim: Claim,
    ) -> Result<Batch, EngineError> {
        let mut batch = Self::expect_row(row);
        batch.extend(Self::expect_job(&job.id, stored));
        batch.extend(Self::save(job)?);
        let key = key(LIVE, row.id.as_bytes());
        batch.put(Table::JobIndex, key, claim.encode());
        Ok(batch)
    }

    /// The batch that leaves a live job to whoever wants it.
    pub(super) fn release(id: &JobId, claim: Claim) -> Batch {
        let mut batch = Self::fence(id, claim);
        batch.put(Table::JobIndex, key(LIVE, id.as_bytes()), Vec::new());
        batch
    }

    /// The batch that asks whoever works on a job to cancel it.
    pub(super) fn ask_to_cancel(row: &LiveRow) -> Batch {
        let mut batch = Self::expect_row(row);
        let key = key(CANCEL, row.id.as_bytes());
        batch.put(Table::JobIndex, key, Vec::new());
        batch
    }

    /// The batch that says that an engine lives.
    pub(super) fn beat(engine: EngineId, beat: Beat) -> Batch {
        let mut batch = Batch::new();
        let key = key(BEAT, engine.as_bytes());
        batch.put(Table::JobIndex, key, beat.encode());
        batch
    }

    /// The batch that forgets an engine, if its last beat is `last`.
    pub(super) fn bury(engine: EngineId, last: Beat) -> Batch {
        let mut batch = Batch::new();
        let key = key(BEAT, engine.as_bytes());
        batch.expect(Table::JobIndex, key.clone(), Some(last.encode().to_vec()));
        batch.delete(Table::JobIndex, key);
        batch
    }

    /// A batch after that in which a job was stored as these bytes: once it is confirmed, so is the other.
    pub(super) fn confirm(id: &JobId, bytes: Vec<u8>) -> Batch {
        let mut batch = Self::expect_job(id, bytes);
        batch.put(Table::Meta, CONFIRMED, *id.as_bytes());
        batch
    }

    /// The batch that keeps what a job's circuit reads.
    pub(super) fn input_of(id: &JobId, input: &[u8]) -> Batch {
        let mut batch = Batch::new();
        batch.put(Table::JobIndex, key(INPUT, id.as_bytes()), input);
        batch
    }

    /// The batch that keeps a job with its proof.
    pub(crate) fn save_with_proof(job: &Job, proof: &[u8]) -> Result<Batch, EngineError> {
        let mut batch = Self::save(job)?;
        batch.put(Table::Proofs, *job.id.as_bytes(), proof);
        Ok(batch)
    }

    fn read<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, EngineError> {
        self.store
            .get(table, key)?
            .map(|value| decode(&value))
            .transpose()
    }
}

/// A job with the bytes that it was read from, which whoever writes it anew expects to find.
#[derive(Clone, Debug)]
pub(super) struct StoredJob {
    pub(super) job: Job,
    pub(super) bytes: Vec<u8>,
}

impl StoredJob {
    fn read(bytes: Vec<u8>) -> Result<Self, EngineError> {
        Ok(Self {
            job: decode(&bytes)?,
            bytes,
        })
    }
}

/// What is stored about a request.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The row that names its newest job.
    pub(super) row: Option<Vec<u8>>,
    /// That job.
    pub(super) job: Option<StoredJob>,
}

impl JobFilter {
    fn matches(&self, job: &Job) -> bool {
        self.circuit.is_none_or(|circuit| circuit == job.circuit)
            && self.state.is_none_or(|state| state == job.state)
    }
}

/// The rows of a prefix, by the id that follows it.
fn rows(snapshot: &dyn Snapshot, prefix: &[u8]) -> Result<Vec<IdRow>, EngineError> {
    let range = KeyRange::prefix(prefix);
    let rows = snapshot.scan(Table::JobIndex, &range, Order::Ascending, usize::MAX)?;
    let rows = rows.into_iter().map(|(key, value)| {
        let id = <[u8; 16]>::try_from(&key[prefix.len()..])
            .map_err(|error| EngineError::corrupt("job index", error))?;
        Ok((id, Vec::from(value)))
    });
    rows.collect()
}

type IdRow = ([u8; 16], Vec<u8>);

pub(super) fn key(prefix: &[u8], id: &[u8]) -> Vec<u8> {
    [prefix, id].concat()
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(value).map_err(|error| EngineError::corrupt("job", error))
}

fn decode<T: DeserializeOwned>(value: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(value).map_err(|error| EngineError::corrupt("job", error))
}
