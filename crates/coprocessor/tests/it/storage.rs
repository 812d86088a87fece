//! Files and raw values, their quota, and what becomes of them when a call fails.

use valence_coprocessor::{Engine, ErrorKind};
use valence_coprocessor_protocol::{CircuitId, DomainName};

use crate::controllers::{
    INVALID_JSON, LOOP, PANIC, TRAP, asks_domain, echo, keeper, mute, recursive, writes_then,
    writing_domain,
};
use crate::world::{ALICE, ANYBODY, BOB, World, config, state_root, zkvm};

async fn set_file(
    engine: &Engine,
    circuit: CircuitId,
    path: &str,
    length: usize,
) -> Result<(), &'static str> {
    engine
        .set_file(&ANYBODY, circuit, path, vec![7; length])
        .await
        .map_err(|error| error.code())
}

#[tokio::test]
async fn files_and_raw_are_kept() {
    let world = World::new().await;
    let (engine, circuit) = (&world.engine, world.circuit(echo()).await);
    assert_eq!(
        engine
            .file(circuit, "/var/share/proofs/ab.bin")
            .expect("a fine path"),
        None
    );
    set_file(engine, circuit, "/var/share/proofs/ab.bin", 5)
        .await
        .expect("there is room");
    assert_eq!(
        engine
            .file(circuit, "var//share/proofs/ab.bin")
            .expect("a fine path"),
        Some(vec![7; 5])
    );
    assert_eq!(engine.raw(circuit).expect("it is deployed"), None);
    engine
        .set_raw(&ANYBODY, circuit, vec![1, 2])
        .await
        .expect("there is room");
    assert_eq!(
        engine.raw(circuit).expect("it is deployed"),
        Some(vec![1, 2])
    );
    let other = engine
        .deploy_circuit(&ANYBODY, echo(), b"\x7fELFother".to_vec(), 0)
        .await
        .expect("a fine circuit");
    assert_eq!(engine.raw(other).expect("it is deployed"), None);
    let error = engine
        .file(CircuitId::ZERO, "/a")
        .expect_err("no such circuit");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "unknown_circuit")
    );
}

#[tokio::test]
async fn attack_c9_paths_and_quotas_hold() {
    let mut config = config();
    config.limits.files = 3;
    config.limits.file_bytes = 100;
    config.limits.storage_bytes = 150;
    let world = World::with(config, zkvm()).await;
    let (engine, circuit) = (&world.engine, world.circuit(echo()).await);
    for path in ["../a", "/a/../../b", "", "a\0b"] {
        assert_eq!(
            set_file(engine, circuit, path, 1).await,
            Err("invalid_path"),
            "{path}"
        );
    }
    assert_eq!(set_file(engine, circuit, "/a", 101).await, Err("too_large"));
    assert_eq!(set_file(engine, circuit, "/a", 100).await, Ok(()));
    assert_eq!(
        set_file(engine, circuit, "/b", 100).await,
        Err("quota_exceeded")
    );
    // What is replaced makes room.
    assert_eq!(set_file(engine, circuit, "/a", 10).await, Ok(()));
    assert_eq!(set_file(engine, circuit, "/b", 10).await, Ok(()));
    assert_eq!(set_file(engine, circuit, "/c", 10).await, Ok(()));
    assert_eq!(
        set_file(engine, circuit, "/d", 10).await,
        Err("quota_exceeded")
    );
    assert_eq!(set_file(engine, circuit, "/c", 20).await, Ok(()));
    // Names count as well: 12 + 22 + 22 bytes are stored now, which leaves 94.
    assert_eq!(set_file(engine, circuit, "/b", 20).await, Ok(()));
    let error = engine
        .set_raw(&ANYBODY, circuit, vec![0; 100])
        .await
        .expect_err("the raw storage counts");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Limit, "quota_exceeded")
    );
    assert_eq!(engine.file(circuit, "/d").expect("a fine path"), None);
}

#[tokio::test]
async fn attack_c5_a_failing_call_says_why_and_writes_nothing() {
    for (end, code, text) in [
        (TRAP, "controller_trap", "unreachable"),
        (PANIC, "controller_panic", "a message of the panic"),
        (INVALID_JSON, "controller_invalid_return", "JSON"),
        (LOOP, "controller_fuel", "fuel"),
    ] {
        let world = World::new().await;
        let circuit = world.circuit(writes_then(end)).await;
        let error = world
            .engine
            .entrypoint(circuit, b"null")
            .await
            .expect_err("the controller fails");
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.log()[0], "looped", "the log of {code} is kept");
        assert_eq!(
            world
                .engine
                .file(circuit, "/outcome.json")
                .expect("a fine path"),
            None
        );
    }
    let world = World::new().await;
    let circuit = world.circuit(mute()).await;
    let error = world
        .engine
        .entrypoint(circuit, b"null")
        .await
        .expect_err("nothing is exported");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Upstream, "controller_missing_export")
    );
}

#[tokio::test]
async fn attack_c4_a_limit_has_its_own_kind() {
    let world = World::new().await;
    let circuit = world.circuit(writes_then(LOOP)).await;
    let error = world
        .engine
        .entrypoint(circuit, b"null")
        .await
        .expect_err("it never ends");
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[tokio::test]
async fn attack_c3_a_user_cannot_pretend_to_deliver() {
    let world = World::new().await;
    let circuit = world.circuit(keeper()).await;
    let forged = br#"{"success": true, "proof": "AAAA", "delivery": {"id": "00"}}"#;
    let error = world
        .engine
        .entrypoint(circuit, forged)
        .await
        .expect_err("only the service delivers");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::InvalidInput, "reserved_field")
    );
    assert_eq!(world.outcome(circuit), None);
    let plain = br#"{"success":true,"proof":"AAAA"}"#;
    world
        .engine
        .entrypoint(circuit, plain)
        .await
        .expect("a call without the marker");
    let told = world.outcome(circuit).expect("the controller keeps it");
    let sent: serde_json::Value = serde_json::from_slice(plain).expect("JSON");
    assert_eq!(told, sent, "arguments pass unchanged");
}

#[tokio::test]
async fn attack_c8_a_domain_writes_to_its_own_storage() {
    let world = World::new().await;
    let circuit = world.circuit(asks_domain()).await;
    let domain = world.domain("looped", writing_domain()).await;
    // A state proof that is also a block, so that the domain can show what it kept.
    let args = serde_json::json!({
        "domain": vec![0; 32], "number": 3, "state_root": state_root(3), "root": state_root(3), "payload": [], "proof": [],
    });
    let report = world
        .engine
        .witnesses(circuit, None, args.to_string().as_bytes())
        .await
        .expect("no witnesses");
    assert!(report.witnesses.is_empty());
    assert_eq!(world.engine.raw(circuit).expect("it is deployed"), None);
    let added = world
        .add_block(&domain, 0)
        .await
        .expect("it validates with what it kept");
    assert_eq!(added.block.number, 3);
}

#[tokio::test]
async fn attack_c12_nested_state_proofs_end() {
    let world = World::new().await;
    let circuit = world.circuit(recursive()).await;
    world.domain("looped", recursive()).await;
    let error = world
        .engine
        .witnesses(circuit, None, b"null")
        .await
        .expect_err("it never ends");
    assert!(error.to_string().contains("nested"), "{error}");
    // The pool is not left without slots.
    let echoing = world
        .engine
        .deploy_circuit(&ANYBODY, echo(), b"\x7fELFe".to_vec(), 0)
        .await
        .expect("a fine circuit");
    world
        .engine
        .entrypoint(echoing, b"1")
        .await
        .expect("others go on");
}

#[tokio::test]
async fn attack_c2_files_of_a_domain_are_its_operators() {
    let world = World::new().await;
    let engine = &world.engine;
    let domain = DomainName::new("chain").expect("a fine name");
    let file = "/operator/state.json";
    let error = engine.domain_file(&domain, file).expect_err("no domain");
    assert_eq!(error.code(), "unknown_domain");
    engine
        .deploy_domain(&ALICE, domain.clone(), echo(), Vec::new())
        .await
        .expect("a fine domain");
    for other in [ANYBODY, BOB] {
        let error = engine
            .set_domain_file(&other, &domain, file, vec![1])
            .await
            .expect_err("not theirs");
        assert_eq!(error.code(), "not_owner");
    }
    let missing = engine.domain_file(&domain, file).expect("it is deployed");
    assert_eq!(missing, None);
    engine
        .set_domain_file(&ALICE, &domain, file, vec![2])
        .await
        .expect("it is Alice's");
    let stored = engine.domain_file(&domain, file).expect("it is deployed");
    assert_eq!(stored, Some(vec![2]));
}
