//! An engine with everything around it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use valence_coprocessor::{
    AddedBlock, Caller, CircuitSummary, Clock, Engine, EngineConfig, EngineError, Job, JobId, Mode,
    ProofRequest, PublicKey, Timestamp,
};
use valence_coprocessor_fleet::{Fleet, FleetConfig, LocalWorker};
use valence_coprocessor_protocol::{CircuitId, DomainName};
use valence_coprocessor_store::{MemoryStore, Store};
use valence_coprocessor_wasm::{Sandbox, SandboxConfig};
use valence_coprocessor_zkvm::{Capacity, Execution, ProofKind, Provers, ZkvmError};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

pub(crate) const ANYBODY: Caller = Caller::Anonymous;
pub(crate) const ALICE: Caller = Caller::Key(PublicKey::from_bytes([2; 33]));
pub(crate) const BOB: Caller = Caller::Key(PublicKey::from_bytes([3; 33]));

/// An engine, its store and its zkVM.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) zkvm: Arc<ScriptedZkvm>,
    pub(crate) store: Arc<dyn Store>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(config(), zkvm()).await
    }

    pub(crate) async fn with(config: EngineConfig, zkvm: ScriptedZkvm) -> Self {
        Self::over(Arc::new(MemoryStore::new()), config, zkvm).await
    }

    pub(crate) async fn over(
        store: Arc<dyn Store>,
        config: EngineConfig,
        zkvm: ScriptedZkvm,
    ) -> Self {
        let zkvm = Arc::new(zkvm);
        let provers = local(&zkvm);
        Self::proving_with(store, config, zkvm, provers).await
    }

    /// A world whose work is done by these.
    pub(crate) async fn proving_with(
        store: Arc<dyn Store>,
        config: EngineConfig,
        zkvm: Arc<ScriptedZkvm>,
        provers: Arc<dyn Provers>,
    ) -> Self {
        let engine = Engine::open(
            config,
            Arc::clone(&store),
            Arc::clone(&zkvm) as _,
            provers,
            sandbox(),
        )
        .await
        .expect("the store is sound");
        Self {
            engine,
            zkvm,
            store,
        }
    }

    /// A circuit of nobody's.
    pub(crate) async fn circuit(&self, controller: Vec<u8>) -> CircuitId {
        self.engine
            .deploy_circuit(&ANYBODY, controller, elf("circuit"), 0)
            .await
            .expect("a fine circuit")
    }

    /// A domain of nobody's with a controller that believes everything.
    pub(crate) async fn domain(&self, name: &str, controller: Vec<u8>) -> DomainName {
        let name = DomainName::new(name).expect("a fine name");
        self.engine
            .deploy_domain(&ANYBODY, name.clone(), controller, Vec::new())
            .await
            .expect("a fine domain");
        name
    }

    pub(crate) async fn add_block(
        &self,
        domain: &DomainName,
        number: u64,
    ) -> Result<AddedBlock, EngineError> {
        self.engine.add_block(&ANYBODY, domain, block(number)).await
    }

    pub(crate) async fn end_of(&self, id: &JobId) -> Job {
        end_of(&self.engine, id).await
    }

    pub(crate) fn outcome(&self, circuit: CircuitId) -> Option<Value> {
        let file = self
            .engine
            .file(circuit, "outcome.json")
            .expect("a fine path")?;
        Some(serde_json::from_slice(&file).expect("the controller writes what it was told"))
    }

    pub(crate) fn summary(&self, circuit: CircuitId) -> CircuitSummary {
        self.engine.circuit(circuit).expect("it is deployed")
    }
}

pub(crate) async fn end_of(engine: &Engine, id: &JobId) -> Job {
    let mut news = engine.watch(id).expect("the job exists");
    let _ = news.wait_for(|job| job.state.is_terminal()).await;
    let job = news.borrow().clone();
    assert!(job.state.is_terminal(), "the job rests in {}", job.state);
    job
}

/// The zkVM as the only worker.
pub(crate) fn local(zkvm: &Arc<ScriptedZkvm>) -> Arc<dyn Provers> {
    local_for(zkvm, 1)
}

/// The zkVM of the world as the only worker, for so many proofs at once.
pub(crate) fn local_for(zkvm: &Arc<ScriptedZkvm>, proofs: u64) -> Arc<dyn Provers> {
    let capacity = Capacity {
        proofs,
        executions: 2,
    };
    let here = LocalWorker::new(Arc::clone(zkvm) as _, capacity);
    Arc::new(Fleet::start(
        FleetConfig::default(),
        vec![Arc::new(here)],
        None,
    ))
}

pub(crate) fn config() -> EngineConfig {
    let ticks = AtomicU64::new(1_700_000_000_000);
    let clock =
        Clock::new(move || Timestamp::from_millis(ticks.fetch_add(1_000, Ordering::SeqCst)));
    EngineConfig {
        clock,
        ..EngineConfig::new(Mode::Dev)
    }
}

/// A clock that stands where the test puts it.
pub(crate) fn settable_clock() -> (Clock, Arc<AtomicU64>) {
    let millis = Arc::new(AtomicU64::new(1_700_000_000_000));
    let read = Arc::clone(&millis);
    let clock = Clock::new(move || Timestamp::from_millis(read.load(Ordering::SeqCst)));
    (clock, millis)
}

/// A circuit that publishes its root and the rest of its input; circuits with `panic` in their ELF panic.
pub(crate) fn zkvm() -> ScriptedZkvm {
    ScriptedZkvm::new(|elf, input| {
        if elf.ends_with(b"panic") {
            return Err(ZkvmError::GuestPanicked {
                message: "balance is 0".to_owned(),
            });
        }
        if elf.ends_with(b"rootless") {
            return Ok(Execution {
                public_values: vec![7; 40],
                cycles: 1,
            });
        }
        // The input begins with its layout, then the root.
        Ok(Execution {
            public_values: input[8..].to_vec(),
            cycles: input.len() as u64,
        })
    })
}

pub(crate) fn sandbox() -> Sandbox {
    let mut config = SandboxConfig {
        concurrent_calls: 8,
        ..SandboxConfig::default()
    };
    config.limits.fuel = 50_000_000;
    config.limits.duration = Duration::from_secs(20);
    config.limits.memory_bytes = 64 << 20;
    Sandbox::new(config).expect("wasmtime runs here")
}

pub(crate) fn elf(tag: &str) -> Vec<u8> {
    [b"\x7fELF".as_slice(), tag.as_bytes()].concat()
}

/// What a believing controller takes for a block.
pub(crate) fn block(number: u64) -> Value {
    json!({ "number": number, "root": state_root(number), "payload": [1, 2, 3] })
}

pub(crate) fn state_root(number: u64) -> [u8; 32] {
    let mut root = [9; 32];
    root[..8].copy_from_slice(&number.to_be_bytes());
    root
}

/// A request whose witness is `data`.
pub(crate) fn request(circuit: CircuitId, kind: ProofKind, data: &[u8]) -> ProofRequest {
    ProofRequest {
        circuit,
        root: None,
        kind: Some(kind),
        args: json!([{ "Data": data }]),
        payload: json!({ "cmd": "store" }),
        callback_url: None,
        deadline: None,
    }
}
