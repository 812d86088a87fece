//! Workers that are lost, busy, silent or deadly.

use std::sync::Arc;
use std::time::Duration;

use valence_coprocessor_zkvm::{Provers as _, Work, WorkerError, WorkerHealth, ZkvmError};
use valence_coprocessor_zkvm_mock::{ScriptedWorker, ScriptedZkvm};

use crate::stage::{config, fleet, gated, hand, honest, names, until, until_health, work};

fn lost() -> Result<valence_coprocessor_zkvm::Made, WorkerError> {
    Err(WorkerError::Lost {
        reason: "the line is cut".to_owned(),
    })
}

#[tokio::test]
async fn what_a_lost_worker_had_is_done_by_another() {
    let (a, b) = (gated("a"), gated("b"));
    let fleet = fleet(config(), &[&a, &b]).await;
    let handed = hand(&fleet, work("1"));
    let (holds, other) = tokio::select! {
        () = a.wait_for_given(1) => (&a, &b),
        () = b.wait_for_given(1) => (&b, &a),
    };
    other.gate().pass();
    holds.lose();
    let delivered = handed.end().await.expect("no try is used up");
    assert_eq!(&delivered.worker, other.as_port().name());
    // It comes back, and is given work again.
    let name = holds.as_port().name().clone();
    until_health(&fleet, &name.0, false).await;
    holds.come_back();
    until_health(&fleet, &name.0, true).await;
    holds.gate().pass();
    let again = Work {
        avoid: vec![other.as_port().name().clone()],
        ..work("2")
    };
    assert_eq!(hand(&fleet, again).done_by().await, name.0);
}

#[tokio::test]
async fn work_waits_while_all_workers_are_lost() {
    let (a, b) = (honest("a"), honest("b"));
    let fleet = fleet(config(), &[&a, &b]).await;
    a.lose();
    b.lose();
    let handed = hand(&fleet, work("1"));
    handed.waits("none of 2 workers can be reached").await;
    // The pauses become longer, and stay bounded.
    until_health(&fleet, "a", false).await;
    until_health(&fleet, "b", false).await;
    b.come_back();
    assert_eq!(handed.done_by().await, "b");
    assert!(matches!(
        &fleet.workers()[0].health,
        WorkerHealth::SetAside { reason, .. } if reason.contains("the line is cut")
    ));
}

#[tokio::test]
async fn work_that_nobody_can_take_ends_with_a_reason() {
    let a = honest("a");
    let fleet = fleet(config(), &[&a]).await;
    a.lose();
    let mut work = work("1");
    work.limits.duration = Duration::from_millis(50);
    let undelivered = hand(&fleet, work).end().await.expect_err("nobody is there");
    assert_eq!(undelivered.worker, None);
    let text = undelivered.to_string();
    assert!(text.contains("none of 1 could be reached"), "{text}");
}

#[tokio::test]
async fn a_silent_worker_is_lost_after_the_works_time_limit() {
    let (silent, fine) = (gated("silent"), honest("fine"));
    let fleet = fleet(config(), &[&silent, &fine]).await;
    let mut work = work("1");
    work.limits.duration = Duration::from_millis(200);
    // Equals take turns: one of two goes to the silent one.
    let (first, second) = (hand(&fleet, work.clone()), hand(&fleet, work));
    assert_eq!(first.done_by().await, "fine");
    assert_eq!(second.done_by().await, "fine");
    assert_eq!(silent.given().len(), 1);
}

#[tokio::test]
async fn a_busy_worker_is_left_alone_for_a_moment() {
    let (busy, fine) = (honest("busy"), honest("fine"));
    busy.script(Err(WorkerError::Busy {
        reason: "its queue is full".to_owned(),
    }));
    let fleet = fleet(config(), &[&busy, &fine]).await;
    let avoid_fine = Work {
        avoid: names(&["fine"]),
        ..work("1")
    };
    // Nobody else may do it while it may return, so it is asked again.
    assert_eq!(hand(&fleet, avoid_fine).done_by().await, "busy");
    assert_eq!(busy.given().len(), 2);
    assert_eq!(fine.given().len(), 0);
}

/// One witness that kills whatever reads it must not take down a whole fleet, over and over.
#[tokio::test]
async fn work_that_loses_one_worker_after_the_other_is_given_back() {
    let workers: Vec<_> = ["a", "b", "c", "d"].map(honest).to_vec();
    for worker in &workers {
        worker.script(lost());
    }
    let fleet = fleet(config(), &workers.iter().collect::<Vec<_>>()).await;
    let undelivered = hand(&fleet, work("1")).end().await.expect_err("deadly");
    assert!(undelivered.worker.is_some());
    let ZkvmError::ProverDied { reason } = &undelivered.error else {
        panic!("{undelivered:?}");
    };
    assert!(reason.contains("3 workers were lost"), "{reason}");
    let given: usize = workers.iter().map(|worker| worker.given().len()).sum();
    assert_eq!(given, 3);
}

#[tokio::test]
async fn an_error_of_the_work_itself_is_returned_at_once() {
    let (a, b) = (honest("a"), honest("b"));
    let error = ZkvmError::CycleLimit { limit: 7 };
    for worker in [&a, &b] {
        worker.script(Err(WorkerError::Work(error.clone())));
    }
    let fleet = fleet(config(), &[&a, &b]).await;
    let undelivered = hand(&fleet, work("1")).end().await.expect_err("too long");
    assert_eq!(undelivered.error, error);
    assert_eq!(a.given().len() + b.given().len(), 1);
    assert!(
        fleet
            .workers()
            .iter()
            .all(|worker| worker.health == WorkerHealth::Ready)
    );
}

#[tokio::test]
async fn a_worker_that_shuts_down_by_itself_is_no_reason_to_stop() {
    let (a, b) = (honest("a"), honest("b"));
    for worker in [&a, &b] {
        worker.script(Err(WorkerError::Work(ZkvmError::ShutDown)));
    }
    let fleet = fleet(config(), &[&a, &b]).await;
    hand(&fleet, work("1")).done_by().await;
}

#[tokio::test]
async fn a_closed_fleet_does_nothing_more() {
    let a = Arc::new(ScriptedWorker::new("a", ScriptedZkvm::echo()).with_closed_gate());
    let fleet = fleet(config(), &[&a]).await;
    let running = hand(&fleet, work("1"));
    a.wait_for_given(1).await;
    let waiting = hand(&fleet, work("2"));
    waiting.waits("1 of 1 take work").await;
    fleet.shutdown().await;
    for handed in [running, waiting, hand(&fleet, work("3"))] {
        let error = handed.end().await.expect_err("it is closed").error;
        assert_eq!(error, ZkvmError::ShutDown);
    }
    until(|| fleet.workers()[0].running == 0).await;
}
