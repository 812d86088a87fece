//! Blocks, roots, openings.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use valence_coprocessor::{Engine, ErrorKind};
use valence_coprocessor_conformance::FailingStore;
use valence_coprocessor_history::{BlockAppend, Opening, open};
use valence_coprocessor_protocol::sha256::Compression;
use valence_coprocessor_protocol::{DomainId, DomainName, Root, StateProof, StateRoot};
use valence_coprocessor_store::{MemoryStore, Store};
use valence_coprocessor_store_redb::RedbStore;

use crate::controllers::echo;
use crate::world::{ANYBODY, World, block, config, state_root, zkvm};

/// Opens a block at a root as a circuit would.
fn assert_opens(engine: &Engine, root: Root, domain: &DomainName, number: u64) {
    let answer = engine
        .opening(Some(root), domain, number)
        .expect("the block is there");
    let opening = Opening::decode(&answer.opening).expect("an opening");
    let state_proof = StateProof {
        domain: DomainId::of(domain),
        number,
        state_root: StateRoot::from_bytes(state_root(number)),
        payload: vec![1, 2, 3],
        proof: Vec::new(),
    };
    open(
        &mut Compression::new(),
        &root,
        state_proof.as_state_proof_ref(),
        &opening.as_opening_ref(),
    )
    .expect("the opening leads to the root");
}

#[tokio::test]
async fn every_root_that_was_stays_provable() {
    let world = World::new().await;
    let engine = &world.engine;
    let (a, b) = (
        world.domain("a", echo()).await,
        world.domain("b", echo()).await,
    );
    let mut roots = vec![Root::ZERO];
    for number in [5, 6, 9, 1000] {
        for domain in [&a, &b] {
            let added = world.add_block(domain, number).await.expect("a new block");
            assert_eq!(added.previous, *roots.last().expect("it is not empty"));
            assert_eq!(added.root, engine.root().expect("sound"));
            assert_eq!(added.sequence, roots.len() as u64);
            assert_eq!(added.block.trust.as_str(), "dev");
            roots.push(added.root);
        }
    }
    for root in &roots[1..] {
        assert_opens(engine, *root, &a, 5);
    }
    assert_opens(engine, *roots.last().expect("it is not empty"), &b, 1000);
    let latest = engine
        .domain_latest(&a)
        .expect("it is registered")
        .expect("it has blocks");
    assert_eq!(latest.number, 1000);
    let steps = engine
        .updates(&roots[1], &engine.root().expect("sound"), None)
        .expect("a range");
    assert_eq!(steps.len(), 7);
    for (step, pair) in steps.iter().zip(roots[1..].windows(2)) {
        let append = BlockAppend::decode(&step.append).expect("an append");
        let verified = append.verify().expect("the append is proven");
        assert_eq!((verified.previous(), verified.root()), (pair[0], pair[1]));
        assert_eq!((step.update.previous, step.update.root), (pair[0], pair[1]));
        let uuid = u128::from(step.update.sequence).to_be_bytes();
        assert_eq!(
            engine
                .update(&pair[1])
                .expect("the store is sound")
                .expect("it was a root")
                .uuid(),
            uuid
        );
    }
    assert_eq!(
        engine
            .updates(&roots[1], &engine.root().expect("sound"), Some(2))
            .expect("a range")
            .len(),
        2
    );
    let error = engine
        .updates(&engine.root().expect("sound"), &roots[1], None)
        .expect_err("backwards");
    assert_eq!(error.code(), "invalid_range");
    let zero = engine
        .update(&Root::ZERO)
        .expect("the store is sound")
        .expect("old clients ask for it");
    assert_eq!((zero.sequence, zero.block.number), (0, 0));
    assert_eq!(
        engine
            .update(&Root::from_bytes([1; 32]))
            .expect("the store is sound"),
        None
    );
}

#[tokio::test]
async fn attack_a7_a_number_is_appended_once() {
    let world = World::new().await;
    let domain = world.domain("a", echo()).await;
    world.add_block(&domain, 7).await.expect("a new block");
    let root = world.engine.root().expect("sound");
    let other = json!({ "number": 7, "root": vec![8; 32], "payload": [] });
    let error = world
        .engine
        .add_block(&ANYBODY, &domain, other)
        .await
        .expect_err("the number is taken");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Conflict, "block_exists")
    );
    let error = world
        .add_block(&domain, 6)
        .await
        .expect_err("older than the newest");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Conflict, "block_not_newer")
    );
    assert_eq!(world.engine.root().expect("sound"), root);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_a7_of_32_at_once_one_is_appended() {
    let world = World::new().await;
    let domain = world.domain("a", echo()).await;
    let tries = (0..32u8).map(|salt| {
        let (engine, domain) = (world.engine.clone(), domain.clone());
        let args = json!({ "number": 7, "root": vec![salt; 32], "payload": [salt] });
        tokio::spawn(async move { engine.add_block(&ANYBODY, &domain, args).await })
    });
    let results = join_all(tries).await;
    let results: Vec<_> = results
        .into_iter()
        .map(|result| result.expect("no task panics"))
        .collect();
    let added: Vec<_> = results.iter().flatten().collect();
    assert_eq!(added.len(), 1);
    assert!(
        results
            .iter()
            .filter_map(|result| result.as_ref().err())
            .all(|error| error.code() == "block_exists")
    );
    assert_eq!(world.engine.root().expect("sound"), added[0].root);
    assert_eq!(
        world.engine.stats().expect("the store is sound").sequence,
        1
    );
}

#[tokio::test]
async fn attack_a12_a_missing_block_names_its_neighbours() {
    let world = World::new().await;
    let (a, b) = (
        world.domain("a", echo()).await,
        world.domain("b", echo()).await,
    );
    for number in [5, 9] {
        world.add_block(&a, number).await.expect("a new block");
    }
    let error = world
        .engine
        .opening(None, &a, 7)
        .expect_err("it is missing");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "unknown_block")
    );
    assert!(error.to_string().contains("5 and 9"), "{error}");
    let error = world
        .engine
        .opening(None, &b, 7)
        .expect_err("it has no blocks");
    assert_eq!(error.code(), "unknown_block");
    let error = world
        .engine
        .opening(Some(Root::from_bytes([3; 32])), &a, 5)
        .expect_err("never a root");
    assert_eq!(error.code(), "unknown_root");
}

#[tokio::test]
async fn attack_a15_a_clock_set_back_changes_no_order() {
    let mut backwards = config();
    let ticks = std::sync::atomic::AtomicU64::new(1_000_000_000);
    backwards.clock = valence_coprocessor::Clock::new(move || {
        valence_coprocessor::Timestamp::from_millis(
            ticks.fetch_sub(10_000, std::sync::atomic::Ordering::SeqCst),
        )
    });
    let world = World::with(backwards, zkvm()).await;
    let domain = world.domain("a", echo()).await;
    let first = world.add_block(&domain, 1).await.expect("a new block");
    let second = world.add_block(&domain, 2).await.expect("a new block");
    assert_eq!((first.sequence, second.sequence), (1, 2));
    assert_eq!(second.previous, first.root);
    let time = |root| {
        world
            .engine
            .update(root)
            .expect("sound")
            .expect("a root")
            .appended_at
    };
    assert!(
        time(&second.root) < time(&first.root),
        "the clock did go back"
    );
}

/// A commit that fails leaves the old root, and everything older still opens; the next append works.
async fn survives_failing_commits<S: Store + 'static>(inside: S) {
    let store = Arc::new(FailingStore::new(inside));
    let world = World::over(Arc::clone(&store) as _, config(), zkvm()).await;
    let domain = world.domain("a", echo()).await;
    let mut roots = Vec::new();
    for number in 1..=8 {
        let before = world.engine.root().expect("sound");
        store.fail_commit(1);
        let error = world
            .add_block(&domain, number)
            .await
            .expect_err("the disk is full");
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(world.engine.root().expect("sound"), before);
        let added = world
            .add_block(&domain, number)
            .await
            .expect("the disk has room again");
        assert_eq!((added.previous, added.sequence), (before, number));
        roots.push(added.root);
        for (root, newest) in roots.iter().zip(1..) {
            assert_opens(&world.engine, *root, &domain, newest);
        }
    }
    // What the engine says is what a new engine reads.
    let again = World::over(Arc::clone(&world.store), config(), zkvm()).await;
    assert_eq!(
        again.engine.root().expect("sound"),
        world.engine.root().expect("sound")
    );
}

#[tokio::test]
async fn attack_a13_a_failing_commit_leaves_the_old_root_in_memory() {
    survives_failing_commits(MemoryStore::new()).await;
}

#[tokio::test]
async fn attack_a13_a_failing_commit_leaves_the_old_root_on_disk() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let store = RedbStore::open(folder.path().join("store.redb")).expect("a new store");
    survives_failing_commits(store).await;
}

#[tokio::test]
async fn what_a_controller_does_not_validate_is_not_appended() {
    let world = World::new().await;
    let domain = world.domain("a", echo()).await;
    let error = world
        .engine
        .add_block(&ANYBODY, &domain, json!({ "number": "one" }))
        .await
        .expect_err("no block");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Upstream, "controller_invalid_return")
    );
    let unknown = DomainName::new("nowhere").expect("a fine name");
    let error = world
        .engine
        .add_block(&ANYBODY, &unknown, block(1))
        .await
        .expect_err("no such domain");
    assert_eq!(error.code(), "unknown_domain");
    assert_eq!(world.engine.root().expect("sound"), Root::ZERO);
}
