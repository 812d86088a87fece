//! An engine whose callbacks are real.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use valence_coprocessor::{Caller, Engine, EngineConfig, EngineError, Job, Mode, ProofRequest};
use valence_coprocessor_api::callback_key_text;
use valence_coprocessor_callbacks::HttpCallbacks;
use valence_coprocessor_fleet::{Fleet, FleetConfig, LocalWorker};
use valence_coprocessor_protocol::CircuitId;
use valence_coprocessor_store::MemoryStore;
use valence_coprocessor_wasm::{NetworkRules, Sandbox, SandboxConfig};
use valence_coprocessor_zkvm::{Capacity, Execution, ProofKind};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

const ECHO: &str = r#"(module
  (import "valence" "args" (func $args (param i32) (result i32)))
  (import "valence" "ret" (func $ret (param i32 i32) (result i32)))
  (memory (export "memory") 64)
  (func $echo (drop (call $ret (i32.const 64) (call $args (i32.const 64)))))
  (func (export "get_witnesses") (call $echo))
  (func (export "entrypoint") (call $echo)))"#;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    circuit: CircuitId,
}

impl World {
    pub(crate) async fn new(rules: NetworkRules) -> anyhow::Result<Self> {
        let zkvm = ScriptedZkvm::new(|_, input| {
            Ok(Execution {
                public_values: input[8..].to_vec(),
                cycles: 7,
            })
        });
        let mut config = EngineConfig::new(Mode::Dev);
        let callbacks = HttpCallbacks::new(rules)?.with_limit(Duration::from_millis(500));
        config.callbacks = Arc::new(callbacks);
        config.limits.callback.attempts = 3;
        config.limits.callback.first_pause = Duration::from_millis(1);
        let sandbox = Sandbox::new(SandboxConfig::default())?;
        let store = Arc::new(MemoryStore::new());
        let zkvm = Arc::new(zkvm);
        let capacity = Capacity {
            proofs: 1,
            executions: 1,
        };
        let here = Arc::new(LocalWorker::new(zkvm.clone(), capacity));
        let provers = Arc::new(Fleet::start(FleetConfig::default(), vec![here], None));
        let engine = Engine::open(config, store, zkvm, provers, sandbox).await?;
        let controller = wat::parse_str(ECHO)?;
        let elf = b"\x7fELFcircuit".to_vec();
        let circuit = engine
            .deploy_circuit(&Caller::Anonymous, controller, elf, 0)
            .await?;
        Ok(Self { engine, circuit })
    }

    /// Rules that open exactly this place.
    pub(crate) fn allowing(target: &str) -> NetworkRules {
        NetworkRules::allowing([target.parse().expect("a fine target")])
    }

    pub(crate) async fn ask(&self, url: &str, kind: ProofKind) -> Result<Job, EngineError> {
        let request = ProofRequest {
            circuit: self.circuit,
            root: None,
            kind: Some(kind),
            args: json!([{ "Data": [1, 2, 3] }]),
            payload: json!(null),
            callback_url: Some(url.to_owned()),
            deadline: None,
        };
        self.engine.prove(&Caller::Anonymous, request).await
    }

    /// Asks for a proof; the job once it has ended.
    pub(crate) async fn prove(&self, url: &str, kind: ProofKind) -> anyhow::Result<Job> {
        let job = self.ask(url, kind).await?;
        let mut news = self.engine.watch(&job.id)?;
        let _ = news.wait_for(|job| job.state.is_terminal()).await;
        let job = news.borrow().clone();
        Ok(job)
    }

    pub(crate) fn key(&self) -> anyhow::Result<String> {
        Ok(callback_key_text(&self.engine.stats()?.callback_key))
    }
}
