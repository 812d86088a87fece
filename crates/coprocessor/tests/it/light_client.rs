//! Blocks that a light client proves: what has to agree before one is appended.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use valence_coprocessor::{
    DomainSet, ElectedDomain, Engine, EngineConfig, EngineError, ErrorKind, Mode, ModuleHash,
};
use valence_coprocessor_controller_abi::{Base64, LightClientBlock, StepEvidence};
use valence_coprocessor_protocol::{
    DomainName, HeadState, PayloadHash, Root, StateRoot, StepPublicValues,
};
use valence_coprocessor_store::MemoryStore;
use valence_coprocessor_zkvm::{ProofKind, VerifyingKeyHash};
use valence_coprocessor_zkvm_mock::{ScriptedZkvm, forge_proof};

use crate::controllers::{echo, mute, proven_as};
use crate::world::{ANYBODY, World, block, config, elf, local, sandbox};

const PAYLOAD: &[u8] = b"payload";

fn genesis() -> HeadState {
    HeadState::from_bytes([1; 32])
}

fn light_client() -> Vec<u8> {
    elf("light client")
}

/// A step from one state to another that proves block `number`.
fn step(previous: [u8; 32], state: [u8; 32], number: u64) -> StepPublicValues {
    StepPublicValues {
        previous: HeadState::from_bytes(previous),
        state: HeadState::from_bytes(state),
        number,
        time: 1_700_000_000,
        state_root: StateRoot::from_bytes([number.to_be_bytes()[7]; 32]),
        payload_hash: PayloadHash::from_bytes(Sha256::digest(PAYLOAD).into()),
    }
}

/// What an honest controller says about a step.
fn validated(step: &StepPublicValues) -> Value {
    json!({ "number": step.number, "root": step.state_root.as_bytes(), "payload": PAYLOAD })
}

fn posted(payload: &[u8], evidence: StepEvidence) -> Value {
    let payload = Base64(payload.to_vec());
    serde_json::to_value(LightClientBlock { payload, evidence }).expect("blocks are JSON")
}

/// The step with the proof that this light client makes of it.
fn proven(elf: &[u8], step: &StepPublicValues) -> Value {
    let proof = forge_proof(elf, ProofKind::Compressed, &step.encode());
    let evidence = StepEvidence::Proof {
        public_values: Base64(proof.public_values),
        proof: Base64(proof.bytes),
    };
    posted(PAYLOAD, evidence)
}

/// The step as a run of the echo, which publishes what it reads.
fn run(step: &StepPublicValues) -> Value {
    posted(PAYLOAD, StepEvidence::Input(Base64(step.encode().to_vec())))
}

fn name() -> DomainName {
    DomainName::new("proven").expect("a fine name")
}

fn verifying_key() -> VerifyingKeyHash {
    VerifyingKeyHash::from_bytes(Sha256::digest(light_client()).into())
}

/// A service whose set elects the domain with this controller.
async fn elected(controller: Vec<u8>) -> World {
    let domain = ElectedDomain {
        name: name(),
        controller: ModuleHash::of(&controller),
        verifying_key: verifying_key(),
        genesis: genesis(),
    };
    let mode = Mode::Elected(DomainSet::new([domain]));
    let world = World::with(EngineConfig { mode, ..config() }, ScriptedZkvm::echo()).await;
    deploy(&world.engine, controller).await;
    world
}

async fn deploy(engine: &Engine, controller: Vec<u8>) {
    engine
        .deploy_domain(&ANYBODY, name(), controller, light_client())
        .await
        .expect("it is as the set says");
}

async fn refused(world: &World, block: Value) -> EngineError {
    let before = world.engine.root().expect("sound");
    let error = world
        .engine
        .add_block(&ANYBODY, &name(), block)
        .await
        .expect_err("it must be refused");
    assert_eq!(world.engine.root().expect("sound"), before, "{error}");
    error
}

#[tokio::test]
async fn a_proven_block_is_appended_and_its_proof_is_kept() {
    let first = step([1; 32], [2; 32], 7);
    let world = elected(proven_as(&validated(&first))).await;
    let block = proven(&light_client(), &first);
    let added = world.engine.add_block(&ANYBODY, &name(), block).await;
    let added = added.expect("it is proven");
    assert_eq!(added.block.number, 7);
    assert_eq!(added.block.payload, PAYLOAD);
    assert_eq!(added.block.trust.as_str(), "proven");
    let kept = world.engine.step_proof(&name(), 7).expect("it was kept");
    assert_eq!(kept.public_values, first.encode());
    assert_eq!(kept.verifying_key, verifying_key());
    let made = forge_proof(&light_client(), ProofKind::Compressed, &first.encode());
    assert_eq!(kept.bytes, made.bytes);

    let error = world.engine.step_proof(&name(), 8);
    assert_eq!(error.expect_err("no such block").code(), "unknown_block");
}

#[tokio::test]
async fn attack_b5_a_proof_under_another_key_or_from_another_genesis_is_refused() {
    let honest = step([1; 32], [2; 32], 7);
    let world = elected(proven_as(&validated(&honest))).await;

    let own_key = refused(&world, proven(&elf("attacker"), &honest)).await;
    assert_eq!(
        (own_key.kind(), own_key.code()),
        (ErrorKind::InvalidInput, "invalid_step")
    );
    let own_genesis = step([9; 32], [2; 32], 7);
    let own_genesis = refused(&world, proven(&light_client(), &own_genesis)).await;
    assert_eq!(
        (own_genesis.kind(), own_genesis.code()),
        (ErrorKind::Conflict, "step_not_next")
    );
    let unproven = refused(&world, run(&honest)).await;
    assert_eq!(unproven.code(), "light_client_proof_required");
    let bare = refused(&world, block(7)).await;
    assert_eq!(bare.code(), "light_client_proof_required");
    let short = posted(
        PAYLOAD,
        StepEvidence::Proof {
            public_values: Base64(vec![0; 143]),
            proof: Base64(forge_proof(&light_client(), ProofKind::Compressed, &[0; 143]).bytes),
        },
    );
    assert_eq!(refused(&world, short).await.code(), "invalid_step");

    let later = proven(&light_client(), &honest);
    let later = world.engine.add_block(&ANYBODY, &name(), later).await;
    later.expect("honest blocks are accepted still");
}

#[tokio::test]
async fn attack_b5_every_changed_byte_of_what_is_proven_is_refused() {
    let honest = step([1; 32], [2; 32], 7);
    let world = elected(proven_as(&validated(&honest))).await;
    let proof = forge_proof(&light_client(), ProofKind::Compressed, &honest.encode());
    for index in 0..StepPublicValues::LENGTH {
        let mut public_values = proof.public_values.clone();
        public_values[index] ^= 1;
        let evidence = StepEvidence::Proof {
            public_values: Base64(public_values),
            proof: Base64(proof.bytes.clone()),
        };
        let error = refused(&world, posted(PAYLOAD, evidence)).await;
        assert_eq!(error.code(), "invalid_step", "byte {index}");
    }
}

/// A step verifies no earlier proof: that it goes on from the domain's head is for the engine to see.
#[tokio::test]
async fn attack_b6_only_a_step_of_this_circuit_from_the_newest_state_continues() {
    let first = step([1; 32], [2; 32], 7);
    let world = elected(proven_as(&validated(&first))).await;
    let block = proven(&light_client(), &first);
    let added = world.engine.add_block(&ANYBODY, &name(), block).await;
    added.expect("it starts at the genesis");

    let next = step([2; 32], [3; 32], 7);
    let other_circuit = refused(&world, proven(&elf("attacker"), &next)).await;
    assert_eq!(other_circuit.code(), "invalid_step");
    for (what, previous) in [
        ("the genesis, replayed", [1; 32]),
        ("another genesis", [9; 32]),
        ("a state that the domain was never in", [3; 32]),
        ("no state", [0; 32]),
    ] {
        let other_state = step(previous, [4; 32], 7);
        let error = refused(&world, proven(&light_client(), &other_state)).await;
        assert_eq!(error.code(), "step_not_next", "{what}");
    }
    // A true proof, shown with the public values of another step.
    let proof = forge_proof(&light_client(), ProofKind::Compressed, &first.encode());
    let evidence = StepEvidence::Proof {
        public_values: Base64(next.encode().to_vec()),
        proof: Base64(proof.bytes),
    };
    let error = refused(&world, posted(PAYLOAD, evidence)).await;
    assert_eq!(error.code(), "invalid_step");
}

#[tokio::test]
async fn attack_b12_steps_follow_one_another_and_numbers_rise() {
    let first = step([1; 32], [2; 32], 7);
    let world = elected(proven_as(&validated(&first))).await;
    let block = proven(&light_client(), &first);
    let added = world
        .engine
        .add_block(&ANYBODY, &name(), block.clone())
        .await;
    added.expect("it is proven");

    let again = refused(&world, block).await;
    assert_eq!(again.code(), "step_not_next");
    let fork = step([1; 32], [3; 32], 7);
    let fork = refused(&world, proven(&light_client(), &fork)).await;
    assert_eq!(fork.code(), "step_not_next");
    // From the head, but the number does not rise.
    let same_height = step([2; 32], [3; 32], 7);
    let same_height = refused(&world, proven(&light_client(), &same_height)).await;
    assert_eq!(
        (same_height.kind(), same_height.code()),
        (ErrorKind::Conflict, "block_exists")
    );
}

#[tokio::test]
async fn the_controller_and_the_payload_agree_with_what_is_proven() {
    let honest = step([1; 32], [2; 32], 7);
    let lies = [
        ("number", json!({ "number": 8 })),
        ("state root", json!({ "root": vec![0; 32] })),
        ("payload", json!({ "payload": [1, 2, 3] })),
    ];
    for (what, lie) in lies {
        let mut answer = validated(&honest);
        for (field, value) in lie.as_object().expect("an object") {
            answer[field] = value.clone();
        }
        let world = elected(proven_as(&answer)).await;
        let error = refused(&world, proven(&light_client(), &honest)).await;
        assert_eq!(error.code(), "step_differs");
        assert!(error.to_string().contains(what), "{error}");
    }
    let world = elected(proven_as(&validated(&honest))).await;
    let proof = forge_proof(&light_client(), ProofKind::Compressed, &honest.encode());
    let evidence = StepEvidence::Proof {
        public_values: Base64(proof.public_values),
        proof: Base64(proof.bytes),
    };
    let error = refused(&world, posted(b"another", evidence)).await;
    assert_eq!(error.code(), "step_differs");
}

#[tokio::test]
async fn a_controller_may_refuse_what_is_proven() {
    let honest = step([1; 32], [2; 32], 7);
    let world = elected(mute()).await;
    let error = refused(&world, proven(&light_client(), &honest)).await;
    assert_eq!(error.code(), "controller_missing_export");
}

#[tokio::test]
async fn a_development_service_takes_runs_and_says_so() {
    let (first, second) = (step([1; 32], [2; 32], 7), step([2; 32], [3; 32], 8));
    let world = World::with(config(), ScriptedZkvm::echo()).await;
    deploy(&world.engine, proven_as(&validated(&first))).await;
    let added = world.engine.add_block(&ANYBODY, &name(), run(&first)).await;
    assert_eq!(added.expect("it runs").block.trust.as_str(), "dev");
    let error = world.engine.step_proof(&name(), 7).expect_err("none");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "no_step_proof")
    );
    let error = refused(&world, run(&step([9; 32], [3; 32], 7))).await;
    assert_eq!(error.code(), "step_not_next");
    let garbage = posted(PAYLOAD, StepEvidence::Input(Base64(vec![1, 2])));
    assert_eq!(refused(&world, garbage).await.code(), "invalid_step");

    deploy(&world.engine, proven_as(&validated(&second))).await;
    let added = world
        .engine
        .add_block(&ANYBODY, &name(), run(&second))
        .await;
    assert_eq!(added.expect("it follows").block.number, 8);
}

#[tokio::test]
async fn a_domain_without_light_client_has_no_steps() {
    let world = World::new().await;
    let domain = world.domain("proven", echo()).await;
    let block = run(&step([1; 32], [2; 32], 7));
    let error = world.engine.add_block(&ANYBODY, &domain, block).await;
    assert_eq!(error.expect_err("none").code(), "no_light_client");
}

/// A root with one unproven block in it would pass for a proven one.
#[tokio::test]
async fn a_history_of_one_mode_is_not_served_in_the_other() {
    let store = Arc::new(MemoryStore::new());
    let open = |mode| {
        let config = EngineConfig { mode, ..config() };
        let zkvm = Arc::new(ScriptedZkvm::echo());
        let provers = local(&zkvm);
        Engine::open(config, Arc::clone(&store) as _, zkvm, provers, sandbox())
    };
    // An empty history stands for nothing yet.
    let elected = || Mode::Elected(DomainSet::default());
    open(elected()).await.expect("it is empty");
    let engine = open(Mode::Dev).await.expect("it is empty");
    let domain = name();
    let deployed = engine.deploy_domain(&ANYBODY, domain.clone(), echo(), Vec::new());
    deployed.await.expect("a fine domain");
    let added = engine.add_block(&ANYBODY, &domain, block(1)).await;
    added.expect("a new block");
    assert_ne!(engine.root().expect("sound"), Root::ZERO);
    drop(engine);
    let error = open(elected())
        .await
        .expect_err("it is trusted, not proven");
    assert!(error.to_string().contains("without proof"), "{error}");
    open(Mode::Dev).await.expect("as before");
}

/// Its key takes long to compute, and a run of the light client needs none.
#[tokio::test]
async fn a_development_service_computes_a_domains_key_when_a_proof_comes() {
    let first = step([1; 32], [2; 32], 7);
    let world = World::with(config(), ScriptedZkvm::echo()).await;
    let error = world
        .engine
        .deploy_domain(&ANYBODY, name(), echo(), b"no ELF".to_vec())
        .await
        .expect_err("garbage");
    assert_eq!(error.code(), "invalid_circuit");
    deploy(&world.engine, proven_as(&validated(&first))).await;
    assert_eq!(world.zkvm.keys(), 0);
    assert_eq!(
        refused(&world, proven(&elf("attacker"), &first))
            .await
            .code(),
        "invalid_step"
    );
    let block = proven(&light_client(), &first);
    let added = world.engine.add_block(&ANYBODY, &name(), block).await;
    added.expect("it is proven");
    assert_eq!(world.zkvm.keys(), 1);
    let kept = world.engine.step_proof(&name(), 7).expect("it was kept");
    assert_eq!(kept.verifying_key, verifying_key());
}
