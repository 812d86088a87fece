//! Several engines on one store: blocks, deployments, storage, signatures.

use std::sync::Arc;

use futures_util::future::join_all;
use valence_coprocessor::{EngineError, Mode};
use valence_coprocessor_history::{Opening, open};
use valence_coprocessor_protocol::sha256::Compression;
use valence_coprocessor_protocol::{DomainId, Root, StateProof, StateRoot};
use valence_coprocessor_wasm::SandboxConfig;

use crate::cluster::Cluster;
use crate::controllers::{echo, keeper, mute};
use crate::world::{ALICE, ANYBODY, BOB, block, elf, state_root};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn appends_of_two_engines_are_one_history() {
    const BLOCKS: u64 = 200;
    let cluster = Cluster::new();
    let (a, b) = (cluster.world().await, cluster.world().await);
    let mut domains = Vec::new();
    for name in ["a", "b", "c"] {
        domains.push(a.domain(name, echo()).await);
    }
    // Each engine takes every other block of each domain; a number that comes after a larger one is refused.
    let append = |engine: valence_coprocessor::Engine, domain, first: u64| async move {
        let mut added = Vec::new();
        for number in (first..BLOCKS).step_by(2) {
            match engine.add_block(&ANYBODY, &domain, block(number)).await {
                Ok(block) => {
                    // Whoever has acknowledged it, nobody serves an older root.
                    added.push(block);
                }
                Err(EngineError::BlockNotNewer { newest, .. }) => assert!(newest > number),
                Err(error) => panic!("{error}"),
            }
        }
        added
    };
    let tasks = domains.iter().flat_map(|domain| {
        [(&a, 0), (&b, 1)]
            .map(|(world, first)| tokio::spawn(append(world.engine.clone(), domain.clone(), first)))
    });
    let mut added = Vec::new();
    for task in join_all(tasks).await {
        added.extend(task.expect("it does not panic"));
    }
    added.sort_by_key(|added| added.sequence);
    let mut previous = Root::ZERO;
    for (block, sequence) in added.iter().zip(1..) {
        assert_eq!((block.sequence, block.previous), (sequence, previous));
        previous = block.root;
    }
    assert!(
        added.len() as u64 >= BLOCKS,
        "{} were appended",
        added.len()
    );
    for world in [&a, &b] {
        assert_eq!(world.engine.root().expect("sound"), previous);
    }
    for (place, added) in added.iter().enumerate() {
        let world = [&a, &b][place % 2];
        let domain = domains
            .iter()
            .find(|domain| DomainId::of(domain) == added.block.domain)
            .expect("one of the three");
        let answer = world
            .engine
            .opening(Some(added.root), domain, added.block.number)
            .expect("the root opens");
        let opening = Opening::decode(&answer.opening).expect("an opening");
        let proof = StateProof {
            domain: added.block.domain,
            number: added.block.number,
            state_root: StateRoot::from_bytes(state_root(added.block.number)),
            payload: vec![1, 2, 3],
            proof: Vec::new(),
        };
        open(
            &mut Compression::new(),
            &added.root,
            proof.as_state_proof_ref(),
            &opening.as_opening_ref(),
        )
        .expect("the opening leads to the root");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_engine_serves_a_root_older_than_one_that_was_acknowledged() {
    let cluster = Cluster::new();
    let worlds = [cluster.world().await, cluster.world().await];
    let domain = worlds[0].domain("a", echo()).await;
    let [a, b] = &worlds;
    let turns = [(a, b), (b, a)].into_iter().cycle();
    for (number, (writer, reader)) in (1..50).zip(turns) {
        let added = writer.add_block(&domain, number).await.expect("newer");
        assert_eq!(reader.engine.root().expect("sound"), added.root);
        let latest = reader.engine.domain_latest(&domain).expect("sound");
        assert_eq!(latest.map(|block| block.number), Some(number));
        reader
            .engine
            .opening(None, &domain, number)
            .expect("it is under the current root");
        assert_eq!(reader.engine.stats().expect("sound").sequence, number);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_a7_a_number_is_appended_once_whichever_engine_is_asked() {
    let cluster = Cluster::new();
    let worlds = [cluster.world().await, cluster.world().await];
    let domain = worlds[0].domain("a", echo()).await;
    for number in 1..20 {
        let tries = (0..32_u8).map(|place| {
            let engine = worlds[place as usize % 2].engine.clone();
            let domain = domain.clone();
            tokio::spawn(async move {
                let mut block = block(number);
                block["root"] = serde_json::json!(vec![place; 32]);
                engine.add_block(&ANYBODY, &domain, block).await
            })
        });
        let tries = join_all(tries).await;
        let mut added = Vec::new();
        for tried in tries {
            match tried.expect("it does not panic") {
                Ok(block) => added.push(block),
                Err(error) => assert_eq!(error.code(), "block_exists"),
            }
        }
        assert_eq!(added.len(), 1, "block {number}");
        for world in &worlds {
            assert_eq!(world.engine.root().expect("sound"), added[0].root);
        }
    }
}

#[tokio::test]
async fn what_is_deployed_or_replaced_on_one_engine_is_used_by_the_other() {
    let cluster = Cluster::new();
    let (a, b) = (cluster.world().await, cluster.world().await);
    let circuit = a.circuit(echo()).await;
    let answer = b.engine.entrypoint(circuit, b"{}").await.expect("it runs");
    assert_eq!(answer.ret, b"{}");
    // Both have called it, so both have it compiled.
    a.engine.entrypoint(circuit, b"{}").await.expect("it runs");
    b.circuit(mute()).await;
    for world in [&a, &b] {
        let error = world.engine.entrypoint(circuit, b"{}").await;
        let error = error.expect_err("it has no export now");
        assert_eq!(error.code(), "controller_missing_export", "{error}");
    }
    assert_eq!(a.summary(circuit), b.summary(circuit));
    // A domain: its controller, and who owns it.
    let domain = a.domain("a", mute()).await;
    b.add_block(&domain, 1).await.expect_err("it has no export");
    a.engine
        .deploy_domain(&ALICE, domain.clone(), echo(), Vec::new())
        .await
        .expect("it was nobody's");
    b.add_block(&domain, 1)
        .await
        .expect("it believes everything");
    let error = b
        .engine
        .deploy_domain(&BOB, domain.clone(), mute(), Vec::new())
        .await
        .expect_err("it is hers now");
    assert_eq!(error.code(), "not_owner");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_nobody_owns_becomes_one_callers_only() {
    for _ in 0..16 {
        let cluster = Cluster::new();
        let (a, b) = (cluster.world().await, cluster.world().await);
        let deploy = |world: &crate::world::World, caller| {
            let engine = world.engine.clone();
            tokio::spawn(async move {
                engine
                    .deploy_circuit(&caller, echo(), elf("wanted"), 0)
                    .await
            })
        };
        let (first, second) = (deploy(&a, ALICE), deploy(&b, BOB));
        let outcomes = [
            first.await.expect("no panic"),
            second.await.expect("no panic"),
        ];
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1));
        let error = lost.into_iter().next().expect("one").expect_err("it lost");
        assert_eq!(error.code(), "not_owner");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn storage_is_counted_once_whoever_writes() {
    let cluster = Cluster::new();
    let worlds = [cluster.world().await, cluster.world().await];
    let circuit = worlds[0].circuit(keeper()).await;
    let writes = (0..64_usize).map(|place| {
        let engine = worlds[place % 2].engine.clone();
        tokio::spawn(async move {
            // Few names and lengths, so that changes often leave the counts as they were.
            let path = format!("/{}", place % 3);
            let contents = vec![7; place % 2];
            engine.set_file(&ANYBODY, circuit, &path, contents).await
        })
    });
    for write in join_all(writes).await {
        write.expect("no panic").expect("there is room");
    }
    // What is counted is what is there: exactly that can be replaced by nothing, and then the quota is empty again.
    let mut bytes = 0;
    for place in 0..3 {
        let path = format!("/{place}");
        let file = worlds[1].engine.file(circuit, &path).expect("a fine path");
        bytes += 2 + file.expect("it was written").len() as u64;
    }
    assert_eq!(cluster.usage(circuit), (3, bytes));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_signature_counts_once_and_a_key_has_its_provers_everywhere() {
    let cluster = Cluster::new();
    let worlds = [cluster.world().await, cluster.world().await];
    let key = ALICE.key().expect("she has one");
    let spent = (0..16).map(|place: usize| {
        let engine = worlds[place % 2].engine.clone();
        tokio::spawn(async move { engine.spend_signature(key, "one number", None).await })
    });
    let spent = join_all(spent).await.into_iter();
    let first = spent.filter(|spent| matches!(spent, Ok(Ok(true))));
    assert_eq!(first.count(), 1);
    // One more than a key may have, at once.
    let added = (0..65).map(|place: usize| {
        let engine = worlds[place % 2].engine.clone();
        tokio::spawn(async move {
            // An address as such, so that no name is looked up.
            let address = format!("https://1.1.1.{place}:37282");
            engine.add_prover(key, &address).await
        })
    });
    let added = join_all(added).await.into_iter();
    let added = added.filter(|added| matches!(added, Ok(Ok(()))));
    assert_eq!(added.count(), 64);
    for world in &worlds {
        assert_eq!(world.engine.provers(key).expect("sound").len(), 64);
    }
}

#[tokio::test]
async fn a_store_that_was_begun_in_another_mode_meanwhile_takes_no_block() {
    let cluster = Cluster::new();
    let a = cluster.world().await;
    let domain = a.domain("a", echo()).await;
    // Both find it empty; the other opens it last.
    let config = valence_coprocessor::EngineConfig::new(Mode::Elected(
        valence_coprocessor::DomainSet::default(),
    ));
    let zkvm = Arc::new(crate::world::zkvm());
    let sandbox = valence_coprocessor_wasm::Sandbox::new(SandboxConfig::default());
    let sandbox = sandbox.expect("wasmtime runs here");
    let provers = crate::world::local(&zkvm);
    valence_coprocessor::Engine::open(config, cluster.door(), zkvm, provers, sandbox)
        .await
        .expect("it is empty");
    let error = a.add_block(&domain, 1).await.expect_err("it is proven now");
    assert!(matches!(error, EngineError::OtherTrust { .. }), "{error}");
    assert_eq!(a.engine.root().expect("sound"), Root::ZERO);
}
