//! Each fault as a client meets it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::get};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use valence_coprocessor_faulty_server::{Faults, FaultyServer, TransportFault};

const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A server whose every answer is a number one larger than the last.
async fn counting() -> FaultyServer {
    let count = Arc::new(AtomicU64::new(0));
    let answer = move || {
        let count = count.clone();
        async move { Json(json!({"data": count.fetch_add(1, Ordering::Relaxed)})) }
    };
    let routes = Router::new()
        .route("/count", get(answer.clone()))
        .route("/other", get(answer));
    let reliable = Router::new().route("/reliable", get(|| async { "still here" }));
    FaultyServer::start(FREE, routes, reliable, Faults::default())
        .await
        .expect("a free port")
}

async fn status(server: &FaultyServer, path: &str) -> StatusCode {
    let answer = reqwest::get(server.url() + path).await;
    answer.expect("an answer").status()
}

async fn value(server: &FaultyServer, path: &str) -> Value {
    let answer = reqwest::get(server.url() + path).await.expect("an answer");
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn errors_end_after_their_number() {
    let server = counting().await;
    let fault = TransportFault::ServerError { times: 3 };
    server.faults().switch_on("/count", fault);
    for _ in 0..3 {
        assert_eq!(
            status(&server, "/count").await,
            StatusCode::INTERNAL_SERVER_ERROR
        );
        assert_eq!(status(&server, "/other").await, StatusCode::OK);
    }
    assert_eq!(status(&server, "/count").await, StatusCode::OK);
    assert!(server.faults().is_clear());
}

#[tokio::test]
async fn flapping_fails_at_every_other_request() {
    let server = counting().await;
    server
        .faults()
        .switch_on("", TransportFault::Flapping { times: 20 });
    for round in 0..20 {
        let failed = status(&server, "/count").await;
        assert_eq!(failed, StatusCode::SERVICE_UNAVAILABLE, "round {round}");
        assert_eq!(status(&server, "/count").await, StatusCode::OK);
    }
    assert_eq!(status(&server, "/count").await, StatusCode::OK);
}

#[tokio::test]
async fn stale_answers_repeat_the_first() {
    let server = counting().await;
    assert_eq!(value(&server, "/count").await, json!({"data": 0}));
    server.faults().switch_on("/count", TransportFault::Stale);
    for _ in 0..3 {
        assert_eq!(value(&server, "/count").await, json!({"data": 1}));
    }
    assert_eq!(value(&server, "/other").await, json!({"data": 2}));
    server.faults().clear();
    assert_eq!(value(&server, "/count").await, json!({"data": 3}));
}

#[tokio::test]
async fn withheld_is_the_error_object_of_a_node() {
    let server = counting().await;
    server
        .faults()
        .switch_on("/count?period=7", TransportFault::Withheld);
    assert_eq!(status(&server, "/count?period=6").await, StatusCode::OK);
    assert_eq!(
        status(&server, "/count?period=7").await,
        StatusCode::NOT_FOUND
    );
    let body = value(&server, "/count?period=7").await;
    assert_eq!(body, json!({"code": 404, "message": "Not Found"}));
}

#[tokio::test]
async fn wrong_json_is_half_of_the_answer() {
    let server = counting().await;
    server.faults().switch_on("", TransportFault::WrongJson);
    let answer = reqwest::get(server.url() + "/count").await.expect("answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let text = answer.text().await.expect("a whole body");
    assert_eq!(text, r#"{"dat"#);
    assert!(serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn oversized_answers_have_their_size_and_are_json() {
    let server = counting().await;
    for bytes in [11, 70_000, 3_000_000] {
        let fault = TransportFault::Oversized { bytes };
        server.faults().switch_on("", fault);
        let answer = reqwest::get(server.url() + "/count").await.expect("answer");
        assert_eq!(answer.content_length(), None);
        let body = answer.bytes().await.expect("a whole body");
        assert_eq!(body.len() as u64, bytes);
        assert!(serde_json::from_slice::<Value>(&body).is_ok());
    }
}

#[tokio::test]
async fn hanging_answers_do_not_come_and_do_not_keep_the_server() {
    let server = counting().await;
    server.faults().switch_on("/count", TransportFault::Hanging);
    let client = Client::builder()
        .timeout(Duration::from_millis(200))
        .build()
        .expect("a client");
    let error = client
        .get(server.url() + "/count")
        .send()
        .await
        .expect_err("no answer comes");
    assert!(error.is_timeout());
    assert_eq!(status(&server, "/reliable").await, StatusCode::OK);
    let hanging = tokio::spawn(reqwest::get(server.url() + "/count"));
    tokio::time::timeout(Duration::from_secs(20), server.stop())
        .await
        .expect("the server ends");
    // Released by the end, or too late to be heard: in no case left waiting.
    if let Ok(answer) = hanging.await.expect("the request ends") {
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn reliable_routes_know_no_faults() {
    let server = counting().await;
    server.faults().switch_on("", TransportFault::Withheld);
    assert_eq!(status(&server, "/count").await, StatusCode::NOT_FOUND);
    assert_eq!(status(&server, "/reliable").await, StatusCode::OK);
}
