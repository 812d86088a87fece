//! Deadlines: a job that is not proven in time fails, whatever it waits for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use valence_coprocessor::{Clock, EngineConfig, ErrorKind, Job, JobState, ProofRequest};
use valence_coprocessor_protocol::CircuitId;
use valence_coprocessor_zkvm::ProofKind;

use crate::controllers::keeper;
use crate::world::{ANYBODY, World, config, request, settable_clock, zkvm};

fn within(circuit: CircuitId, data: &[u8], seconds: u64) -> ProofRequest {
    ProofRequest {
        deadline: Some(Duration::from_secs(seconds)),
        ..request(circuit, ProofKind::Core, data)
    }
}

fn assert_overdue(job: &Job, state: &str) {
    assert_eq!(job.state, JobState::Failed);
    let failure = job.failure.as_ref().expect("it says why");
    assert_eq!(failure.code, "deadline");
    assert!(failure.message.contains(state), "{}", failure.message);
}

#[tokio::test]
async fn a_proof_and_a_wait_for_a_prover_end_with_the_deadline() {
    let config = EngineConfig {
        clock: Clock::system(),
        ..config()
    };
    let world = World::with(config, zkvm().with_closed_gate()).await;
    let circuit = world.circuit(keeper()).await;
    let proving = within(circuit, b"a", 3);
    let proving = world
        .engine
        .prove(&ANYBODY, proving)
        .await
        .expect("there is room");
    let mut news = world.engine.watch(&proving.id).expect("it exists");
    news.wait_for(|job| job.state == JobState::Proving)
        .await
        .expect("it is proven");
    let waiting = within(circuit, b"b", 1);
    let waiting = world
        .engine
        .prove(&ANYBODY, waiting)
        .await
        .expect("there is room");
    let ends = [
        world.end_of(&waiting.id).await,
        world.end_of(&proving.id).await,
    ];
    for (job, state, seconds) in [(&ends[0], "queued", 1), (&ends[1], "proving", 3)] {
        assert_overdue(job, state);
        let deadline = job.deadline.expect("each has one");
        assert_eq!(
            deadline.since(job.times[0].at),
            Duration::from_secs(seconds)
        );
        assert!(
            job.entered(JobState::Failed)
                .is_some_and(|at| at >= deadline)
        );
    }
    // Nobody opened the gate: the proof was given up.
    assert_eq!(world.zkvm.proves(), 1);
    let told = world.outcome(circuit).expect("the controller is told");
    assert_eq!(told["success"], false);
    assert_eq!(told["delivery"]["failure"]["code"], "deadline");
}

#[tokio::test]
async fn a_deadline_that_passed_while_the_service_was_down_is_kept() {
    let (clock, millis) = settable_clock();
    let configured = || EngineConfig {
        clock: clock.clone(),
        ..config()
    };
    let world = World::with(configured(), zkvm().with_closed_gate()).await;
    let circuit = world.circuit(keeper()).await;
    let short = within(circuit, b"a", 60);
    let short = world
        .engine
        .prove(&ANYBODY, short)
        .await
        .expect("there is room");
    let long = request(circuit, ProofKind::Core, b"b");
    let long = world
        .engine
        .prove(&ANYBODY, long)
        .await
        .expect("there is room");
    world.engine.shutdown(Duration::ZERO).await;
    millis.fetch_add(61_000, Ordering::SeqCst);

    let again = World::over(Arc::clone(&world.store), configured(), zkvm()).await;
    assert_overdue(&again.end_of(&short.id).await, "");
    assert_eq!(again.end_of(&long.id).await.state, JobState::Done);
    assert_eq!(again.zkvm.proves(), 1);
}

#[tokio::test]
async fn deadlines_are_bounded_and_part_of_the_request() {
    let mut config = config();
    config.limits.deadline = Duration::from_mins(50);
    config.limits.longest_deadline = Duration::from_secs(5_000);
    let world = World::with(config, zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    for seconds in [0, 5_001, u64::MAX] {
        let error = world
            .engine
            .prove(&ANYBODY, within(circuit, b"a", seconds))
            .await
            .expect_err("out of bounds");
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::InvalidInput, "invalid_deadline")
        );
        assert!(error.to_string().contains("5000"), "{error}");
    }
    let asked = request(circuit, ProofKind::Core, b"a");
    let unnamed = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let asked = within(circuit, b"a", 5_000);
    let named = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    assert_ne!(unnamed.id, named.id);
    for (job, seconds) in [(unnamed, 3_000), (named, 5_000)] {
        let deadline = job.deadline.expect("each has one");
        assert_eq!(
            deadline.since(job.times[0].at),
            Duration::from_secs(seconds)
        );
        assert_eq!(world.end_of(&job.id).await.state, JobState::Done);
    }
}
