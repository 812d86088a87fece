//! An operator that dies between its writes: the next one goes on from whichever client is the domain's head.

use tokio_util::sync::CancellationToken;
use valence_coprocessor_ethereum_light_client::MAINNET;
use valence_coprocessor_ethereum_operator::{Operator, OperatorConfig, OperatorError, StepProver};
use valence_coprocessor_faulty_server::FaultyServer;

use crate::beacon_node::{NEWEST, Recording};
use crate::service::{AppendFault, Service};
use crate::world::{Said, config, genesis, limits, operator};

fn fresh(node: &FaultyServer, service: &Service, said: &Said) -> Operator {
    let bounded = OperatorConfig {
        periods_per_step: 2,
        attempts: 1,
        ..config()
    };
    operator(
        bounded,
        &[node.url()],
        limits(),
        service,
        StepProver::Input,
        said,
    )
}

async fn started() -> Option<(FaultyServer, Service)> {
    let recording = Recording::read()?;
    let service = Service::start(genesis(&recording)).await;
    Some((recording.serve().await, service))
}

/// It died after the file was written, before the append: at the first step, at the second, at the third.
#[tokio::test]
async fn dead_before_the_append() {
    let Some((node, service)) = started().await else {
        return;
    };
    let never = CancellationToken::new();
    for count in 0..3 {
        service.set_fault(AppendFault::UnavailableAfter(count));
        let said = Said::default();
        let error = fresh(&node, &service, &said).once(&never).await;
        let error = error.expect_err("the service takes no more");
        assert!(matches!(error, OperatorError::Service { .. }), "{error}");
        assert_eq!(service.blocks().len(), count, "{}", said.all());
        let record = service.record().expect("it was written before the append");
        if let Some(head) = service.blocks().last().map(|step| step.state) {
            let found = record
                .clone()
                .find(MAINNET, head)
                .expect("the head is in the file");
            assert_eq!(record.before.slot, found.store().checkpoint().slot);
            assert!(record.after.slot > record.before.slot);
        }
    }
    service.set_fault(AppendFault::None);
    let said = Said::default();
    let appended = fresh(&node, &service, &said).once(&never).await;
    assert_eq!(appended.expect("it goes on").len(), 1, "{}", said.all());
    assert_eq!(said.count("from the domain's file"), 1, "{}", said.all());
    assert_eq!(service.slot(), Some(NEWEST));
}

/// The append was done, and the answer lost: it is recognised by the head, and not appended twice.
#[tokio::test]
async fn an_answer_is_lost() {
    let Some((node, service)) = started().await else {
        return;
    };
    service.set_fault(AppendFault::AnswerLost);
    let said = Said::default();
    let appended = fresh(&node, &service, &said)
        .once(&CancellationToken::new())
        .await;
    let appended = appended.expect("every append was one");
    assert_eq!(
        (appended.len(), service.appends()),
        (3, 3),
        "{}",
        said.all()
    );
    assert!(appended.iter().all(|report| report.root.is_none()));
    let head = service
        .blocks()
        .last()
        .map(|step| step.state)
        .expect("blocks");
    let record = service.record().expect("a file");
    assert!(record.find(MAINNET, head).is_some());
}

/// Two at once: the domain takes one step for each state, and both end up at the newest block.
#[tokio::test]
async fn two_operators_at_once() {
    let Some((node, service)) = started().await else {
        return;
    };
    let (said, never) = (Said::default(), CancellationToken::new());
    let mut first = fresh(&node, &service, &said);
    let mut second = fresh(&node, &service, &said);
    let (first, second) = tokio::join!(first.once(&never), second.once(&never));
    // Whoever was overtaken with a file that names neither client needs a bootstrap, which this node has not.
    assert!(first.is_ok() || second.is_ok(), "{}", said.all());
    assert_eq!(service.slot(), Some(NEWEST));
    let blocks = service.blocks();
    assert!(
        blocks
            .windows(2)
            .all(|pair| pair[0].state == pair[1].previous)
    );
}

/// A file that somebody spoilt is no client; without a bootstrap at the head nothing is appended.
#[tokio::test]
async fn a_spoilt_file_is_never_believed() {
    let Some((node, service)) = started().await else {
        return;
    };
    let never = CancellationToken::new();
    let said = Said::default();
    fresh(&node, &service, &said)
        .once(&never)
        .await
        .expect("it catches up");
    let record = service.record().expect("a file");
    let appends = service.appends();
    let mut spoilt = serde_json::to_value(&record).expect("JSON");
    for which in ["before", "after"] {
        spoilt[which]["slot"] = "7109345".into();
    }
    for contents in [b"{".to_vec(), spoilt.to_string().into_bytes(), Vec::new()] {
        service.set_file(Some(contents));
        let error = fresh(&node, &service, &said)
            .once(&never)
            .await
            .expect_err("no client");
        assert!(
            matches!(error, OperatorError::NodesFailed { .. }),
            "{error}"
        );
    }
    assert_eq!(service.appends(), appends);
}
