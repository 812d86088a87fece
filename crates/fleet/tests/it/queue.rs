//! What waits, and in which order it goes on.

use valence_coprocessor_zkvm::{Priority, Provers as _, Work, ZkvmError};

use crate::stage::{config, fleet, gated, given, hand, until, work};

#[tokio::test]
async fn priority_goes_before_arrival() {
    let worker = gated("a");
    let fleet = fleet(config(), &[&worker]).await;
    let mut handed = vec![hand(&fleet, work("first"))];
    worker.wait_for_given(1).await;
    for (tag, priority) in [
        ("low", Priority::Low),
        ("normal", Priority::Normal),
        ("normal too", Priority::Normal),
        ("high", Priority::High),
    ] {
        let work = Work {
            priority,
            ..work(tag)
        };
        let next = hand(&fleet, work);
        next.waits("1 of 1 take work").await;
        handed.push(next);
    }
    for next in handed {
        worker.gate().pass();
        drop(next.news);
        drop(next.cancel);
        drop(next.end);
    }
    worker.wait_for_given(5).await;
    assert_eq!(
        given(&worker),
        ["first", "high", "normal", "normal too", "low"]
    );
}

#[tokio::test]
async fn work_that_lost_its_worker_keeps_its_place() {
    let worker = gated("a");
    let fleet = fleet(config(), &[&worker]).await;
    let first = hand(&fleet, work("first"));
    worker.wait_for_given(1).await;
    let second = hand(&fleet, work("second"));
    second.waits("1 of 1 take work").await;
    worker.lose();
    first.waits("none of 1").await;
    worker.gate().pass();
    worker.gate().pass();
    worker.come_back();
    first.done_by().await;
    second.done_by().await;
    assert_eq!(given(&worker), ["first", "first", "second"]);
}

#[tokio::test]
async fn what_is_cancelled_leaves_the_queue_or_its_worker() {
    let worker = gated("a");
    let fleet = fleet(config(), &[&worker]).await;
    let first = hand(&fleet, work("first"));
    worker.wait_for_given(1).await;
    let second = hand(&fleet, work("second"));
    second.waits("0 come before").await;
    let third = hand(&fleet, work("third"));
    third.waits("1 come before").await;
    second.cancel.cancel();
    let undelivered = second.end().await.expect_err("it was cancelled");
    assert_eq!(
        (undelivered.worker, undelivered.error),
        (None, ZkvmError::Cancelled)
    );
    third.waits("0 come before").await;
    first.cancel.cancel();
    let undelivered = first.end().await.expect_err("it was cancelled");
    assert_eq!(undelivered.error, ZkvmError::Cancelled);
    worker.wait_for_given(2).await;
    // Whoever goes away without a word leaves nothing behind either.
    third.end.abort();
    until(|| fleet.workers()[0].running == 0).await;
    worker.gate().pass();
    hand(&fleet, work("fourth")).done_by().await;
    assert_eq!(given(&worker), ["first", "third", "fourth"]);
}

#[tokio::test]
async fn the_queue_is_bounded() {
    let worker = gated("a");
    let mut config = config();
    config.queue = 1;
    let fleet = fleet(config, &[&worker]).await;
    let first = hand(&fleet, work("first"));
    worker.wait_for_given(1).await;
    let second = hand(&fleet, work("second"));
    second.waits("1 of 1 take work").await;
    let refused = hand(&fleet, work("third")).end().await;
    let error = refused.expect_err("it is full").error;
    assert!(matches!(error, ZkvmError::Unavailable { .. }), "{error}");
    worker.gate().pass();
    worker.gate().pass();
    first.done_by().await;
    second.done_by().await;
}
