//! Deployed circuits and domains: who owns them, what they run.

mod cache;
mod deploy;
mod light_client;
mod record;

use std::hash::Hash;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
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

/// A domain that is ready to be used.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) record: Arc<DomainRecord>,
    pub(crate) controller: ControllerModule,
}

/// What a circuit's id stands for, ready to be executed.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) elf: Arc<[u8]>,
    pub(crate) key: VerifyingKey,
}

impl Program {
    fn bytes(&self) -> usize {
        self.elf.len()
    }
}

/// Everything that is deployed.
#[derive(Debug)]
pub(crate) struct Registry {
    config: Arc<EngineConfig>,
    store: Arc<dyn Store>,
    zkvm: Arc<dyn Zkvm>,
    sandbox: Sandbox,
    /// Records of a store that only this process has open; on a shared store every call reads the record anew, since
    /// another service may have replaced it.
    circuits: Cache<CircuitId, CircuitRecord>,
    domains: Cache<DomainId, DomainRecord>,
    /// Compiled controllers, by what they are compiled from: such an entry is never out of date.
    controllers: Cache<ModuleHash, OnceCell<ControllerModule>>,
    /// Programs that were executed lately. An id is the hash of its ELF, so such an entry is never out of date either.
    programs: Cache<CircuitId, Program>,
    /// Keys of ELFs that were deployed lately: computing one takes seconds, and is done once however many ask.
    keys: Cache<ModuleHash, OnceCell<VerifyingKey>>,
}

impl Registry {
    pub(crate) fn new(
        config: Arc<EngineConfig>,
        store: Arc<dyn Store>,
        zkvm: Arc<dyn Zkvm>,
        sandbox: Sandbox,
    ) -> Self {
        let capacity = config.limits.cached_controllers;
        let program_bytes = config.limits.cached_circuit_bytes;
        Self {
            config,
            store,
            zkvm,
            sandbox,
            circuits: Cache::new(capacity),
            domains: Cache::new(capacity),
            controllers: Cache::new(capacity),
            programs: Cache::of_weight(program_bytes, Program::bytes),
            keys: Cache::new(capacity),
        }
    }

    /// The compiled controller of a circuit.
    pub(crate) async fn circuit_controller(
        &self,
        id: CircuitId,
    ) -> Result<ControllerModule, EngineError> {
        let record = self.circuit_record(id)?;
        self.compile_stored(record.controller).await
    }

    /// A domain with its compiled controller; `None` if there is none.
    pub(crate) async fn domain(&self, id: DomainId) -> Result<Option<Domain>, EngineError> {
        let Some(record) = self.domain_record(id)? else {
            return Ok(None);
        };
        let controller = self.compile_stored(record.controller).await?;
        Ok(Some(Domain { record, controller }))
    }

    /// What the store keeps of a circuit.
    pub(crate) fn circuit_record(&self, id: CircuitId) -> Result<Arc<CircuitRecord>, EngineError> {
        let read = || self.read_record("circuit", &circuit_key(&id));
        let record = self.cached(&self.circuits, id, read)?;
        record.ok_or(EngineError::UnknownCircuit(id))
    }

    /// What the store keeps of a domain.
    pub(crate) fn domain_record(
        &self,
        id: DomainId,
    ) -> Result<Option<Arc<DomainRecord>>, EngineError> {
        let read = || self.read_record("domain", &domain_key(&id));
        self.cached(&self.domains, id, read)
    }

    /// A record from the cache, unless others may change what the store holds.
    fn cached<K: Eq + Hash + Copy, V>(
        &self,
        cache: &Cache<K, V>,
        key: K,
        read: impl FnOnce() -> Result<Option<V>, EngineError>,
    ) -> Result<Option<Arc<V>>, EngineError> {
        if self.store.is_shared() {
            return Ok(read()?.map(Arc::new));
        }
        if let Some(value) = cache.find(&key) {
            return Ok(Some(value));
        }
        let generation = cache.generation();
        let value = read()?.map(Arc::new);
        if let Some(value) = &value {
            cache.fill(key, Arc::clone(value), generation);
        }
        Ok(value)
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

    /// What is executed and proven of a circuit.
    pub(crate) fn program(&self, id: CircuitId) -> Result<Arc<Program>, EngineError> {
        if let Some(program) = self.programs.find(&id) {
            return Ok(program);
        }
        let generation = self.programs.generation();
        let record = self.circuit_record(id)?;
        let program = Arc::new(Program {
            elf: self.module(record.elf)?,
            key: record.verifying_key.to_key(),
        });
        self.programs.fill(id, Arc::clone(&program), generation);
        Ok(program)
    }

    /// The bytes of an ELF or of a wasm module.
    pub(crate) fn module(&self, hash: ModuleHash) -> Result<Arc<[u8]>, EngineError> {
        let bytes = self.store.get(Table::Modules, hash.as_bytes())?;
        let bytes = bytes.ok_or_else(|| EngineError::corrupt("module", "it is missing"))?;
        Ok(Arc::from(&*bytes))
    }

    fn value(&self, key: &[u8]) -> Result<Option<Value>, EngineError> {
        Ok(self.store.get(Table::Registry, key)?)
    }

    fn read_record<T: DeserializeOwned>(
        &self,
        what: &'static str,
        key: &[u8],
    ) -> Result<Option<T>, EngineError> {
        self.value(key)?
            .map(|value| decode(what, &value))
            .transpose()
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
        let controller = self.controllers.find_or_make(hash, OnceCell::new);
        let compiled = controller.get_or_try_init(|| async {
            let wasm = self.module(hash)?;
            self.compile(wasm).await
        });
        compiled.await.cloned()
    }
}

fn decode<T: DeserializeOwned>(what: &'static str, value: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(value).map_err(|error| EngineError::corrupt(what, error))
}
