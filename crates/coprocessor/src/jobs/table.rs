//! `JobTable`: jobs in the store.
//!
//! A job's own row is small and rewritten at every step. What is large is written once and apart: its request, its
//! input (until it ends) and its proof. One row marks every job that has not ended, so that a restart finds them.

use std::ops::Bound;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use valence_coprocessor_store::{Batch, KeyRange, Order, Store, Table};

use super::digest::RequestDigest;
use super::job::{AcceptedRequest, Job, JobFilter, JobId};
use crate::EngineError;

const REQUEST: &[u8] = b"request/";
const INPUT: &[u8] = b"input/";
const DIGEST: &[u8] = b"digest/";
const LIVE: &[u8] = b"live/";

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
            .snapshot()?
            .get(Table::JobIndex, &key(INPUT, id.as_bytes()))?;
        Ok(value.map(|value| Arc::from(&*value)))
    }

    pub(crate) fn proof(&self, id: &JobId) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self
            .store
            .snapshot()?
            .get(Table::Proofs, id.as_bytes())?
            .map(Vec::from))
    }

    /// The newest job of a request.
    pub(crate) fn find(&self, digest: &RequestDigest) -> Result<Option<Job>, EngineError> {
        let value = self
            .store
            .snapshot()?
            .get(Table::JobIndex, &key(DIGEST, digest.as_bytes()))?;
        let Some(value) = value else { return Ok(None) };
        let id = <[u8; 16]>::try_from(&*value)
            .map_err(|error| EngineError::corrupt("job index", error))?;
        self.job(&JobId::from_bytes(id))
    }

    /// Every job that has not ended, oldest first.
    pub(crate) fn live(&self) -> Result<Vec<Job>, EngineError> {
        let range = KeyRange::prefix(LIVE);
        let snapshot = self.store.snapshot()?;
        let rows = snapshot.scan(Table::JobIndex, &range, Order::Ascending, usize::MAX)?;
        let jobs = rows.iter().map(|(key, _)| {
            let job = snapshot.get(Table::Jobs, &key[LIVE.len()..])?;
            let job = job.ok_or_else(|| EngineError::corrupt("job", "it is missing"))?;
            decode(&job)
        });
        jobs.collect()
    }

    /// The sequence number of the newest job; 0 if there is none.
    pub(crate) fn newest(&self) -> Result<u64, EngineError> {
        let snapshot = self.store.snapshot()?;
        let rows = snapshot.scan(Table::Jobs, &KeyRange::all(), Order::Descending, 1)?;
        let newest = rows.first().and_then(|(key, _)| key.first_chunk::<8>());
        Ok(newest.map_or(0, |sequence| u64::from_be_bytes(*sequence)))
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

    /// The batch that makes a job exist.
    pub(crate) fn accept(
        job: &Job,
        request: &AcceptedRequest,
        digest: &RequestDigest,
    ) -> Result<Batch, EngineError> {
        let id = job.id.as_bytes();
        let mut batch = Self::save(job)?;
        batch.expect(Table::Jobs, *id, None);
        batch.put(Table::JobIndex, key(REQUEST, id), encode(request)?);
        batch.put(Table::JobIndex, key(DIGEST, digest.as_bytes()), *id);
        batch.put(Table::JobIndex, key(LIVE, id), Vec::new());
        Ok(batch)
    }

    /// The batch that keeps a job as it is now; when it has ended, nothing is kept for a restart.
    pub(crate) fn save(job: &Job) -> Result<Batch, EngineError> {
        let id = job.id.as_bytes();
        let mut batch = Batch::new();
        batch.put(Table::Jobs, *id, encode(job)?);
        if job.state.is_terminal() {
            batch.delete(Table::JobIndex, key(LIVE, id));
            batch.delete(Table::JobIndex, key(INPUT, id));
        }
        Ok(batch)
    }

    /// The batch that keeps a job with what its circuit reads.
    pub(crate) fn save_with_input(job: &Job, input: &[u8]) -> Result<Batch, EngineError> {
        let mut batch = Self::save(job)?;
        batch.put(Table::JobIndex, key(INPUT, job.id.as_bytes()), input);
        Ok(batch)
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
            .snapshot()?
            .get(table, key)?
            .map(|value| decode(&value))
            .transpose()
    }
}

impl JobFilter {
    fn matches(&self, job: &Job) -> bool {
        self.circuit.is_none_or(|circuit| circuit == job.circuit)
            && self.state.is_none_or(|state| state == job.state)
    }
}

fn key(prefix: &[u8], id: &[u8]) -> Vec<u8> {
    [prefix, id].concat()
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(value).map_err(|error| EngineError::corrupt("job", error))
}

fn decode<T: DeserializeOwned>(value: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(value).map_err(|error| EngineError::corrupt("job", error))
}
