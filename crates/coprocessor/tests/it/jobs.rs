//! Accepting, repeating, cancelling, listing.

use futures_util::future::join_all;
use serde_json::json;
use valence_coprocessor::{ErrorKind, JobFilter, JobId, JobState};
use valence_coprocessor_protocol::Root;
use valence_coprocessor_zkvm::{Execution, ProofKind};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

use crate::controllers::{echo, keeper};
use crate::world::{ALICE, ANYBODY, BOB, World, config, request, zkvm};

#[tokio::test]
async fn the_same_request_is_one_job_while_it_runs() {
    let world = World::with(config(), zkvm().with_closed_gate()).await;
    let (engine, circuit) = (&world.engine, world.circuit(keeper()).await);
    let tries = (0..16).map(|_| engine.prove(&ANYBODY, request(circuit, ProofKind::Core, b"a")));
    let mut ids: Vec<_> = join_all(tries)
        .await
        .into_iter()
        .map(|job| job.expect("there is room").id)
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let other = engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"b"))
        .await
        .expect("there is room");
    let signed = engine
        .prove(&ALICE, request(circuit, ProofKind::Core, b"a"))
        .await
        .expect("there is room");
    assert!(other.id != ids[0] && signed.id != ids[0] && signed.id != other.id);
    let jobs = [ids[0], other.id, signed.id];
    // Which of them reaches the prover first is open, since their witnesses are computed side by side.
    for _ in jobs {
        world.zkvm.prove_gate().pass();
    }
    for id in jobs {
        assert_eq!(world.end_of(&id).await.state, JobState::Done);
    }
}

#[tokio::test]
async fn a_repeat_of_what_is_done_is_the_same_job_at_the_same_root() {
    let world = World::new().await;
    let (engine, circuit) = (&world.engine, world.circuit(keeper()).await);
    let asked = request(circuit, ProofKind::Core, b"a");
    let first = engine
        .prove(&ANYBODY, asked.clone())
        .await
        .expect("there is room");
    world.end_of(&first.id).await;
    let again = engine
        .prove(&ANYBODY, asked.clone())
        .await
        .expect("there is room");
    assert_eq!((again.id, again.state), (first.id, JobState::Done));
    assert_eq!(world.zkvm.proves(), 1);
    // Another root, another proof.
    let domain = world.domain("a", echo()).await;
    world.add_block(&domain, 1).await.expect("a new block");
    let later = engine
        .prove(&ANYBODY, asked.clone())
        .await
        .expect("there is room");
    assert_ne!(later.id, first.id);
    world.end_of(&later.id).await;
    // Other witnesses, another proof: the controller is replaced by one that gives none.
    engine
        .deploy_circuit(
            &ANYBODY,
            crate::controllers::mute(),
            crate::world::elf("circuit"),
            0,
        )
        .await
        .expect("nobody's");
    let changed = engine.prove(&ANYBODY, asked).await.expect("there is room");
    assert_ne!(changed.id, later.id);
    assert_eq!(world.end_of(&changed.id).await.state, JobState::Failed);
}

/// Not the circuit, but the engine or its zkVM: nobody else may notice, and the job must not stay claimed for ever.
#[tokio::test]
async fn a_job_at_which_the_engine_panics_fails_alone() {
    let panicking = ScriptedZkvm::new(|_, input| {
        let is_fatal = input.windows(5).any(|bytes| bytes == b"fatal");
        assert!(!is_fatal, "the zkVM panics");
        Ok(Execution {
            public_values: input[8..].to_vec(),
            cycles: 1,
        })
    });
    let world = World::with(config(), panicking).await;
    let circuit = world.circuit(keeper()).await;
    for (value, state) in [(&b"fatal"[..], JobState::Failed), (b"fine", JobState::Done)] {
        let asked = request(circuit, ProofKind::Core, value);
        let job = world.engine.prove(&ANYBODY, asked).await;
        let job = world.end_of(&job.expect("there is room").id).await;
        assert_eq!(job.state, state);
        let code = job.failure.map(|failure| failure.code);
        let expected = (state == JobState::Failed).then_some("internal");
        assert_eq!(code.as_deref(), expected);
    }
    assert_eq!(world.engine.stats().expect("sound").live_jobs, 0);
}

#[tokio::test]
async fn a_failed_request_is_tried_again_as_a_new_job() {
    let world = World::new().await;
    let circuit = world.circuit(keeper()).await;
    let mut asked = request(circuit, ProofKind::Core, b"a");
    asked.args = json!("no witnesses");
    let first = world
        .engine
        .prove(&ANYBODY, asked.clone())
        .await
        .expect("there is room");
    let first = world.end_of(&first.id).await;
    assert_eq!(first.state, JobState::Failed);
    assert_eq!(
        first.failure.expect("it says why").code,
        "controller_invalid_return"
    );
    let second = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    assert_ne!(second.id, first.id);
    world.end_of(&second.id).await;
}

#[tokio::test]
async fn a_full_queue_is_said() {
    let mut config = config();
    config.limits.live_jobs = 2;
    let world = World::with(config, zkvm().with_closed_gate()).await;
    let (engine, circuit) = (&world.engine, world.circuit(keeper()).await);
    for data in [b"a", b"b"] {
        engine
            .prove(&ANYBODY, request(circuit, ProofKind::Core, data))
            .await
            .expect("there is room");
    }
    let error = engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"c"))
        .await
        .expect_err("it is full");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Unavailable, "queue_full")
    );
    assert_eq!(engine.jobs(&JobFilter::default()).expect("sound").len(), 2);
}

#[tokio::test]
async fn a_job_is_cancelled_by_who_asked_or_who_owns_the_circuit() {
    let world = World::with(config(), zkvm().with_closed_gate()).await;
    let engine = &world.engine;
    let circuit = engine
        .deploy_circuit(&ALICE, keeper(), crate::world::elf("hers"), 0)
        .await
        .expect("a fine circuit");
    let of_bob = engine
        .prove(&BOB, request(circuit, ProofKind::Core, b"a"))
        .await
        .expect("there is room");
    let error = engine
        .cancel(&ANYBODY, &of_bob.id)
        .await
        .expect_err("not theirs");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Forbidden, "not_owner")
    );
    assert_eq!(
        engine
            .cancel(&BOB, &of_bob.id)
            .await
            .expect("his own")
            .state,
        JobState::Cancelled
    );
    let again = engine
        .prove(&BOB, request(circuit, ProofKind::Core, b"a"))
        .await
        .expect("there is room");
    assert_ne!(again.id, of_bob.id);
    engine.cancel(&ALICE, &again.id).await.expect("her circuit");
    // Twice is once.
    engine
        .cancel(&ALICE, &again.id)
        .await
        .expect("it is cancelled");
    let error = engine.proof(&again.id).expect_err("nothing was proven");
    assert_eq!(error.code(), "no_proof");
    let error = engine
        .cancel(&ALICE, &JobId::from_bytes([9; 16]))
        .await
        .expect_err("no such job");
    assert_eq!(error.code(), "unknown_job");
    // What ended otherwise stays as it ended.
    world.zkvm.prove_gate().pass();
    let done = engine
        .prove(&BOB, request(circuit, ProofKind::Core, b"b"))
        .await
        .expect("there is room");
    assert_eq!(world.end_of(&done.id).await.state, JobState::Done);
    let error = engine.cancel(&BOB, &done.id).await.expect_err("it is done");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Conflict, "job_not_cancellable")
    );
}

#[tokio::test]
async fn jobs_are_listed_newest_first() {
    let world = World::new().await;
    let (engine, circuit) = (&world.engine, world.circuit(keeper()).await);
    let mut ids = Vec::new();
    for data in [b"a", b"b", b"c"] {
        let job = engine
            .prove(&ANYBODY, request(circuit, ProofKind::Execute, data))
            .await
            .expect("there is room");
        world.end_of(&job.id).await;
        ids.insert(0, job.id);
    }
    let list = |filter| -> Vec<_> {
        engine
            .jobs(&filter)
            .expect("sound")
            .into_iter()
            .map(|job| job.id)
            .collect()
    };
    assert_eq!(list(JobFilter::default()), ids);
    assert_eq!(
        list(JobFilter {
            limit: Some(2),
            ..JobFilter::default()
        }),
        ids[..2]
    );
    assert_eq!(
        list(JobFilter {
            before: Some(ids[0]),
            ..JobFilter::default()
        }),
        ids[1..]
    );
    assert_eq!(
        list(JobFilter {
            state: Some(JobState::Failed),
            ..JobFilter::default()
        }),
        []
    );
    assert_eq!(
        list(JobFilter {
            circuit: Some(circuit),
            ..JobFilter::default()
        }),
        ids
    );
}

#[tokio::test]
async fn what_cannot_be_proven_is_not_accepted() {
    let world = World::new().await;
    let mut asked = request(
        valence_coprocessor_protocol::CircuitId::ZERO,
        ProofKind::Core,
        b"a",
    );
    let error = world
        .engine
        .prove(&ANYBODY, asked.clone())
        .await
        .expect_err("no such circuit");
    assert_eq!(error.code(), "unknown_circuit");
    asked.circuit = world.circuit(keeper()).await;
    asked.root = Some(Root::from_bytes([5; 32]));
    let error = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect_err("never a root");
    assert_eq!(error.code(), "unknown_root");
    assert_eq!(world.engine.jobs(&JobFilter::default()).expect("sound"), []);
}
