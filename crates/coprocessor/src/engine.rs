//! The engine: everything a service does, without HTTP and without environment.
//!
//! What is written here is only who may do what and in which order; the parts do the work. Whatever writes runs as a
//! task of its own, so that a caller who goes away leaves nothing half-done.

mod keys;

mod chain;
mod proofs;

pub(crate) use keys::own_workers;

use std::sync::Arc;
use std::time::Duration;

use valence_coprocessor_protocol::{CircuitId, DomainId, DomainName};
use valence_coprocessor_store::Store;
use valence_coprocessor_wasm::Sandbox;
use valence_coprocessor_zkvm::{Provers, VerifyingKey, Zkvm};

use crate::callbacks::CallbackKey;
use crate::commit::run_blocking;
use crate::history::History;
use crate::jobs::{JobTable, Jobs};
use crate::registry::{CircuitRecord, DomainRecord, Registry};
use crate::runtime::Runtime;
use crate::storage::{Changes, Storage, StoragePath};
use crate::{Caller, CircuitSummary, DomainSummary, EngineConfig, EngineError, Mode, Stats};

const OWN_KEY: &str = "sign with the key that deployed it";

/// The engine; clones share everything.
#[derive(Clone, Debug)]
pub struct Engine {
    config: Arc<EngineConfig>,
    store: Arc<dyn Store>,
    runtime: Arc<Runtime>,
    jobs: Arc<Jobs>,
}

impl Engine {
    /// Opens the engine over a store, and resumes every job that has not ended and that no other service works on.
    ///
    /// `zkvm` is this machine's and alone computes keys, executes what is to be proven, and verifies; `provers` do the
    /// work and are believed about nothing.
    ///
    /// Must be called within a tokio runtime. It is asynchronous because reading what is stored may take a while.
    pub async fn open(
        config: EngineConfig,
        store: Arc<dyn Store>,
        zkvm: Arc<dyn Zkvm>,
        provers: Arc<dyn Provers>,
        sandbox: Sandbox,
    ) -> Result<Self, EngineError> {
        let config = Arc::new(config);
        let (opened, shared) = (Arc::clone(&store), Arc::clone(&config));
        let history = run_blocking(move || History::open(shared, opened)).await?;
        let registry = Registry::new(
            Arc::clone(&config),
            Arc::clone(&store),
            Arc::clone(&zkvm),
            sandbox.clone(),
        );
        let storage = Storage::new(Arc::clone(&config), Arc::clone(&store));
        let runtime = Arc::new(Runtime {
            config: Arc::clone(&config),
            sandbox,
            registry,
            history,
            storage,
        });
        let keeps_key = Arc::clone(&store);
        let callback_key = run_blocking(move || CallbackKey::open(&*keeps_key)).await?;
        let jobs = Jobs::open(
            Arc::clone(&runtime),
            JobTable::new(Arc::clone(&store)),
            zkvm,
            provers,
            callback_key,
        )
        .await?;
        Ok(Self {
            config,
            store,
            runtime,
            jobs,
        })
    }

    /// Deploys a circuit with its controller, or replaces the controller of a circuit that the caller may change.
    pub async fn deploy_circuit(
        &self,
        caller: &Caller,
        controller: Vec<u8>,
        elf: Vec<u8>,
        nonce: u64,
    ) -> Result<CircuitId, EngineError> {
        let (runtime, caller) = (Arc::clone(&self.runtime), *caller);
        run_to_end(async move {
            runtime
                .registry
                .deploy_circuit(&caller, controller, elf, nonce)
                .await
        })
        .await
    }

    /// Registers a domain, or replaces the controller of one that the caller may change. An empty ELF registers a
    /// domain without a light client, whose blocks only a development service accepts.
    pub async fn deploy_domain(
        &self,
        caller: &Caller,
        name: DomainName,
        controller: Vec<u8>,
        elf: Vec<u8>,
    ) -> Result<DomainId, EngineError> {
        let (runtime, caller) = (Arc::clone(&self.runtime), *caller);
        run_to_end(async move {
            runtime
                .registry
                .deploy_domain(&caller, name, controller, elf)
                .await
        })
        .await
    }

    /// What is known of a circuit.
    pub fn circuit(&self, circuit: CircuitId) -> Result<CircuitSummary, EngineError> {
        let record = self.record(circuit)?;
        let CircuitRecord {
            id,
            owner,
            controller,
            elf,
            ref verifying_key,
            ..
        } = *record;
        Ok(CircuitSummary {
            id,
            owner,
            controller,
            elf,
            verifying_key: verifying_key.hash,
        })
    }

    /// Every registered domain, by name.
    pub fn domains(&self) -> Result<Vec<DomainSummary>, EngineError> {
        let records = self.runtime.registry.domain_records()?;
        let mut domains: Vec<DomainSummary> = records
            .into_iter()
            .map(|record| self.summarise(record))
            .collect::<Result<_, EngineError>>()?;
        domains.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(domains)
    }

    fn summarise(&self, record: DomainRecord) -> Result<DomainSummary, EngineError> {
        let DomainRecord {
            id,
            name,
            owner,
            controller,
            light_client,
        } = record;
        let latest = self
            .runtime
            .history
            .latest(id)?
            .map(|update| update.block.number);
        let accepted = match &self.config.mode {
            Mode::Dev => true,
            Mode::Elected(set) => set.get(&id).is_some(),
        };
        let verifying_key = light_client
            .and_then(|light_client| light_client.verifying_key)
            .map(|key| key.hash);
        Ok(DomainSummary {
            id,
            name,
            owner,
            controller,
            verifying_key,
            accepted,
            latest,
        })
    }

    fn record(&self, circuit: CircuitId) -> Result<Arc<CircuitRecord>, EngineError> {
        self.runtime.registry.circuit_record(circuit)
    }

    /// The verifying key of a circuit.
    pub fn verifying_key(&self, circuit: CircuitId) -> Result<VerifyingKey, EngineError> {
        Ok(self.record(circuit)?.verifying_key.to_key())
    }

    /// The ELF of a circuit.
    pub fn bytecode(&self, circuit: CircuitId) -> Result<Arc<[u8]>, EngineError> {
        self.runtime.registry.module(self.record(circuit)?.elf)
    }

    /// The controller of a circuit.
    pub fn runtime(&self, circuit: CircuitId) -> Result<Arc<[u8]>, EngineError> {
        self.runtime
            .registry
            .module(self.record(circuit)?.controller)
    }

    /// The raw storage of a circuit.
    pub fn raw(&self, circuit: CircuitId) -> Result<Option<Vec<u8>>, EngineError> {
        self.record(circuit)?;
        self.runtime.storage.raw(circuit.into())
    }

    /// Replaces the raw storage of a circuit.
    pub async fn set_raw(
        &self,
        caller: &Caller,
        circuit: CircuitId,
        bytes: Vec<u8>,
    ) -> Result<(), EngineError> {
        self.check_may_write(caller, circuit)?;
        let mut changes = Changes::default();
        changes.set_raw(bytes, &self.config.limits)?;
        self.runtime.storage.apply(circuit.into(), changes).await
    }

    /// A stored file of a circuit.
    pub fn file(&self, circuit: CircuitId, path: &str) -> Result<Option<Vec<u8>>, EngineError> {
        let path = StoragePath::new(path)?;
        self.record(circuit)?;
        self.runtime.storage.file(circuit.into(), &path)
    }

    /// Stores a file of a circuit.
    pub async fn set_file(
        &self,
        caller: &Caller,
        circuit: CircuitId,
        path: &str,
        contents: Vec<u8>,
    ) -> Result<(), EngineError> {
        let path = StoragePath::new(path)?;
        self.check_may_write(caller, circuit)?;
        let mut changes = Changes::default();
        changes.set_file(path, contents, &self.config.limits)?;
        self.runtime.storage.apply(circuit.into(), changes).await
    }

    /// A stored file of a domain.
    pub fn domain_file(
        &self,
        domain: &DomainName,
        path: &str,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let path = StoragePath::new(path)?;
        let id = self.domain_record(domain)?.id;
        self.runtime.storage.file(id.into(), &path)
    }

    /// Stores a file of a domain: where its operator keeps what it must find again.
    pub async fn set_domain_file(
        &self,
        caller: &Caller,
        domain: &DomainName,
        path: &str,
        contents: Vec<u8>,
    ) -> Result<(), EngineError> {
        let path = StoragePath::new(path)?;
        let record = self.domain_record(domain)?;
        if !caller.may_change(record.owner) {
            return Err(EngineError::NotOwner {
                what: format!("domain `{domain}`"),
                hint: OWN_KEY,
            });
        }
        let mut changes = Changes::default();
        changes.set_file(path, contents, &self.config.limits)?;
        self.runtime.storage.apply(record.id.into(), changes).await
    }

    fn domain_record(&self, domain: &DomainName) -> Result<Arc<DomainRecord>, EngineError> {
        let found = self.runtime.registry.domain_record(DomainId::of(domain))?;
        found.ok_or_else(|| EngineError::UnknownDomain(domain.to_string()))
    }

    fn check_may_write(&self, caller: &Caller, circuit: CircuitId) -> Result<(), EngineError> {
        if caller.may_change(self.record(circuit)?.owner) {
            return Ok(());
        }
        Err(EngineError::NotOwner {
            what: format!("circuit {circuit}"),
            hint: OWN_KEY,
        })
    }

    /// How the engine is.
    pub fn stats(&self) -> Result<Stats, EngineError> {
        let head = self.runtime.history.head()?;
        Ok(Stats {
            root: head.root,
            trust: self.trust(),
            sequence: head.sequence,
            default_kind: self.config.default_kind,
            domains: self.runtime.registry.domain_records()?.len(),
            live_jobs: self.jobs.live_count()?,
            store: self.store.describe(),
            callback_key: self.jobs.callback_key.public(),
        })
    }

    /// Whether the engine can do its work: reads the store.
    pub fn check_health(&self) -> Result<(), EngineError> {
        self.runtime.history.update(&self.root()?).map(|_| ())
    }

    /// Stops taking jobs, parks those that wait, lets what runs finish until `deadline`, and parks the rest for the
    /// next start. Ends the provers.
    pub async fn shutdown(&self, deadline: Duration) {
        self.jobs.shutdown(deadline).await;
    }
}

/// Runs what writes to its end, even if nobody waits for it any more.
async fn run_to_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, EngineError>> + Send + 'static,
) -> Result<T, EngineError> {
    tokio::spawn(work).await.map_err(EngineError::Task)?
}
