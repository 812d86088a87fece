//! The same work is not proven twice.

use std::sync::Arc;

use valence_coprocessor::{Job, JobState};
use valence_coprocessor_store::{Batch, MemoryStore, Table};
use valence_coprocessor_zkvm::ProofKind;

use crate::controllers::keeper;
use crate::world::{ALICE, ANYBODY, BOB, World, config, local_for, request, zkvm};

#[tokio::test]
async fn a_proof_is_found_again_for_another_caller_and_after_a_restart() {
    let world = World::new().await;
    let circuit = world.circuit(keeper()).await;
    let asked = || request(circuit, ProofKind::Compressed, b"a");
    let first = world
        .engine
        .prove(&ANYBODY, asked())
        .await
        .expect("there is room");
    let first = world.end_of(&first.id).await;
    let second = world
        .engine
        .prove(&ALICE, asked())
        .await
        .expect("there is room");
    let second = world.end_of(&second.id).await;
    assert_ne!(first.id, second.id);
    assert_eq!((first.reused, second.reused), (None, Some(first.id)));
    assert_eq!(world.zkvm.proves(), 1);
    assert_eq!(
        world.engine.proof(&first.id).expect("done"),
        world.engine.proof(&second.id).expect("done")
    );
    let again = World::over(Arc::clone(&world.store), config(), zkvm()).await;
    let third = again
        .engine
        .prove(&BOB, asked())
        .await
        .expect("there is room");
    let third = again.end_of(&third.id).await;
    assert_eq!(
        (third.state, third.reused),
        (JobState::Done, Some(second.id))
    );
    assert_eq!(again.zkvm.proves(), 0);
    // It is the executed values that count, so each is executed.
    assert_eq!(again.zkvm.executions(), 1);
}

#[tokio::test]
async fn other_input_and_other_kinds_are_other_work() {
    let world = World::new().await;
    let circuit = world.circuit(keeper()).await;
    for (kind, data) in [
        (ProofKind::Core, b"a"),
        (ProofKind::Compressed, b"a"),
        (ProofKind::Core, b"b"),
        (ProofKind::Execute, b"a"),
    ] {
        let job = world
            .engine
            .prove(&ANYBODY, request(circuit, kind, data))
            .await
            .expect("there is room");
        assert_eq!(world.end_of(&job.id).await.reused, None);
    }
    assert_eq!(world.zkvm.proves(), 3);
}

async fn wait_for_other(world: &World, job: &Job) {
    let mut news = world.engine.watch(&job.id).expect("it exists");
    let waits = |job: &Job| {
        job.progress
            .as_ref()
            .is_some_and(|progress| progress.stage == "waiting")
    };
    news.wait_for(waits).await.expect("it waits for the other");
}

#[tokio::test]
async fn a_second_job_waits_for_the_first_instead_of_proving() {
    let zkvm = Arc::new(zkvm().with_closed_gate());
    // Room for more than one, so that it is not for lack of room that the second waits.
    let provers = local_for(&zkvm, 4);
    let world = World::proving_with(Arc::new(MemoryStore::new()), config(), zkvm, provers).await;
    let circuit = world.circuit(keeper()).await;
    let asked = || request(circuit, ProofKind::Core, b"a");
    let first = world
        .engine
        .prove(&ANYBODY, asked())
        .await
        .expect("there is room");
    let mut news = world.engine.watch(&first.id).expect("it exists");
    news.wait_for(|job| job.state == JobState::Proving)
        .await
        .expect("it is proven");
    let second = world
        .engine
        .prove(&ALICE, asked())
        .await
        .expect("there is room");
    let third = world
        .engine
        .prove(&BOB, asked())
        .await
        .expect("there is room");
    wait_for_other(&world, &second).await;
    wait_for_other(&world, &third).await;
    // The first is stopped: one of the others proves, and the last one finds that.
    world
        .engine
        .cancel(&ANYBODY, &first.id)
        .await
        .expect("nobody's");
    world.zkvm.prove_gate().pass();
    let ends = [
        world.end_of(&second.id).await,
        world.end_of(&third.id).await,
    ];
    assert!(ends.iter().all(|job| job.state == JobState::Done));
    assert_eq!(ends.iter().filter(|job| job.reused.is_some()).count(), 1);
    assert_eq!(world.zkvm.proves(), 2);
}

/// What lies in the store is believed no more than what a prover says.
#[tokio::test]
async fn attack_d5_a_kept_proof_that_does_not_verify_is_made_anew() {
    let world = World::new().await;
    let circuit = world.circuit(keeper()).await;
    let asked = || request(circuit, ProofKind::Core, b"a");
    let first = world
        .engine
        .prove(&ANYBODY, asked())
        .await
        .expect("there is room");
    world.end_of(&first.id).await;
    let mut batch = Batch::new();
    batch.put(Table::Proofs, *first.id.as_bytes(), b"forged".to_vec());
    world.store.commit(batch).expect("sound");
    let second = world
        .engine
        .prove(&ALICE, asked())
        .await
        .expect("there is room");
    let second = world.end_of(&second.id).await;
    assert_eq!((second.state, second.reused), (JobState::Done, None));
    assert_eq!(world.zkvm.proves(), 2);
    assert_ne!(
        world.engine.proof(&second.id).expect("done").bytes,
        b"forged"
    );
    // The good one is found from now on.
    let third = world
        .engine
        .prove(&BOB, asked())
        .await
        .expect("there is room");
    assert_eq!(world.end_of(&third.id).await.reused, Some(second.id));
}
