//! What the engine keeps per key: which signed requests it has spent, and the provers that it brings along.

use valence_coprocessor_store::{Batch, KeyRange, Order, StoreError, Table};

use super::Engine;
use crate::commit::{commit, run_blocking};
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
    /// restart forgives nothing.
    pub async fn spend_signature(&self, key: PublicKey, number: &str) -> Result<bool, EngineError> {
        let mut record = key.as_bytes().to_vec();
        record.extend_from_slice(blake3::hash(number.as_bytes()).as_bytes());
        let mut batch = Batch::new();
        batch.expect(Table::Nonces, record.clone(), None);
        batch.put(
            Table::Nonces,
            record,
            self.now().as_millis().to_be_bytes().to_vec(),
        );
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
        let prefix = prover_record(key, "");
        let range = KeyRange::prefix(&prefix);
        let snapshot = self.store.snapshot()?;
        let records = snapshot.scan(Table::Registry, &range, Order::Ascending, PROVERS)?;
        records
            .into_iter()
            .map(|(record, _)| {
                String::from_utf8(record[prefix.len()..].to_vec())
                    .map_err(|error| EngineError::corrupt("address of a prover", error))
            })
            .collect()
    }

    /// Keeps a prover for a key.
    pub async fn add_prover(&self, key: PublicKey, address: &str) -> Result<(), EngineError> {
        let known = self.provers(key)?;
        if known.len() >= PROVERS && !known.iter().any(|known| known == address) {
            return Err(EngineError::Quota {
                controller: format!("key {key}"),
                what: "provers",
                wanted: PROVERS as u64 + 1,
                quota: PROVERS as u64,
            });
        }
        let mut batch = Batch::new();
        batch.put(Table::Registry, prover_record(key, address), Vec::new());
        commit(&self.store, batch).await
    }

    /// Forgets a prover of a key; that it was not there is no error.
    pub async fn remove_prover(&self, key: PublicKey, address: &str) -> Result<(), EngineError> {
        let mut batch = Batch::new();
        batch.delete(Table::Registry, prover_record(key, address));
        commit(&self.store, batch).await
    }
}

fn prover_record(key: PublicKey, address: &str) -> Vec<u8> {
    [PROVER_PREFIX, key.as_bytes(), address.as_bytes()].concat()
}
