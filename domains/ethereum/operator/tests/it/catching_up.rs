//! Months of absence, in one step or several; and what would be done.

use tokio_util::sync::CancellationToken;
use valence_coprocessor_ethereum_operator::{OperatorConfig, OperatorError, StepProver};

use crate::beacon_node::{CHECKPOINT_SLOT, NEWEST, Recording};
use crate::service::Service;
use crate::world::{Said, config, genesis, limits, operator};

#[tokio::test]
async fn six_periods_are_caught_up_with_in_one_step() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let said = Said::default();
    let mut operator = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &said,
    );
    let appended = operator
        .once(&CancellationToken::new())
        .await
        .expect("it catches up");
    let slots: Vec<_> = appended
        .iter()
        .map(|report| (report.slot, report.updates))
        .collect();
    // Updates of periods 862 to 866 lead to the committee that signed the newest one.
    assert_eq!(slots, [(NEWEST, 6)], "{}", said.all());
    assert_eq!(service.slot(), Some(NEWEST));
    assert_eq!(appended[0].root.as_deref(), Some("01".repeat(32).as_str()));
    assert!(
        operator
            .once(&CancellationToken::new())
            .await
            .expect("nothing to do")
            .is_empty()
    );
    assert_eq!(service.appends(), 1);
}

#[tokio::test]
async fn a_bound_on_periods_makes_several_steps_of_it_and_anybody_goes_on_from_the_file() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let said = Said::default();
    let bounded = OperatorConfig {
        periods_per_step: 2,
        ..config()
    };
    let mut first = operator(
        bounded.clone(),
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &said,
    );
    let appended = first
        .once(&CancellationToken::new())
        .await
        .expect("it catches up");
    let updates: Vec<_> = appended.iter().map(|report| report.updates).collect();
    // 862 and 863; 864 and 865; 866 and the newest.
    assert_eq!(updates, [2, 2, 2], "{}", said.all());
    let blocks = service.blocks();
    assert!(
        blocks
            .windows(2)
            .all(|pair| pair[0].state == pair[1].previous)
    );
    assert_eq!(service.slot(), Some(NEWEST));

    let said = Said::default();
    let unknowing = OperatorConfig {
        checkpoint: None,
        ..bounded
    };
    let mut second = operator(
        unknowing,
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &said,
    );
    assert!(
        second
            .once(&CancellationToken::new())
            .await
            .expect("up to date")
            .is_empty()
    );
    assert_eq!(said.count("from the domain's file"), 1, "{}", said.all());
}

#[tokio::test]
async fn a_plan_says_every_step_and_writes_nothing() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let bounded = OperatorConfig {
        periods_per_step: 2,
        ..config()
    };
    let mut operator = operator(
        bounded,
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &Said::default(),
    );
    let planned = operator.plan().await.expect("there is a plan");
    assert_eq!(planned.len(), 3);
    assert_eq!(planned[2].slot, NEWEST);
    assert!(planned.iter().all(|report| report.root.is_none()));
    assert_eq!(service.appends(), 0);
    assert!(service.record().is_none());
}

#[tokio::test]
async fn the_genesis_is_the_state_at_the_checkpoint() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let expected = genesis(&recording);
    let service = Service::start(expected).await;
    let node = recording.serve().await;
    let mut operator = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &Said::default(),
    );
    let report = operator
        .genesis()
        .await
        .expect("the node has the bootstrap");
    assert_eq!(
        (report.slot, report.genesis),
        (CHECKPOINT_SLOT, expected.to_string())
    );
    assert_eq!(report.domain, "ethereum-mainnet");
}

#[tokio::test]
async fn trust_begins_nowhere_by_itself() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let unknowing = OperatorConfig {
        checkpoint: None,
        ..config()
    };
    let mut operator = operator(
        unknowing,
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &Said::default(),
    );
    let error = operator
        .once(&CancellationToken::new())
        .await
        .expect_err("no checkpoint");
    assert!(
        matches!(error, OperatorError::NoCheckpoint { .. }),
        "{error}"
    );
    assert!(error.is_permanent());
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let mut operator = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &Said::default(),
    );
    let cancel = CancellationToken::new();
    cancel.cancel();
    let error = operator.run(&cancel).await.expect_err("it was told to end");
    assert!(matches!(error, OperatorError::Cancelled), "{error}");
    assert_eq!(service.appends(), 0);
}
