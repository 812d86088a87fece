//! What was acknowledged survives: shutting down, dying, and a disk that is full.

use std::sync::Arc;
use std::time::Duration;

use valence_coprocessor::{Engine, Job, JobState};
use valence_coprocessor_conformance::FailingStore;
use valence_coprocessor_store::{MemoryStore, Store};
use valence_coprocessor_zkvm::ProofKind;

use crate::cluster::times;
use crate::controllers::keeper;
use crate::world::{ANYBODY, World, config, end_of, request, zkvm};

async fn wait_for(engine: &Engine, job: &Job, state: JobState) {
    let mut news = engine.watch(&job.id).expect("the job exists");
    news.wait_for(|job| job.state >= state)
        .await
        .expect("the job gets there");
}

#[tokio::test]
async fn shutting_down_parks_what_runs_and_a_new_start_finishes_it() {
    let world = World::with(config(), zkvm().with_closed_gate()).await;
    let circuit = world.circuit(keeper()).await;
    let proving = world
        .engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"a"))
        .await
        .expect("there is room");
    wait_for(&world.engine, &proving, JobState::Proving).await;
    let waiting = world
        .engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"b"))
        .await
        .expect("there is room");
    world.engine.shutdown(Duration::ZERO).await;
    assert!(world.zkvm.is_shut_down());
    let error = world
        .engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"c"))
        .await
        .expect_err("it stops");
    assert_eq!(error.code(), "shutting_down");
    assert_eq!(
        world.engine.job(&proving.id).expect("it exists").state,
        JobState::Proving
    );

    let again = World::over(Arc::clone(&world.store), config(), zkvm()).await;
    for id in [proving.id, waiting.id] {
        let job = again.end_of(&id).await;
        assert_eq!((job.state, job.resumed), (JobState::Done, 1));
    }
    assert_eq!(again.zkvm.proves(), 2);
    let told = again.outcome(circuit).expect("it was delivered");
    let id = told["delivery"]["id"].as_str().expect("text").to_owned();
    assert!([proving.id.to_string(), waiting.id.to_string()].contains(&id));
    // What ended is not begun again.
    let third = World::over(Arc::clone(&world.store), config(), zkvm()).await;
    assert_eq!(third.engine.stats().expect("sound").live_jobs, 0);
}

#[tokio::test]
async fn shutting_down_lets_a_proof_finish_within_the_deadline() {
    let world = World::with(config(), zkvm().with_closed_gate()).await;
    let circuit = world.circuit(keeper()).await;
    let job = world
        .engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"a"))
        .await
        .expect("there is room");
    wait_for(&world.engine, &job, JobState::Proving).await;
    let stopping = world.engine.clone();
    let stopped = tokio::spawn(async move { stopping.shutdown(Duration::from_mins(1)).await });
    world.zkvm.prove_gate().pass();
    stopped.await.expect("it stops");
    assert_eq!(
        world.engine.job(&job.id).expect("it exists").state,
        JobState::Done
    );
}

/// The engine dies at every state of a job, as with `kill -9`: a runtime that is dropped runs nothing any more.
#[test]
fn attack_d6_a_job_survives_the_death_of_the_service_once() {
    for state in [JobState::Accepted, JobState::Queued, JobState::Proving] {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let dying = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let (id, circuit) = dying.block_on(async {
            let world = World::over(Arc::clone(&store), config(), zkvm().with_closed_gate()).await;
            let circuit = world.circuit(keeper()).await;
            let asked = request(circuit, ProofKind::Core, b"a");
            let job = world
                .engine
                .prove(&ANYBODY, asked)
                .await
                .expect("there is room");
            let mut news = world.engine.watch(&job.id).expect("it exists");
            let reached = |job: &Job| job.state >= state;
            news.wait_for(reached).await.expect("it gets there");
            (job.id, circuit)
        });
        // Commits that had begun run to their end, as a disk would do with them.
        dying.shutdown_timeout(Duration::from_secs(10));
        let living = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        living.block_on(async {
            let world = World::over(Arc::clone(&store), config(), zkvm()).await;
            let job = end_of(&world.engine, &id).await;
            assert_eq!(
                (job.state, job.resumed),
                (JobState::Done, 1),
                "died in {state}"
            );
            let told = world.outcome(circuit).expect("it was delivered");
            assert_eq!(told["delivery"]["id"], id.to_string());
            let jobs = world
                .engine
                .jobs(&valence_coprocessor::JobFilter::default())
                .expect("sound");
            assert_eq!(jobs.len(), 1, "recorded once");
        });
    }
}

#[tokio::test]
async fn a_job_is_accepted_only_when_it_is_stored() {
    let store = Arc::new(FailingStore::new(MemoryStore::new()));
    let world = World::over(Arc::clone(&store) as _, config(), zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    store.fail_commit(1);
    let asked = request(circuit, ProofKind::Core, b"a");
    let error = world
        .engine
        .prove(&ANYBODY, asked.clone())
        .await
        .expect_err("the disk is full");
    assert_eq!(error.code(), "internal");
    assert_eq!(world.engine.stats().expect("sound").live_jobs, 0);
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("the disk has room again");
    assert_eq!(world.end_of(&job.id).await.state, JobState::Done);
}

/// A commit that was made, and whose answer was lost, is sent again: it must be recognised, or the job would be taken for one
/// that another service took over.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_made_once() {
    for nth in 2..=6 {
        let store = Arc::new(FailingStore::new(MemoryStore::new()));
        let world = World::over(Arc::clone(&store) as _, times(config()), zkvm()).await;
        let circuit = world.circuit(keeper()).await;
        store.lose_answer(nth);
        let asked = request(circuit, ProofKind::Core, b"a");
        let job = world.engine.prove(&ANYBODY, asked).await;
        let job = world.end_of(&job.expect("there is room").id).await;
        // The last one is what the controller writes when the outcome is delivered: that may happen twice, under one id.
        let resumed = u32::from(nth == 6);
        assert_eq!(
            (job.state, job.resumed),
            (JobState::Done, resumed),
            "commit {nth}"
        );
        assert_eq!(world.zkvm.proves(), 1, "commit {nth}");
    }
}

/// Whichever commit of a job fails once, the job still ends as it should.
#[tokio::test]
async fn a_commit_that_fails_once_is_made_again() {
    for nth in 2..=8 {
        let store = Arc::new(FailingStore::new(MemoryStore::new()));
        let world = World::over(Arc::clone(&store) as _, config(), zkvm()).await;
        let circuit = world.circuit(keeper()).await;
        store.fail_commit(nth);
        let job = world
            .engine
            .prove(&ANYBODY, request(circuit, ProofKind::Core, b"a"))
            .await
            .expect("there is room");
        let job = world.end_of(&job.id).await;
        assert_eq!(job.state, JobState::Done, "commit {nth} failed");
        world.engine.proof(&job.id).expect("the proof is kept");
    }
}
