//! What the engine keeps per key: which signed requests it has spent, and the provers that it brings along.

use valence_coprocessor_store::{Batch, KeyRange, Order, Snapshot, Store, StoreError, Table};
use valence_coprocessor_wasm::TargetError;
use valence_coprocessor_zkvm::{Capacity, WorkerHealth, WorkerName, WorkerState};

use super::Engine;
use crate::commit::{commit, commit_computed, run_blocking};
use crate::{EngineError, PublicKey, Timestamp};

/// Provers of one key.
const PROVERS: usize = 64;
/// Begins the keys of provers in the registry, apart from circuits and domains.
const PROVER_PREFIX: &[u8] = b"prover/";

impl Engine {
    /// The time, as the engine sees it.
    pub fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// Spends the number of a signed request; false if that key has spent it before. Durable when it returns, so that a
    /// restart forgives nothing. Long after the expiry of the request, if it has one, the number is forgotten.
    pub async fn spend_signature(
        &self,
        key: PublicKey,
        number: &str,
        expiry: Option<Timestamp>,
    ) -> Result<bool, EngineError> {
        let mut record = key.as_bytes().to_vec();
        record.extend_from_slice(blake3::hash(number.as_bytes()).as_bytes());
        let mut batch = Batch::new();
        batch.expect(Table::Nonces, record.clone(), None);
        let mut times = self.now().as_millis().to_be_bytes().to_vec();
        if let Some(expiry) = expiry {
            times.extend_from_slice(&expiry.as_millis().to_be_bytes());
        }
        batch.put(Table::Nonces, record, times);
        let store = self.store.clone();
        run_blocking(move || match store.commit(batch) {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(EngineError::Store(error)),
        })
        .await
    }

    /// The provers of a key, in alphabetical order.
    pub fn provers(&self, key: PublicKey) -> Result<Vec<String>, EngineError> {
        provers(&*self.store.snapshot()?, key)
    }

    /// The workers that serve everybody, and those of a key, which may never have been asked yet.
    pub fn workers(&self, key: Option<PublicKey>) -> Result<Vec<WorkerState>, EngineError> {
        let own = match key {
            Some(key) => own_workers(&*self.store, key)?,
            None => Vec::new(),
        };
        let mut workers = self.jobs.workers();
        workers.retain(|worker| worker.public || own.contains(&worker.name));
        for name in own {
            if workers.iter().all(|worker| worker.name != name) {
                workers.push(WorkerState {
                    name,
                    public: false,
                    health: WorkerHealth::Unknown,
                    running: 0,
                    queued: 0,
                    capacity: Capacity::default(),
                });
            }
        }
        Ok(workers)
    }

    /// Keeps a prover for a key, if it is where provers of callers may be. Its address is judged again at every
    /// connection, since names change what they stand for.
    pub async fn add_prover(&self, key: PublicKey, address: &str) -> Result<(), EngineError> {
        let rules = &self.config.worker_network;
        rules.resolve_target(address).await.map_err(|error| {
            let reason = error.to_string();
            match error {
                TargetError::Malformed { .. } => EngineError::InvalidArguments { reason },
                _ => EngineError::ProverNotAllowed { reason },
            }
        })?;
        let (store, address) = (self.store.clone(), address.to_owned());
        let add = move |snapshot: Box<dyn Snapshot + '_>| {
            let known = provers(&*snapshot, key)?;
            let mut batch = Batch::new();
            if known.contains(&address) {
                return Ok(((), batch));
            }
            if known.len() >= PROVERS {
                return Err(EngineError::Quota {
                    controller: format!("key {key}"),
                    what: "provers",
                    wanted: PROVERS as u64 + 1,
                    quota: PROVERS as u64,
                });
            }
            // Rises with every prover that is added, so that of two at once the second counts the first.
            let added = [b"provers/".as_slice(), key.as_bytes()].concat();
            let before = snapshot.get(Table::Meta, &added)?;
            let count = before.as_deref().and_then(|count| count.first_chunk());
            let count = count.map_or(0, |count| u64::from_be_bytes(*count));
            batch.expect(Table::Meta, added.clone(), before.map(Vec::from));
            batch.put(Table::Meta, added, (count + 1).to_be_bytes());
            batch.put(Table::Registry, prover_record(key, &address), Vec::new());
            Ok(((), batch))
        };
        run_blocking(move || commit_computed(&*store, "the list of provers", add)).await
    }

    /// Forgets a prover of a key.
    pub async fn remove_prover(&self, key: PublicKey, address: &str) -> Result<(), EngineError> {
        if !self.provers(key)?.iter().any(|known| known == address) {
            return Err(EngineError::UnknownProver(address.to_owned()));
        }
        let mut batch = Batch::new();
        batch.delete(Table::Registry, prover_record(key, address));
        commit(&self.store, batch).await
    }
}

/// The provers of a key as the workers that they are.
pub(crate) fn own_workers(
    store: &dyn Store,
    key: PublicKey,
) -> Result<Vec<WorkerName>, EngineError> {
    let provers = provers(&*store.snapshot()?, key)?;
    Ok(provers.into_iter().map(WorkerName).collect())
}

fn provers(snapshot: &dyn Snapshot, key: PublicKey) -> Result<Vec<String>, EngineError> {
    let prefix = prover_record(key, "");
    let range = KeyRange::prefix(&prefix);
    let records = snapshot.scan(Table::Registry, &range, Order::Ascending, PROVERS)?;
    records
        .into_iter()
        .map(|(record, _)| {
            String::from_utf8(record[prefix.len()..].to_vec())
                .map_err(|error| EngineError::corrupt("address of a prover", error))
        })
        .collect()
}

fn prover_record(key: PublicKey, address: &str) -> Vec<u8> {
    [PROVER_PREFIX, key.as_bytes(), address.as_bytes()].concat()
}
