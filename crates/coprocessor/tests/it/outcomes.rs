//! What jobs end with, and what controllers are told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use msgpacker::{MsgPacker, Unpackable as _};
use serde_json::Value;
use valence_coprocessor::{EXECUTE_MARKER, Job, JobState};
use valence_coprocessor_protocol::PublicValues;
use valence_coprocessor_zkvm::{ProofKind, ZkvmError};
use valence_coprocessor_zkvm_mock::forge_proof;

use crate::controllers::{PANIC, keeper, writes_then};
use crate::world::{ANYBODY, World, config, elf, request, zkvm};

/// As `valence-domain-clients` 3.0.1 declares it.
#[derive(Debug, MsgPacker)]
struct Proof {
    proof: String,
    inputs: String,
}

async fn run(world: &World, kind: ProofKind) -> Job {
    let circuit = world.circuit(keeper()).await;
    let job = world
        .engine
        .prove(&ANYBODY, request(circuit, kind, b"witness"))
        .await
        .expect("there is room");
    world.end_of(&job.id).await
}

fn delivered_proof(told: &Value) -> Proof {
    let packed = STANDARD
        .decode(told["proof"].as_str().expect("text"))
        .expect("base64");
    Proof::unpack(&packed).expect("msgpack").1
}

#[tokio::test]
async fn a_verified_proof_is_kept_and_delivered() {
    let world = World::new().await;
    let job = run(&world, ProofKind::Compressed).await;
    assert_eq!(job.state, JobState::Done);
    let states: Vec<_> = job.times.iter().map(|time| time.state.as_str()).collect();
    assert_eq!(
        states,
        [
            "accepted",
            "witness",
            "queued",
            "proving",
            "verifying",
            "delivering",
            "done"
        ]
    );
    assert!(job.times.windows(2).all(|pair| pair[0].at < pair[1].at));
    assert!(job.cycles.expect("it was executed") > 0);
    let proof = world.engine.proof(&job.id).expect("it is done");
    assert_eq!(
        (proof.kind, proof.circuit),
        (ProofKind::Compressed, job.circuit)
    );
    assert_eq!(
        proof.bytes,
        forge_proof(&elf("circuit"), ProofKind::Compressed, &proof.public_values).bytes
    );
    assert_eq!(
        PublicValues::decode(&proof.public_values)
            .expect("a root")
            .root,
        job.root
    );
    let told = world.outcome(job.circuit).expect("it was delivered");
    assert_eq!(told["success"], true);
    assert_eq!(told["payload"]["cmd"], "store");
    assert_eq!(told["delivery"]["id"], job.id.to_string());
    assert_eq!(told["delivery"]["kind"], "compressed");
    assert_eq!(told["delivery"]["trust"], "dev");
    let delivered = delivered_proof(&told);
    assert_eq!(
        STANDARD.decode(delivered.proof).expect("base64"),
        proof.bytes
    );
    assert_eq!(
        STANDARD.decode(delivered.inputs).expect("base64"),
        proof.public_values
    );
}

#[tokio::test]
async fn what_was_only_executed_says_so_everywhere() {
    let world = World::new().await;
    let job = run(&world, ProofKind::Execute).await;
    assert_eq!((job.state, job.kind), (JobState::Done, ProofKind::Execute));
    assert_eq!(world.zkvm.proves(), 0);
    assert!(
        job.times
            .iter()
            .all(|time| !matches!(time.state, JobState::Proving | JobState::Verifying))
    );
    let proof = world.engine.proof(&job.id).expect("it is done");
    assert_eq!(
        (proof.kind, proof.bytes.as_slice()),
        (ProofKind::Execute, EXECUTE_MARKER)
    );
    let told = world.outcome(job.circuit).expect("it was delivered");
    assert_eq!(told["delivery"]["kind"], "execute");
    assert_eq!(
        STANDARD
            .decode(delivered_proof(&told).proof)
            .expect("base64"),
        EXECUTE_MARKER
    );
}

#[tokio::test]
async fn attack_d5_d7_what_a_prover_returns_is_believed_only_if_it_verifies() {
    // What is executed does not depend on the kind.
    let executed = run(&World::new().await, ProofKind::Execute)
        .await
        .result
        .expect("it is done")
        .public_values;
    for (wrong, code) in [
        (
            forge_proof(&elf("other"), ProofKind::Core, &executed),
            "invalid_proof",
        ),
        (
            forge_proof(&elf("circuit"), ProofKind::Core, &[1; 40]),
            "invalid_proof",
        ),
        (
            forge_proof(&elf("circuit"), ProofKind::Compressed, &executed),
            "invalid_proof",
        ),
    ] {
        let world = World::new().await;
        world.zkvm.script_proof(Ok(wrong.clone()));
        let job = run(&world, ProofKind::Core).await;
        assert_eq!(job.state, JobState::Done, "the second attempt is honest");
        assert_eq!(world.zkvm.proves(), 2);
        assert!(
            job.log[0].contains("attempt 1 of 2 failed"),
            "{:?}",
            job.log
        );
        let world = World::new().await;
        world.zkvm.script_proof(Ok(wrong.clone()));
        world.zkvm.script_proof(Ok(wrong));
        let job = run(&world, ProofKind::Core).await;
        assert_eq!((job.state, job.result), (JobState::Failed, None));
        assert_eq!(job.failure.expect("it says why").code, code);
        let told = world.outcome(job.circuit).expect("failures are delivered");
        assert_eq!(
            (told["success"].clone(), told.get("proof")),
            (Value::Bool(false), None)
        );
        assert_eq!(told["delivery"]["failure"]["code"], code);
    }
}

#[tokio::test]
async fn attack_d4_a_dying_prover_is_tried_again_and_then_named() {
    let died = || {
        Err(ZkvmError::ProverDied {
            reason: "signal 9".to_owned(),
        })
    };
    let world = World::new().await;
    world.zkvm.script_proof(died());
    assert_eq!(run(&world, ProofKind::Core).await.state, JobState::Done);
    let world = World::new().await;
    world.zkvm.script_proof(died());
    world.zkvm.script_proof(died());
    let failure = run(&world, ProofKind::Core)
        .await
        .failure
        .expect("it says why");
    assert_eq!(failure.code, "prover_died");
    assert!(failure.message.contains("signal 9"), "{}", failure.message);
}

#[tokio::test]
async fn what_is_missing_is_said_with_what_to_do() {
    let world = World::new().await;
    let (what, hint) = (
        "groth16".to_owned(),
        "set SP1_GROTH16_CIRCUIT_PATH".to_owned(),
    );
    world
        .zkvm
        .script_proof(Err(ZkvmError::Unavailable { what, hint }));
    let failure = run(&world, ProofKind::Groth16)
        .await
        .failure
        .expect("it says why");
    assert_eq!(failure.code, "zkvm_unavailable");
    assert!(
        failure.message.contains("SP1_GROTH16_CIRCUIT_PATH"),
        "{}",
        failure.message
    );
    assert_eq!(world.zkvm.proves(), 1, "another attempt would not help");
}

#[tokio::test]
async fn the_circuits_panic_is_the_reason() {
    for (tag, code, text) in [
        ("panic", "circuit_panicked", "balance is 0"),
        ("rootless", "foreign_public_values", "root"),
    ] {
        let world = World::new().await;
        let circuit = world
            .engine
            .deploy_circuit(&ANYBODY, keeper(), elf(tag), 0)
            .await
            .expect("a fine circuit");
        let asked = request(circuit, ProofKind::Core, b"a");
        let job = world
            .engine
            .prove(&ANYBODY, asked)
            .await
            .expect("there is room");
        let job = world.end_of(&job.id).await;
        let failure = job.failure.expect("it says why");
        assert_eq!(failure.code, code);
        assert!(failure.message.contains(text), "{}", failure.message);
        assert_eq!(world.zkvm.proves(), 0, "nothing costly began");
    }
}

#[tokio::test]
async fn the_cycle_limit_holds_before_proving() {
    let mut config = config();
    config.limits.execution.cycles = 10;
    let world = World::with(config, zkvm()).await;
    let failure = run(&world, ProofKind::Core)
        .await
        .failure
        .expect("it says why");
    assert_eq!(failure.code, "cycle_limit");
    assert_eq!(world.zkvm.proves(), 0);
}

#[tokio::test]
async fn a_failing_delivery_leaves_the_proof() {
    let world = World::new().await;
    let circuit = world.circuit(writes_then(PANIC)).await;
    let asked = request(circuit, ProofKind::Core, b"a");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let job = world.end_of(&job.id).await;
    assert_eq!(job.state, JobState::Done);
    assert!(job.log.iter().any(|line| line.contains("delivery failed") && line.contains("a message of the panic")));
    world.engine.proof(&job.id).expect("the proof is kept");
}
