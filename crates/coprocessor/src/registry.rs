//! Deployed circuits and domains: who owns them, what they run.

mod cache;
mod deploy;
mod light_client;
mod record;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, OnceCell};
use valence_coprocessor_protocol::{CircuitId, DomainId};
use valence_coprocessor_store::{KeyRange, Order, Store, Table, Value};
use valence_coprocessor_wasm::{ControllerModule, Sandbox};
use valence_coprocessor_zkvm::{VerifyingKey, Zkvm};

use self::cache::Cache;
pub(crate) use self::light_client::VerifiedStep;
pub(crate) use self::record::{CircuitRecord, DomainRecord};
use self::record::{DOMAIN_PREFIX, circuit_key, domain_key};
use crate::commit::run_blocking;
use crate::{EngineConfig, EngineError, ModuleHash};

/// A circuit that is ready to be used.
#[derive(Debug)]
pub(crate) struct Circuit {
    pub(crate) record: CircuitRecord,
    pub(crate) controller: ControllerModule,
}

/// A domain that is ready to be used.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) record: DomainRecord,
    pub(crate) controller: ControllerModule,
}

/// Everything that is deployed.
#[derive(Debug)]
pub(crate) struct Registry {
    config: Arc<EngineConfig>,
    store: Arc<dyn Store>,
    zkvm: Arc<dyn Zkvm>,
    sandbox: Sandbox,
    circuits: Cache<CircuitId, Circuit>,
    domains: Cache<DomainId, Domain>,
    /// Keys of ELFs that were deployed lately: computing one takes seconds, and is done once however many ask.
    keys: Cache<ModuleHash, OnceCell<VerifyingKey>>,
    /// Held from reading a record to replacing it.
    writing: Mutex<()>,
}

impl Registry {
    pub(crate) fn new(
        config: Arc<EngineConfig>,
        store: Arc<dyn Store>,
        zkvm: Arc<dyn Zkvm>,
        sandbox: Sandbox,
    ) -> Self {
        let capacity = config.limits.cached_controllers;
        Self {
            config,
            store,
            zkvm,
            sandbox,
            circuits: Cache::new(capacity),
            domains: Cache::new(capacity),
            keys: Cache::new(capacity),
            writing: Mutex::new(()),
        }
    }

    /// A circuit with its compiled controller.
    pub(crate) async fn circuit(&self, id: CircuitId) -> Result<Arc<Circuit>, EngineError> {
        if let Some(circuit) = self.circuits.find(&id) {
            return Ok(circuit);
        }
        let generation = self.circuits.generation();
        let record = self.circuit_record(id)?;
        let controller = self.compile_stored(record.controller).await?;
        let circuit = Arc::new(Circuit { record, controller });
        self.circuits.fill(id, Arc::clone(&circuit), generation);
        Ok(circuit)
    }

    /// A domain with its compiled controller; `None` if there is none.
    pub(crate) async fn domain(&self, id: DomainId) -> Result<Option<Arc<Domain>>, EngineError> {
        if let Some(domain) = self.domains.find(&id) {
            return Ok(Some(domain));
        }
        let generation = self.domains.generation();
        let Some(record) = self.domain_record(id)? else {
            return Ok(None);
        };
        let controller = self.compile_stored(record.controller).await?;
        let domain = Arc::new(Domain { record, controller });
        self.domains.fill(id, Arc::clone(&domain), generation);
        Ok(Some(domain))
    }

    /// What the store keeps of a circuit.
    pub(crate) fn circuit_record(&self, id: CircuitId) -> Result<CircuitRecord, EngineError> {
        if let Some(circuit) = self.circuits.find(&id) {
            return Ok(circuit.record.clone());
        }
        let value = self
            .value(&circuit_key(&id))?
            .ok_or(EngineError::UnknownCircuit(id))?;
        decode("circuit", &value)
    }

    /// What the store keeps of a domain.
    pub(crate) fn domain_record(&self, id: DomainId) -> Result<Option<DomainRecord>, EngineError> {
        if let Some(domain) = self.domains.find(&id) {
            return Ok(Some(domain.record.clone()));
        }
        self.value(&domain_key(&id))?
            .map(|value| decode("domain", &value))
            .transpose()
    }

    /// Every domain, by id.
    pub(crate) fn domain_records(&self) -> Result<Vec<DomainRecord>, EngineError> {
        let range = KeyRange::prefix(DOMAIN_PREFIX);
        let snapshot = self.store.snapshot()?;
        let entries = snapshot.scan(Table::Registry, &range, Order::Ascending, usize::MAX)?;
        entries
            .iter()
            .map(|(_, value)| decode("domain", value))
            .collect()
    }

    /// The bytes of an ELF or of a wasm module.
    pub(crate) fn module(&self, hash: ModuleHash) -> Result<Arc<[u8]>, EngineError> {
        let bytes = self
            .store
            .snapshot()?
            .get(Table::Modules, hash.as_bytes())?;
        let bytes = bytes.ok_or_else(|| EngineError::corrupt("module", "it is missing"))?;
        Ok(Arc::from(&*bytes))
    }

    fn value(&self, key: &[u8]) -> Result<Option<Value>, EngineError> {
        Ok(self.store.snapshot()?.get(Table::Registry, key)?)
    }

    /// Compiles an uploaded controller.
    async fn compile(&self, wasm: Arc<[u8]>) -> Result<ControllerModule, EngineError> {
        let sandbox = self.sandbox.clone();
        run_blocking(move || {
            sandbox
                .compile(&wasm)
                .map_err(|error| EngineError::InvalidController {
                    reason: error.to_string(),
                })
        })
        .await
    }

    async fn compile_stored(&self, hash: ModuleHash) -> Result<ControllerModule, EngineError> {
        let wasm = self.module(hash)?;
        self.compile(wasm).await
    }
}

fn decode<T: DeserializeOwned>(what: &'static str, value: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(value).map_err(|error| EngineError::corrupt(what, error))
}
