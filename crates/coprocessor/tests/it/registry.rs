//! Deploying, owning, replacing.

use valence_coprocessor::{DomainSet, ElectedDomain, EngineConfig, ErrorKind, Mode, ModuleHash};
use valence_coprocessor_protocol::{CircuitId, DomainName, HeadState};
use valence_coprocessor_zkvm::VerifyingKeyHash;

use crate::controllers::{echo, keeper, mute};
use crate::world::{ALICE, ANYBODY, BOB, World, block, config, elf, zkvm};

#[tokio::test]
async fn what_is_deployed_is_served() {
    let world = World::new().await;
    let id = world
        .engine
        .deploy_circuit(&ALICE, echo(), elf("one"), 7)
        .await
        .expect("a fine circuit");
    assert_eq!(id, CircuitId::of(&elf("one"), 7));
    assert_eq!(
        &*world.engine.bytecode(id).expect("it is deployed"),
        elf("one")
    );
    assert_eq!(&*world.engine.runtime(id).expect("it is deployed"), echo());
    let key = world.engine.verifying_key(id).expect("it is deployed");
    assert_eq!(world.summary(id).verifying_key, key.hash);
    assert_eq!(world.summary(id).owner, ALICE.key());
}

#[tokio::test]
async fn bad_uploads_are_refused_and_leave_nothing() {
    let world = World::new().await;
    let engine = &world.engine;
    let error = engine
        .deploy_circuit(&ANYBODY, b"no wasm".to_vec(), elf("x"), 0)
        .await
        .expect_err("no wasm");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::InvalidInput, "invalid_controller")
    );
    let error = engine
        .deploy_circuit(&ANYBODY, echo(), b"no elf".to_vec(), 0)
        .await
        .expect_err("no ELF");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::InvalidInput, "invalid_circuit")
    );
    for elf in [elf("x"), b"no elf".to_vec()] {
        let error = engine
            .circuit(CircuitId::of(&elf, 0))
            .expect_err("nothing stays behind");
        assert_eq!(error.code(), "unknown_circuit");
    }
    let mut small = config();
    small.limits.controller_bytes = 10;
    let world = World::with(small, zkvm()).await;
    let error = world
        .engine
        .deploy_circuit(&ANYBODY, echo(), elf("x"), 0)
        .await
        .expect_err("too large");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::TooLarge, "too_large")
    );
}

#[tokio::test]
async fn attack_c2_nobody_replaces_what_belongs_to_another() {
    let world = World::new().await;
    let engine = &world.engine;
    let id = engine
        .deploy_circuit(&ALICE, echo(), elf("public"), 0)
        .await
        .expect("first come");
    for caller in [ANYBODY, BOB] {
        let error = engine
            .deploy_circuit(&caller, keeper(), elf("public"), 0)
            .await
            .expect_err("not theirs");
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Forbidden, "not_owner")
        );
        let error = engine
            .set_file(&caller, id, "/a", vec![1])
            .await
            .expect_err("not theirs");
        assert_eq!(error.code(), "not_owner");
        let error = engine
            .set_raw(&caller, id, vec![1])
            .await
            .expect_err("not theirs");
        assert_eq!(error.code(), "not_owner");
    }
    assert_eq!(&*engine.runtime(id).expect("it is deployed"), echo());
    assert_eq!(engine.file(id, "/a").expect("a fine path"), None);
    // First come does not lock others out of a public ELF.
    let own = engine
        .deploy_circuit(&BOB, keeper(), elf("public"), 1)
        .await
        .expect("another nonce");
    assert_ne!(own, id);
    // The owner replaces the controller, and calls see the new one at once.
    engine
        .entrypoint(id, b"1")
        .await
        .expect("the old controller is in memory");
    engine
        .deploy_circuit(&ALICE, keeper(), elf("public"), 0)
        .await
        .expect("her own");
    engine
        .entrypoint(id, b"{\"new\": true}")
        .await
        .expect("the new controller");
    assert!(
        world.outcome(id).is_some(),
        "the old controller kept nothing"
    );
}

#[tokio::test]
async fn what_nobody_owns_becomes_a_signers() {
    let world = World::new().await;
    let id = world.circuit(echo()).await;
    assert_eq!(world.summary(id).owner, None);
    world
        .engine
        .set_file(&ANYBODY, id, "/a", vec![1])
        .await
        .expect("nobody's");
    world
        .engine
        .deploy_circuit(&BOB, echo(), elf("circuit"), 0)
        .await
        .expect("nobody's");
    assert_eq!(world.summary(id).owner, BOB.key());
    let error = world
        .engine
        .set_file(&ANYBODY, id, "/a", vec![2])
        .await
        .expect_err("it is Bob's now");
    assert_eq!(error.code(), "not_owner");
}

#[tokio::test]
async fn attack_c2_a_domain_keeps_its_controller() {
    let world = World::new().await;
    let name = DomainName::new("chain").expect("a fine name");
    world
        .engine
        .deploy_domain(&ALICE, name.clone(), echo(), Vec::new())
        .await
        .expect("first come");
    let error = world
        .engine
        .deploy_domain(&BOB, name, mute(), Vec::new())
        .await
        .expect_err("not theirs");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Forbidden, "not_owner")
    );
    let domains = world.engine.domains().expect("the store is sound");
    assert_eq!(domains.len(), 1);
    assert_eq!(domains[0].controller, ModuleHash::of(&echo()));
    assert_eq!(domains[0].verifying_key, None);
}

#[tokio::test]
async fn a_domain_set_pins_controllers_and_refuses_what_is_not_elected() {
    let elected = ElectedDomain {
        name: DomainName::new("elected").expect("a fine name"),
        controller: ModuleHash::of(&echo()),
        verifying_key: VerifyingKeyHash::from_bytes([1; 32]),
        genesis: HeadState::ZERO,
    };
    let name = elected.name.clone();
    let mode = Mode::Elected(DomainSet::new([elected]));
    let world = World::with(EngineConfig { mode, ..config() }, zkvm()).await;
    let engine = &world.engine;
    let error = engine
        .deploy_domain(&ANYBODY, name.clone(), mute(), elf("x"))
        .await
        .expect_err("another controller");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Forbidden, "domain_pinned")
    );
    let error = engine
        .deploy_domain(&ANYBODY, name.clone(), echo(), elf("x"))
        .await
        .expect_err("another light client");
    assert_eq!(error.code(), "domain_pinned");
    let error = engine
        .add_block(&ANYBODY, &name, block(1))
        .await
        .expect_err("it could not be deployed");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "unknown_domain")
    );
    let other = world.domain("other", echo()).await;
    let error = engine
        .add_block(&ANYBODY, &other, block(1))
        .await
        .expect_err("not elected");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Forbidden, "domain_not_elected")
    );
    assert!(engine.root().expect("sound") == valence_coprocessor_protocol::Root::ZERO);
    assert_eq!(engine.trust().as_str(), "proven");
}

#[tokio::test]
async fn the_key_of_an_elf_is_computed_once_however_many_deploy_it() {
    let world = World::new().await;
    let deploy = |nonce| {
        world
            .engine
            .deploy_circuit(&ANYBODY, echo(), elf("shared"), nonce)
    };
    let deployed = futures_util::future::join_all((0..8).map(deploy)).await;
    for id in deployed {
        id.expect("a fine circuit");
    }
    assert_eq!(world.zkvm.keys(), 1);
    let error = world
        .engine
        .deploy_circuit(&ANYBODY, echo(), b"no ELF".to_vec(), 0)
        .await
        .expect_err("garbage");
    assert_eq!(error.code(), "invalid_circuit");
    assert_eq!(world.zkvm.keys(), 2);
}
