//! The proof cache: the same work is not proven twice.
//!
//! Work is a verifying key, a kind, and the hash of what the circuit reads, which contains the root. One row leads from
//! it to the newest job that has its proof. A proof that is found is verified again before it is used. Within one
//! engine a second job for the same work waits for the first instead of proving.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use blake3::Hasher;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_store::{Batch, Table};
use valence_coprocessor_zkvm::{Proof, ProofKind};

use super::digest::witness_digest;
use super::failure::Interrupt;
use super::job::{Job, JobId};
use super::runner::{Runner, Work};
use super::table::JobTable;
use crate::error::chain;
use crate::{EngineError, PublicKey};

const WORK: &[u8] = b"work/";

/// What makes two proofs the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WorkKey([u8; 32]);

impl WorkKey {
    fn new(key: &VerifyingKeyHash, kind: ProofKind, witness_digest: &str) -> Self {
        let mut hasher = Hasher::new();
        for field in [
            key.as_bytes(),
            kind.name().as_bytes(),
            witness_digest.as_bytes(),
        ] {
            hasher
                .update(&(field.len() as u64).to_le_bytes())
                .update(field);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The work that a job has proven.
    pub(super) fn of_job(job: &Job) -> Option<Self> {
        let (result, digest) = (job.result.as_ref()?, job.witness_digest.as_ref()?);
        Some(Self::new(&result.verifying_key, job.kind, digest))
    }

    /// The same work at the workers of one caller.
    fn at_workers_of(&self, caller: &PublicKey) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(&self.0).update(caller.as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// The key of its row among the secondary keys of jobs.
    pub(super) fn row(&self) -> Vec<u8> {
        [WORK, &self.0].concat()
    }

    /// Lets the work lead to this job from now on.
    pub(super) fn remember(&self, batch: &mut Batch, id: &JobId) {
        batch.put(Table::JobIndex, self.row(), *id.as_bytes());
    }
}

impl fmt::Debug for WorkKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// The work that jobs of this engine do right now.
#[derive(Debug, Default)]
pub(super) struct WorkInHand(Mutex<HashMap<WorkKey, Weak<Semaphore>>>);

/// The right to prove some work, held until its proof is stored.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) key: WorkKey,
    _permit: OwnedSemaphorePermit,
}

impl WorkInHand {
    fn one_at_a_time(&self, key: WorkKey) -> Arc<Semaphore> {
        let mut work = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = work.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        // There are never more than there are jobs that have not ended.
        work.retain(|_, semaphore| semaphore.strong_count() > 0);
        let semaphore = Arc::new(Semaphore::new(1));
        work.insert(key, Arc::downgrade(&semaphore));
        semaphore
    }
}

impl JobTable {
    /// The newest job that has the proof of this work, with the proof.
    fn find_work(&self, key: &WorkKey) -> Result<Option<(Job, Vec<u8>)>, EngineError> {
        let value = self.store().get(Table::JobIndex, &key.row())?;
        let Some(value) = value else { return Ok(None) };
        let id = <[u8; 16]>::try_from(&*value)
            .map_err(|error| EngineError::corrupt("job index", error))?;
        let id = JobId::from_bytes(id);
        // Between two reads, the job may have been kept for long enough.
        Ok(self.job(&id)?.zip(self.proof(&id)?))
    }
}

impl Runner {
    fn work_key(&self, work: &Work) -> WorkKey {
        let digest = match &self.job.witness_digest {
            Some(digest) => digest.clone(),
            None => witness_digest(&work.input),
        };
        WorkKey::new(&work.key.hash, self.job.kind, &digest)
    }

    /// Waits until no other job of this engine does the same work.
    pub(super) async fn turn(&mut self, work: &Work) -> Result<Turn, Interrupt> {
        let key = self.work_key(work);
        // Nobody waits for somebody else's worker, which may take for ever.
        let lane = match self.request.caller.key() {
            Some(caller) if !self.own_workers()?.is_empty() => key.at_workers_of(&caller),
            _ => key,
        };
        let semaphore = self.jobs.work_in_hand.one_at_a_time(lane);
        if semaphore.available_permits() == 0 {
            self.progress("waiting", "another job makes the same proof");
        }
        let permit = tokio::select! {
            biased;
            () = self.live.cancel.cancelled() => return Err(Interrupt::Cancelled),
            () = self.jobs.stopping.cancelled() => return Err(Interrupt::Parked),
            permit = semaphore.acquire_owned() => permit.map_err(|_| Interrupt::Parked)?,
        };
        Ok(Turn {
            key,
            _permit: permit,
        })
    }

    /// The proof that another job has made of the same work, if it verifies.
    pub(super) async fn find_proof(
        &mut self,
        work: &Work,
        executed: &[u8],
    ) -> Result<Option<Vec<u8>>, Interrupt> {
        let jobs = Arc::clone(&self.jobs);
        let found = match jobs.table.find_work(&self.work_key(work)) {
            Ok(Some((job, bytes))) => (job, bytes),
            Ok(None) => return Ok(None),
            // It costs a proof and not the job.
            Err(error) => {
                tracing::warn!(target: "valence_coprocessor", error = %chain(&error), "the proof cache cannot be read");
                return Ok(None);
            }
        };
        let (made_by, bytes) = found;
        if made_by
            .result
            .is_none_or(|result| result.public_values != executed)
        {
            return Ok(None);
        }
        let proof = Proof {
            kind: self.job.kind,
            public_values: executed.to_vec(),
            bytes,
        };
        let verified = jobs.zkvm.verify(&work.key, &proof);
        if let Err(error) = self.unless_stopped(verified).await? {
            tracing::warn!(target: "valence_coprocessor", made_by = %made_by.id, %error, "a kept proof does not verify; it is made anew");
            return Ok(None);
        }
        metrics::counter!("valence_proofs_reused_total", "kind" => self.job.kind.name())
            .increment(1);
        self.job.reused = Some(made_by.id);
        Ok(Some(proof.bytes))
    }
}
