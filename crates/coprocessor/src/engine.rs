//! The engine: everything a service does, without HTTP and without environment.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use valence_coprocessor_protocol::{CircuitId, DomainId, DomainName, Root};
use valence_coprocessor_store::Store;
use valence_coprocessor_wasm::Sandbox;
use valence_coprocessor_zkvm::{VerifyingKey, Zkvm};

use crate::{
    AddedBlock, BlockRecord, Caller, CircuitSummary, DomainSummary, EngineConfig, EngineError,
    EntrypointAnswer, Job, JobFilter, JobId, JobProof, OpeningAnswer, ProofRequest, ProvenUpdate, Stats,
    Trust, Update, WitnessReport,
};

/// The engine; clones share everything.
#[derive(Clone, Debug)]
pub struct Engine {
    config: Arc<EngineConfig>,
}

#[expect(clippy::unused_async, reason = "signatures published ahead of their bodies")]
impl Engine {
    /// Opens the engine over a store, and resumes every job that has not ended. Must be called within a tokio runtime.
    pub async fn open(config: EngineConfig, _store: Arc<dyn Store>, _zkvm: Arc<dyn Zkvm>, _sandbox: Sandbox) -> Result<Self, EngineError> {
        Ok(Self { config: Arc::new(config) })
    }

    /// Deploys a circuit with its controller, or replaces the controller of a circuit that the caller may change.
    pub async fn deploy_circuit(&self, _caller: &Caller, _controller: Vec<u8>, _elf: Vec<u8>, _nonce: u64) -> Result<CircuitId, EngineError> {
        Err(EngineError::ShuttingDown)
    }

    /// Registers a domain, or replaces the controller of one that the caller may change. An empty ELF registers a
    /// domain without light client, which only a development service accepts blocks of.
    pub async fn deploy_domain(&self, _caller: &Caller, _name: DomainName, _controller: Vec<u8>, _elf: Vec<u8>) -> Result<DomainId, EngineError> {
        Err(EngineError::ShuttingDown)
    }

    /// What is known of a circuit.
    pub fn circuit(&self, circuit: CircuitId) -> Result<CircuitSummary, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// Every registered domain.
    pub fn domains(&self) -> Result<Vec<DomainSummary>, EngineError> {
        Ok(Vec::new())
    }

    /// The verifying key of a circuit.
    pub fn verifying_key(&self, circuit: CircuitId) -> Result<VerifyingKey, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// The ELF of a circuit.
    pub fn bytecode(&self, circuit: CircuitId) -> Result<Arc<[u8]>, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// The controller of a circuit.
    pub fn runtime(&self, circuit: CircuitId) -> Result<Arc<[u8]>, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// The raw storage of a circuit.
    pub fn raw(&self, circuit: CircuitId) -> Result<Option<Vec<u8>>, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// Replaces the raw storage of a circuit.
    pub async fn set_raw(&self, _caller: &Caller, circuit: CircuitId, _bytes: Vec<u8>) -> Result<(), EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// A stored file of a circuit.
    pub fn file(&self, circuit: CircuitId, _path: &str) -> Result<Option<Vec<u8>>, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// Stores a file of a circuit.
    pub async fn set_file(&self, _caller: &Caller, circuit: CircuitId, _path: &str, _contents: Vec<u8>) -> Result<(), EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// The co-processor root; lock-free.
    pub fn root(&self) -> Root {
        Root::ZERO
    }

    /// What stands behind the roots of this service.
    pub fn trust(&self) -> Trust {
        self.config.mode.trust()
    }

    /// The newest block of a domain, with the root after it; `None` if it has none.
    pub fn domain_latest(&self, domain: &DomainName) -> Result<Option<BlockRecord>, EngineError> {
        Err(EngineError::UnknownDomain(domain.to_string()))
    }

    /// Has a domain's controller validate a block, and appends it.
    pub async fn add_block(&self, _caller: &Caller, domain: &DomainName, _args: Value) -> Result<AddedBlock, EngineError> {
        Err(EngineError::UnknownDomain(domain.to_string()))
    }

    /// The step that led to a root; `None` if it never was a root. The zero root answers with zeros.
    pub fn update(&self, _root: &Root) -> Result<Option<Update>, EngineError> {
        Ok(None)
    }

    /// The steps from one root (exclusive) to another (inclusive), oldest first, at most `limit` of them.
    pub fn updates(&self, _from: &Root, _to: &Root, _limit: Option<usize>) -> Result<Vec<ProvenUpdate>, EngineError> {
        Ok(Vec::new())
    }

    /// The opening of a block at a root (the current one if none is named).
    pub fn opening(&self, _root: Option<Root>, _domain: &DomainName, _number: u64) -> Result<OpeningAnswer, EngineError> {
        Err(EngineError::ShuttingDown)
    }

    /// The witnesses that a circuit's controller gives for some arguments, opened at a root.
    pub async fn witnesses(&self, circuit: CircuitId, _root: Option<Root>, _args: &[u8]) -> Result<WitnessReport, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// Calls a circuit's controller with JSON of the caller's.
    pub async fn entrypoint(&self, circuit: CircuitId, _args: &[u8]) -> Result<EntrypointAnswer, EngineError> {
        Err(EngineError::UnknownCircuit(circuit))
    }

    /// Accepts a request for a proof. When this returns, the job is stored; a repeat of a request gives the same job.
    pub async fn prove(&self, _caller: &Caller, request: ProofRequest) -> Result<Job, EngineError> {
        Err(EngineError::UnknownCircuit(request.circuit))
    }

    /// A job.
    pub fn job(&self, id: &JobId) -> Result<Job, EngineError> {
        Err(EngineError::UnknownJob(*id))
    }

    /// Jobs, newest first.
    pub fn jobs(&self, _filter: &JobFilter) -> Result<Vec<Job>, EngineError> {
        Ok(Vec::new())
    }

    /// A job as it changes. The channel closes after the state in which the job ends.
    pub fn watch(&self, id: &JobId) -> Result<watch::Receiver<Job>, EngineError> {
        Err(EngineError::UnknownJob(*id))
    }

    /// The proof that a job made.
    pub fn proof(&self, id: &JobId) -> Result<JobProof, EngineError> {
        Err(EngineError::UnknownJob(*id))
    }

    /// Cancels a job, and returns it once it is cancelled.
    pub async fn cancel(&self, _caller: &Caller, id: &JobId) -> Result<Job, EngineError> {
        Err(EngineError::UnknownJob(*id))
    }

    /// How the engine is.
    pub fn stats(&self) -> Result<Stats, EngineError> {
        Err(EngineError::ShuttingDown)
    }

    /// Whether the engine can do its work: reads the store.
    pub fn check_health(&self) -> Result<(), EngineError> {
        Ok(())
    }

    /// Stops taking jobs, lets what runs finish until `deadline`, and parks the rest for the next start.
    pub async fn shutdown(&self, _deadline: Duration) {}
}
