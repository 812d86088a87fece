//! Attack b9: beacon nodes that flap, and answer stale, wrong, oversized or hanging. The operator keeps its state, tries
//! again with back-off, and publishes nothing that it did not verify: the service's light client accepts every step.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::response::Redirect;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use valence_coprocessor_ethereum_operator::{
    FetchLimits, OperatorConfig, OperatorError, StepProver,
};
use valence_coprocessor_faulty_server::{Faults, FaultyServer, TransportFault};

use crate::beacon_node::{NEWEST, Recording};
use crate::service::Service;
use crate::world::{Said, config, genesis, limits, operator};

/// A bad node is asked first and an honest one second: the domain gets to the newest block all the same.
async fn with_help(recording: &Recording, bad: &FaultyServer, limits: FetchLimits) -> Said {
    let service = Service::start(genesis(recording)).await;
    let honest = recording.clone().serve().await;
    let said = Said::default();
    let urls = [bad.url(), honest.url()];
    let mut operator = operator(config(), &urls, limits, &service, StepProver::Input, &said);
    let appended = operator.once(&CancellationToken::new()).await;
    appended.unwrap_or_else(|error| panic!("{error}: {}", said.all()));
    assert_eq!(service.slot(), Some(NEWEST), "{}", said.all());
    assert_eq!(service.refused(), Vec::<&str>::new());
    said
}

/// A bad node alone: nothing is written and nothing appended.
async fn alone(recording: &Recording, bad: &FaultyServer, limits: FetchLimits) -> Said {
    let service = Service::start(genesis(recording)).await;
    let said = Said::default();
    let mut operator = operator(
        config(),
        &[bad.url()],
        limits,
        &service,
        StepProver::Input,
        &said,
    );
    let error = operator
        .once(&CancellationToken::new())
        .await
        .expect_err("nothing holds");
    assert!(
        matches!(error, OperatorError::NodesFailed { .. }),
        "{error}"
    );
    assert!(!error.is_permanent(), "a node may get better");
    assert_eq!(service.appends(), 0);
    assert!(service.record().is_none());
    // It was tried again, as often as configured.
    assert_eq!(said.count("trying again"), 2, "{}", said.all());
    said
}

#[tokio::test]
async fn attack_b9_a_node_that_flaps_twenty_times() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    node.faults()
        .switch_on("", TransportFault::Flapping { times: 20 });
    let said = Said::default();
    let patient = OperatorConfig {
        attempts: 100,
        periods_per_step: 2,
        ..config()
    };
    let mut operator = operator(
        patient,
        &[node.url()],
        limits(),
        &service,
        StepProver::Input,
        &said,
    );
    let appended = operator
        .once(&CancellationToken::new())
        .await
        .expect("it outlasts the node");
    assert_eq!(appended.len(), 3, "{}", said.all());
    assert_eq!(service.slot(), Some(NEWEST));
    assert_eq!(service.refused(), Vec::<&str>::new());
    assert_eq!(
        said.count("HTTP status 503"),
        40,
        "each failure is said as such and as the reason to try again: {}",
        said.all()
    );
    assert!(node.faults().is_clear());
}

#[tokio::test]
async fn attack_b9_a_node_that_is_stale() {
    let Some(recording) = Recording::read() else {
        return;
    };
    // Its newest finalized block is three months old, and true.
    let stale = recording.clone().until(864).serve().await;
    let said = with_help(&recording, &stale, limits()).await;
    assert!(
        said.count("the node is stale: its newest finalized slot is 7078240") > 0,
        "{}",
        said.all()
    );
}

#[tokio::test]
async fn attack_b9_a_node_that_repeats_an_old_answer_does_no_harm() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let stale = recording.clone().until(864).serve().await;
    let said = Said::default();
    let mut operator = operator(
        config(),
        &[stale.url()],
        limits(),
        &service,
        StepProver::Input,
        &said,
    );
    let never = CancellationToken::new();
    assert_eq!(operator.once(&never).await.expect("it is true").len(), 1);
    let blocks = service.blocks();
    for _ in 0..5 {
        assert!(operator.once(&never).await.expect("nothing new").is_empty());
    }
    assert_eq!(service.blocks(), blocks);
}

/// Every kind of lie in what a node says of the newest block and of periods.
#[tokio::test]
async fn attack_b9_a_node_that_is_wrong() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let lies: [(&str, &str); 5] = [
        (
            "/data/sync_aggregate/sync_committee_signature",
            "the update is refused",
        ),
        (
            "/data/finalized_header/beacon/state_root",
            "the update is refused",
        ),
        (
            "/data/attested_header/beacon/body_root",
            "the update is refused",
        ),
        ("/data/finality_branch/0", "the update is refused"),
        (
            "/data/finalized_header/execution/block_hash",
            "the update is refused",
        ),
    ];
    for (field, named) in lies {
        let mut lying = recording.clone();
        flip(lying.finality.pointer_mut(field).expect(field));
        let node = lying.serve().await;
        let said = alone(&recording, &node, limits()).await;
        assert!(said.count(named) > 0, "{field}: {}", said.all());
    }
    let mut lying = recording.clone();
    let key = "/data/next_sync_committee/pubkeys/17";
    flip(lying.updates[2].pointer_mut(key).expect("a key"));
    let node = lying.serve().await;
    let said = with_help(&recording, &node, limits()).await;
    assert!(said.count("the update is refused") > 0, "{}", said.all());
}

#[tokio::test]
async fn attack_b9_a_node_that_speaks_of_the_future() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let mut lying = recording.clone();
    lying.finality["data"]["signature_slot"] = "99999999999".into();
    let node = lying.serve().await;
    let said = alone(&recording, &node, limits()).await;
    assert!(said.count("after the current slot") > 0, "{}", said.all());
}

#[tokio::test]
async fn attack_b9_a_node_that_leaves_out_a_period() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let mut lying = recording.clone();
    lying.updates.remove(1);
    let node = lying.serve().await;
    let said = with_help(&recording, &node, limits()).await;
    assert!(said.count("is refused") > 0, "{}", said.all());
    let mut lying = recording.clone();
    lying.updates.truncate(2);
    let node = lying.serve().await;
    let said = with_help(&recording, &node, limits()).await;
    assert!(
        said.count("2 updates from period 862 on, expected 5") > 0,
        "{}",
        said.all()
    );
}

#[tokio::test]
async fn attack_b9_a_node_whose_answers_have_no_end() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let node = recording.clone().serve().await;
    let bytes = 1 << 40;
    node.faults().switch_on(
        "/eth/v1/beacon/light_client/",
        TransportFault::Oversized { bytes },
    );
    let said = with_help(&recording, &node, limits()).await;
    assert!(said.count("longer than 524288 bytes") > 0, "{}", said.all());
    alone(&recording, &node, limits()).await;
}

#[tokio::test]
async fn attack_b9_a_node_that_hangs() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let node = recording.clone().serve().await;
    node.faults().switch_on("", TransportFault::Hanging);
    let quick = FetchLimits {
        answer: Duration::from_millis(50),
        ..FetchLimits::default()
    };
    let said = alone(&recording, &node, quick).await;
    assert!(
        said.count("no whole answer within 0.05 s") > 0,
        "{}",
        said.all()
    );
    // The honest node needs a moment longer.
    let patient = FetchLimits {
        answer: Duration::from_secs(2),
        ..FetchLimits::default()
    };
    let said = with_help(&recording, &node, patient).await;
    assert!(
        said.count("no whole answer within 2 s") > 0,
        "{}",
        said.all()
    );
}

#[tokio::test]
async fn attack_b9_a_node_whose_answers_break_off() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let node = recording.clone().serve().await;
    node.faults().switch_on("", TransportFault::WrongJson);
    let said = with_help(&recording, &node, limits()).await;
    assert!(said.count("malformed") > 0, "{}", said.all());
}

/// A redirect would take requests, and keys in their URLs, to a place that nobody named.
#[tokio::test]
async fn attack_b9_a_node_that_sends_elsewhere() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let honest = recording.clone().serve().await;
    let target = honest.url();
    let elsewhere = move |uri: axum::http::Uri| {
        let to = format!("{target}{uri}");
        async move { Redirect::temporary(&to) }
    };
    let routes = Router::new().fallback(elsewhere);
    let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let node = FaultyServer::start(bind, routes, Router::new(), Faults::default()).await;
    let said = alone(&recording, &node.expect("a free port"), limits()).await;
    assert!(said.count("HTTP status 307") > 0, "{}", said.all());
}

/// Changes one digit of hexadecimal.
fn flip(value: &mut Value) {
    let mut text = value.as_str().expect("hexadecimal").to_owned();
    let last = text.pop().expect("a digit");
    text.push(if last == '0' { '1' } else { '0' });
    *value = Value::from(text);
}
