//! What the engine adds around a controller that echoes its arguments: a warm `get_witnesses`.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use valence_coprocessor::{Caller, Engine, EngineConfig, Mode};
use valence_coprocessor_fleet::{Fleet, FleetConfig};
use valence_coprocessor_protocol::CircuitId;
use valence_coprocessor_store::MemoryStore;
use valence_coprocessor_wasm::{Sandbox, SandboxConfig};
use valence_coprocessor_zkvm::ZkvmError;
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

const CONTROLLER: &[u8] = include_bytes!("../../guests/artifacts/echo.wasm");
const ARGUMENTS: &[u8] = br#"{"value":42,"text":"hello"}"#;

/// An engine with the echo deployed. Nothing is proven here, so the zkVM only gives a verifying key.
async fn deployed() -> (Engine, CircuitId) {
    let zkvm = ScriptedZkvm::new(|_, _| Err(ZkvmError::ShutDown));
    let sandbox = Sandbox::new(SandboxConfig::default()).expect("wasmtime runs here");
    let config = EngineConfig::new(Mode::Dev);
    let provers = Fleet::start(FleetConfig::default(), Vec::new(), None);
    let engine = Engine::open(
        config,
        Arc::new(MemoryStore::new()),
        Arc::new(zkvm),
        Arc::new(provers),
        sandbox,
    )
    .await
    .expect("an empty store opens");
    let circuit = engine
        .deploy_circuit(
            &Caller::Anonymous,
            CONTROLLER.to_vec(),
            b"\x7fELF".to_vec(),
            0,
        )
        .await
        .expect("the echo deploys");
    (engine, circuit)
}

fn warm_call(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("threads start");
    let (engine, circuit) = runtime.block_on(deployed());
    criterion.bench_function("get_witnesses, warm", |bencher| {
        bencher.iter(|| {
            let report = runtime.block_on(engine.witnesses(circuit, None, ARGUMENTS));
            black_box(report.expect("the echo answers"))
        });
    });
}

criterion_group!(controller, warm_call);
criterion_main!(controller);
