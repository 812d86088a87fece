//! What ended long ago is forgotten, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use valence_coprocessor::{
    Clock, Engine, EngineConfig, EngineError, ErrorKind, JobFilter, JobId, JobState, PublicKey,
    Timestamp,
};
use valence_coprocessor_store::{KeyRange, Order, Store, Table};
use valence_coprocessor_zkvm::ProofKind;

use crate::controllers::keeper;
use crate::world::{ALICE, ANYBODY, World, config, request, settable_clock, zkvm};

const DAY: u64 = 24 * 3_600_000;

fn keeping(days: Option<u64>, clock: &Clock) -> EngineConfig {
    EngineConfig {
        keep_results: days.map(|days| Duration::from_millis(days * DAY)),
        forget_pause: Duration::from_millis(5),
        clock: clock.clone(),
        ..config()
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait)
        .await
        .unwrap_or_else(|_| panic!("waited for {what}"));
}

fn rows(store: &Arc<dyn Store>, table: Table) -> usize {
    let snapshot = store.snapshot().expect("sound");
    snapshot
        .scan(table, &KeyRange::all(), Order::Ascending, usize::MAX)
        .expect("sound")
        .len()
}

fn is_forgotten(engine: &Engine, id: &JobId) -> bool {
    matches!(engine.job(id), Err(EngineError::JobForgotten(_)))
}

async fn prove(world: &World, data: &[u8]) -> JobId {
    let circuit = world.circuit(keeper()).await;
    let asked = request(circuit, ProofKind::Core, data);
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    job.id
}

fn advance(millis: &AtomicU64, days: u64) {
    millis.fetch_add(days * DAY, Ordering::SeqCst);
}

#[tokio::test]
async fn everything_about_an_old_job_is_forgotten_and_its_number_is_not_given_again() {
    let (clock, millis) = settable_clock();
    let world = World::with(keeping(Some(10), &clock), zkvm()).await;
    let mut old = Vec::new();
    for data in [b"a", b"b", b"c"] {
        let id = prove(&world, data).await;
        assert_eq!(world.end_of(&id).await.state, JobState::Done);
        old.push(id);
    }
    advance(&millis, 6);
    let young = prove(&world, b"d").await;
    world.end_of(&young).await;
    advance(&millis, 5);
    until("the old jobs to go", || {
        old.iter().all(|id| is_forgotten(&world.engine, id))
    })
    .await;
    world.engine.proof(&young).expect("it is kept");
    let error = world.engine.proof(&old[0]).expect_err("it is forgotten");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "job_forgotten")
    );
    let error = world
        .engine
        .job(&JobId::from_bytes([9; 16]))
        .expect_err("never there");
    assert_eq!(error.code(), "unknown_job");
    assert_eq!(rows(&world.store, Table::Proofs), 1);

    advance(&millis, 11);
    until("the last job to go", || is_forgotten(&world.engine, &young)).await;
    for table in [Table::Jobs, Table::JobIndex, Table::Proofs] {
        assert_eq!(rows(&world.store, table), 0, "{table}");
    }
    // The same request is a new job and a new proof, with a number of its own, also after a restart.
    let again = World::over(Arc::clone(&world.store), keeping(Some(10), &clock), zkvm()).await;
    let new = prove(&again, b"a").await;
    assert!(new > young);
    assert_eq!(again.end_of(&new).await.reused, None);
    assert_eq!(again.zkvm.proves(), 1);
}

#[tokio::test]
async fn what_has_not_ended_is_kept_and_the_way_to_a_newer_job_too() {
    let (clock, millis) = settable_clock();
    let mut config = keeping(Some(10), &clock);
    config.limits.longest_deadline = Duration::from_millis(1_000 * DAY);
    config.limits.deadline = config.limits.longest_deadline;
    let world = World::with(config, zkvm().with_closed_gate()).await;
    let running = prove(&world, b"a").await;
    world.zkvm.prove_gate().pass();
    assert_eq!(world.end_of(&running).await.state, JobState::Done);
    let circuit = world.circuit(keeper()).await;
    let mut asked = request(circuit, ProofKind::Core, b"a");
    advance(&millis, 9);
    // The same work: from now on the cache leads to this job.
    let second = world
        .engine
        .prove(&ALICE, asked.clone())
        .await
        .expect("there is room");
    assert_eq!(world.end_of(&second.id).await.reused, Some(running));
    asked.args = serde_json::json!([{ "Data": b"b" }]);
    let live = world
        .engine
        .prove(&ALICE, asked)
        .await
        .expect("there is room");
    advance(&millis, 2);
    until("the first job to go", || {
        is_forgotten(&world.engine, &running)
    })
    .await;
    let third = prove(&world, b"a").await;
    assert_eq!(world.end_of(&third).await.reused, Some(second.id));

    advance(&millis, 100);
    until("the ended jobs to go", || {
        is_forgotten(&world.engine, &second.id) && is_forgotten(&world.engine, &third)
    })
    .await;
    world.zkvm.prove_gate().pass();
    assert_eq!(world.end_of(&live.id).await.state, JobState::Done);
}

#[tokio::test]
async fn several_services_forget_at_once_and_one_that_keeps_for_ever_forgets_nothing() {
    let (clock, millis) = settable_clock();
    let forever = World::with(keeping(None, &clock), zkvm()).await;
    let mut ids = Vec::new();
    for data in 0..150_u8 {
        let id = prove(&forever, &[data]).await;
        forever.end_of(&id).await;
        ids.push(id);
    }
    advance(&millis, 10_000);
    let number = "used";
    let key = PublicKey::from_bytes([2; 33]);
    let expiry = Some(Timestamp::from_millis(1));
    // A round has passed once the used signature is gone.
    assert!(
        forever
            .engine
            .spend_signature(key, number, expiry)
            .await
            .expect("sound")
    );
    until("a round", || rows(&forever.store, Table::Nonces) == 0).await;
    assert_eq!(
        forever
            .engine
            .jobs(&JobFilter::default())
            .expect("sound")
            .len(),
        150
    );

    let open = || World::over(Arc::clone(&forever.store), keeping(Some(1), &clock), zkvm());
    let (one, two) = tokio::join!(open(), open());
    until("all to go", || rows(&one.store, Table::Jobs) == 0).await;
    assert!(ids.iter().all(|id| is_forgotten(&two.engine, id)));
    assert_eq!(rows(&one.store, Table::JobIndex), 0);
    // Both go on.
    let id = prove(&two, b"new").await;
    assert_eq!(two.end_of(&id).await.state, JobState::Done);
    one.engine.shutdown(Duration::from_mins(1)).await;
}

/// A signature of the published form has no expiry: forgetting it would let it count again.
#[tokio::test]
async fn attack_c1_only_signatures_that_expired_are_forgotten() {
    let (clock, millis) = settable_clock();
    let world = World::with(keeping(None, &clock), zkvm()).await;
    let key = PublicKey::from_bytes([2; 33]);
    let now = world.engine.now();
    let spend = |number: &'static str, expiry| world.engine.spend_signature(key, number, expiry);
    let in_a_minute = Some(now.plus(Duration::from_mins(1)));
    let in_a_year = Some(now.plus(Duration::from_millis(365 * DAY)));
    for (number, expiry) in [
        ("bound", in_a_minute),
        ("long", in_a_year),
        ("published", None),
    ] {
        assert!(spend(number, expiry).await.expect("sound"));
        assert!(!spend(number, expiry).await.expect("sound"));
    }
    advance(&millis, 2);
    until("the expired one to go", || {
        rows(&world.store, Table::Nonces) == 2
    })
    .await;
    assert!(!spend("long", in_a_year).await.expect("sound"));
    assert!(!spend("published", None).await.expect("sound"));
}
