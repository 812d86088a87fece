//! The engine: everything a service does, without HTTP and without environment.
//!
//! What is written here is only who may do what and in which order; the parts do the work. Whatever writes runs as a
//! task of its own, so that a caller who goes away leaves nothing half-done.

mod keys;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use valence_coprocessor_controller_abi::ValidatedBlock;
use valence_coprocessor_protocol::{CircuitId, DomainId, DomainName, HeadState, Root, StateRoot};
use valence_coprocessor_store::Store;
use valence_coprocessor_wasm::{Export, Outcome, Sandbox};
use valence_coprocessor_zkvm::{VerifyingKey, Zkvm};

use crate::arguments::check_arguments;
use crate::commit::run_blocking;
use crate::history::{History, ValidBlock};
use crate::jobs::{JobTable, Jobs};
use crate::registry::{CircuitRecord, DomainRecord, Registry};
use crate::runtime::Runtime;
use crate::storage::{Changes, Storage, StoragePath};
use crate::witness::{OpenedWitnesses, parse};
use crate::{
    AddedBlock, BlockRecord, Caller, CircuitSummary, DomainSummary, EngineConfig, EngineError,
    EntrypointAnswer, Job, JobFilter, JobId, JobProof, Mode, OpeningAnswer, ProofRequest,
    ProvenUpdate, Stats, Trust, Update, WitnessReport,
};

/// The engine; clones share everything.
#[derive(Clone, Debug)]
pub struct Engine {
    config: Arc<EngineConfig>,
    store: Arc<dyn Store>,
    runtime: Arc<Runtime>,
    jobs: Arc<Jobs>,
}

impl Engine {
    /// Opens the engine over a store, and resumes every job that has not ended.
    ///
    /// Must be called within a tokio runtime. It is asynchronous because reading what is stored may take a while.
    pub async fn open(
        config: EngineConfig,
        store: Arc<dyn Store>,
        zkvm: Arc<dyn Zkvm>,
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
        let jobs = Jobs::open(
            Arc::clone(&runtime),
            JobTable::new(Arc::clone(&store)),
            zkvm,
        )?;
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
        let CircuitRecord {
            id,
            owner,
            controller,
            elf,
            verifying_key,
            ..
        } = self.record(circuit)?;
        Ok(CircuitSummary {
            id,
            owner,
            controller,
            elf,
            verifying_key: verifying_key.hash,
        })
    }

    /// Every registered domain.
    pub fn domains(&self) -> Result<Vec<DomainSummary>, EngineError> {
        let records = self.runtime.registry.domain_records()?;
        records
            .into_iter()
            .map(|record| self.summarise(record))
            .collect()
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
        let verifying_key = light_client.map(|light_client| light_client.verifying_key.hash);
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

    fn record(&self, circuit: CircuitId) -> Result<CircuitRecord, EngineError> {
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

    fn check_may_write(&self, caller: &Caller, circuit: CircuitId) -> Result<(), EngineError> {
        if caller.may_change(self.record(circuit)?.owner) {
            return Ok(());
        }
        let hint = "sign with the key that deployed it";
        Err(EngineError::NotOwner {
            what: format!("circuit {circuit}"),
            hint,
        })
    }

    /// The co-processor root; takes no lock and reads no store.
    pub fn root(&self) -> Root {
        self.runtime.history.head().root
    }

    /// What stands behind the roots of this service.
    pub fn trust(&self) -> Trust {
        self.runtime.history.trust()
    }

    /// The newest block of a domain; `None` if it has no block.
    pub fn domain_latest(&self, domain: &DomainName) -> Result<Option<BlockRecord>, EngineError> {
        let id = DomainId::of(domain);
        if self.runtime.registry.domain_record(id)?.is_none() {
            return Err(EngineError::UnknownDomain(domain.to_string()));
        }
        Ok(self.runtime.history.latest(id)?.map(|update| update.block))
    }

    /// Has a domain's controller validate a block, and appends it in one commit.
    ///
    /// In a development service anybody may feed a domain: its controller alone decides what a block is.
    pub async fn add_block(
        &self,
        caller: &Caller,
        domain: &DomainName,
        args: Value,
    ) -> Result<AddedBlock, EngineError> {
        let id = DomainId::of(domain);
        if let Mode::Elected(set) = &self.config.mode {
            return Err(match set.get(&id) {
                Some(_) => EngineError::LightClientProofRequired(domain.clone()),
                None => EngineError::DomainNotElected(domain.clone()),
            });
        }
        let found = self.runtime.registry.domain(id).await?;
        let found = found.ok_or_else(|| EngineError::UnknownDomain(domain.to_string()))?;
        let (export, budget) = (Export::ValidateBlock, self.runtime.sandbox.budget());
        let args = args.to_string().into_bytes();
        let called =
            self.runtime
                .call_domain(id, &found.controller, export, args, budget, self.root());
        let (valid, log): (ValidatedBlock, _) = parse(export, called.await?)?;
        let ValidatedBlock {
            number,
            root: state_root,
            payload,
        } = valid;
        let state_root = StateRoot::from_bytes(state_root);
        let block = ValidBlock {
            name: domain.clone(),
            domain: id,
            number,
            state_root,
            payload: payload.clone(),
            // Without a light client there is no state to commit to.
            head: HeadState::ZERO,
        };
        let appended = self.runtime.history.append(block).await?;
        tracing::debug!(target: "valence_coprocessor", %domain, number, ?caller, "block accepted");
        let block = BlockRecord {
            domain: id,
            number,
            state_root,
            payload,
            trust: self.trust(),
        };
        Ok(AddedBlock {
            block,
            previous: appended.previous,
            root: appended.root,
            sequence: appended.sequence,
            log,
        })
    }

    /// The step that led to a root; `None` if it never was a root. The zero root answers with zeros.
    pub fn update(&self, root: &Root) -> Result<Option<Update>, EngineError> {
        self.runtime.history.update(root)
    }

    /// The steps from one root (exclusive) to another (inclusive), oldest first: at most `limit`, and never more than
    /// the configuration allows. Go on from the last root of the answer.
    pub fn updates(
        &self,
        from: &Root,
        to: &Root,
        limit: Option<usize>,
    ) -> Result<Vec<ProvenUpdate>, EngineError> {
        let most = self.config.limits.updates;
        self.runtime
            .history
            .updates(from, to, limit.map_or(most, |limit| limit.min(most)))
    }

    /// The opening of a block at a root (the current one if none is named).
    pub fn opening(
        &self,
        root: Option<Root>,
        domain: &DomainName,
        number: u64,
    ) -> Result<OpeningAnswer, EngineError> {
        let root = root.unwrap_or_else(|| self.root());
        self.runtime
            .history
            .opening(&root, DomainId::of(domain), number)
    }

    /// The witnesses that a circuit's controller gives for some arguments, opened at a root (the current one if none
    /// is named).
    pub async fn witnesses(
        &self,
        circuit: CircuitId,
        root: Option<Root>,
        args: &[u8],
    ) -> Result<WitnessReport, EngineError> {
        let root = self.runtime.history.resolve(root)?;
        let opened = OpenedWitnesses::compute(&self.runtime, circuit, root, args.to_vec()).await?;
        Ok(opened.into_report(&self.runtime))
    }

    /// Calls a circuit's controller with JSON of the caller's, which must not look like a delivery of the service.
    pub async fn entrypoint(
        &self,
        circuit: CircuitId,
        args: &[u8],
    ) -> Result<EntrypointAnswer, EngineError> {
        check_arguments(args)?;
        let (export, root) = (Export::Entrypoint, self.root());
        let called = self
            .runtime
            .call_circuit(circuit, export, args.to_vec(), root)
            .await?;
        let Outcome { ret, log } = called;
        Ok(EntrypointAnswer { ret, log })
    }

    /// Accepts a request for a proof. When this returns, the job is stored; a repeat of a request gives the same job.
    pub async fn prove(&self, caller: &Caller, request: ProofRequest) -> Result<Job, EngineError> {
        run_to_end(Arc::clone(&self.jobs).accept(*caller, request)).await
    }

    /// A job.
    pub fn job(&self, id: &JobId) -> Result<Job, EngineError> {
        self.jobs.job(id)
    }

    /// Jobs, newest first.
    pub fn jobs(&self, filter: &JobFilter) -> Result<Vec<Job>, EngineError> {
        self.jobs.jobs(filter)
    }

    /// A job as it changes. The channel closes after the state in which the job ends.
    pub fn watch(&self, id: &JobId) -> Result<watch::Receiver<Job>, EngineError> {
        self.jobs.watch(id)
    }

    /// The proof that a job made.
    pub fn proof(&self, id: &JobId) -> Result<JobProof, EngineError> {
        let (job, bytes) = self.jobs.proof(id)?;
        let result = job.result.ok_or(EngineError::NoProof {
            id: *id,
            state: job.state,
        })?;
        Ok(JobProof {
            kind: result.kind,
            circuit: job.circuit,
            verifying_key: result.verifying_key,
            public_values: result.public_values,
            bytes,
        })
    }

    /// Cancels a job, and returns it once it is cancelled.
    pub async fn cancel(&self, caller: &Caller, id: &JobId) -> Result<Job, EngineError> {
        self.jobs.cancel(caller, id).await
    }

    /// How the engine is.
    pub fn stats(&self) -> Result<Stats, EngineError> {
        let head = self.runtime.history.head();
        Ok(Stats {
            root: head.root,
            trust: self.trust(),
            sequence: head.sequence,
            default_kind: self.config.default_kind,
            domains: self.runtime.registry.domain_records()?.len(),
            live_jobs: self.jobs.live_count(),
            store: self.store.describe(),
        })
    }

    /// Whether the engine can do its work: reads the store.
    pub fn check_health(&self) -> Result<(), EngineError> {
        self.runtime.history.update(&self.root()).map(|_| ())
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
