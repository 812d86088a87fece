//! Which worker gets the work.

use std::sync::Arc;

use valence_coprocessor_fleet::{Fleet, LocalWorker};
use valence_coprocessor_zkvm::{Capacity, Made, ProofKind, Provers as _, Work, WorkerHealth};
use valence_coprocessor_zkvm_mock::{ScriptedWorker, ScriptedZkvm};

use crate::stage::{
    config, fleet, fleet_with_owned, gated, hand, honest, names, until, until_health, work,
};

#[tokio::test]
async fn the_least_loaded_worker_comes_first() {
    let worker = |name| {
        let worker = ScriptedWorker::new(name, ScriptedZkvm::echo());
        Arc::new(worker.with_capacity(2).with_closed_gate())
    };
    let (a, b) = (worker("a"), worker("b"));
    a.set_queued(1);
    let fleet = fleet(config(), &[&a, &b]).await;
    // b has nothing, then half of its capacity, as a has; a got nothing for longer; then b has room.
    for (tag, at_a, at_b) in [("1", 0, 1), ("2", 1, 1), ("3", 1, 2), ("4", 2, 2)] {
        drop(hand(&fleet, work(tag)).end);
        a.wait_for_given(at_a).await;
        b.wait_for_given(at_b).await;
        assert_eq!((a.given().len(), b.given().len()), (at_a, at_b), "{tag}");
    }
    let running: Vec<u64> = fleet.workers().iter().map(|state| state.running).collect();
    assert_eq!(running, [2, 2]);
    // Both are at their capacity: nobody is given more.
    hand(&fleet, work("5")).waits("2 of 2 take work").await;
    // Runs of circuits do not wait for proofs.
    let run = Work {
        kind: ProofKind::Execute,
        ..work("6")
    };
    drop(hand(&fleet, run).end);
    until(|| a.given().len() + b.given().len() == 5).await;
}

#[tokio::test]
async fn equals_take_turns() {
    let (a, b) = (honest("a"), honest("b"));
    let fleet = fleet(config(), &[&a, &b]).await;
    for tag in ["1", "2", "3", "4"] {
        hand(&fleet, work(tag)).done_by().await;
    }
    assert_eq!((a.given().len(), b.given().len()), (2, 2));
}

#[tokio::test]
async fn own_workers_come_before_public_ones_and_serve_nobody_else() {
    let (public, own) = (honest("public"), gated("own"));
    let fleet = fleet_with_owned(&[&public], &[&own]).await;
    until_health(&fleet, "public", true).await;
    let mine = |tag| Work {
        own: names(&["own"]),
        ..work(tag)
    };
    let first = hand(&fleet, mine("1"));
    own.wait_for_given(1).await;
    // The own one is busy, and the public one falls in.
    assert_eq!(hand(&fleet, mine("2")).done_by().await, "public");
    own.gate().pass();
    assert_eq!(first.done_by().await, "own");
    assert_eq!(hand(&fleet, work("3")).done_by().await, "public");
    // It cannot be reached: the public one falls in.
    own.lose();
    assert_eq!(hand(&fleet, mine("4")).done_by().await, "public");
    until_health(&fleet, "own", false).await;
    own.come_back();
    own.gate().pass();
    until_health(&fleet, "own", true).await;
    assert_eq!(hand(&fleet, mine("5")).done_by().await, "own");
    let state = fleet.workers();
    assert_eq!(
        state
            .iter()
            .map(|worker| (worker.name.0.as_str(), worker.public))
            .collect::<Vec<_>>(),
        [("own", false), ("public", true)]
    );
}

#[tokio::test]
async fn a_callers_worker_that_has_nothing_to_do_is_let_go() {
    let (public, own) = (honest("public"), honest("own"));
    let connect = {
        let own = own.as_port();
        move |_: &_| Ok(Arc::clone(&own))
    };
    let mut config = config();
    config.keep_owned = std::time::Duration::from_millis(30);
    let fleet = Arc::new(Fleet::start(
        config,
        vec![public.as_port()],
        Some(Arc::new(connect)),
    ));
    let mine = Work {
        own: names(&["own"]),
        ..work("1")
    };
    assert_eq!(hand(&fleet, mine).done_by().await, "own");
    until(|| fleet.workers().len() == 1).await;
}

#[tokio::test]
async fn who_is_to_be_avoided_is_the_last_resort() {
    let (a, b) = (honest("a"), gated("b"));
    let fleet = fleet(config(), &[&a, &b]).await;
    let avoiding = |tag, avoid: &[&str]| Work {
        avoid: names(avoid),
        ..work(tag)
    };
    let first = hand(&fleet, avoiding("1", &["a"]));
    b.wait_for_given(1).await;
    // b has no room: waiting for it is better than a.
    let second = hand(&fleet, avoiding("2", &["a"]));
    second.waits("2 of 2 take work").await;
    b.gate().pass();
    b.gate().pass();
    assert_eq!(first.done_by().await, "b");
    assert_eq!(second.done_by().await, "b");
    // There is nobody else.
    assert_eq!(
        hand(&fleet, avoiding("3", &["a", "b"])).done_by().await,
        "a"
    );
}

#[tokio::test]
async fn a_liar_is_set_aside_while_there_is_another() {
    let (a, b) = (honest("a"), honest("b"));
    let fleet = fleet(config(), &[&a, &b]).await;
    fleet.report_wrong(&a.as_port().name().clone());
    for tag in ["1", "2", "3"] {
        assert_eq!(hand(&fleet, work(tag)).done_by().await, "b");
    }
    let state = &fleet.workers()[0];
    let WorkerHealth::SetAside { reason, seconds } = &state.health else {
        panic!("{state:?}");
    };
    assert!(reason.contains("wrong") && *seconds > 3_000, "{state:?}");
    fleet.report_wrong(&b.as_port().name().clone());
    hand(&fleet, work("4")).done_by().await;
}

#[tokio::test]
async fn the_zkvm_here_is_a_worker_too() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let capacity = Capacity {
        proofs: 1,
        executions: 2,
    };
    let here = LocalWorker::new(Arc::clone(&zkvm) as _, capacity);
    let fleet = Arc::new(Fleet::start(config(), vec![Arc::new(here)], None));
    let proof = hand(&fleet, work("a")).end().await.expect("it is done");
    assert_eq!(proof.worker.0, "here");
    assert!(matches!(proof.made, Made::Proof(proof) if proof.kind == ProofKind::Core));
    let run = Work {
        kind: ProofKind::Execute,
        ..work("ab")
    };
    let run = hand(&fleet, run).end().await.expect("it is done");
    assert!(matches!(run.made, Made::Execution(execution) if execution.cycles == 2));
    assert_eq!((zkvm.proves(), zkvm.executions()), (1, 1));
    assert_eq!(fleet.workers()[0].capacity, capacity);
}
