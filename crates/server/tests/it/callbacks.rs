//! Callbacks, deadlines and reused proofs, from outside.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use valence_coprocessor::{EngineConfig, JobId, Mode};
use valence_coprocessor_api::paths;
use valence_coprocessor_callbacks::HttpCallbacks;
use valence_coprocessor_server::ServerLimits;
use valence_coprocessor_wasm::NetworkRules;

use crate::support::{TestServer, echo, elf};

/// A receiver that takes every call, and hands on what it says.
async fn receiver() -> anyhow::Result<(SocketAddr, mpsc::UnboundedReceiver<Value>)> {
    let (sender, calls) = mpsc::unbounded_channel();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let take = move |body: Bytes| {
        // The test may have ended.
        let _ = sender.send(serde_json::from_slice(&body).unwrap_or_default());
        async { StatusCode::NO_CONTENT }
    };
    let router = Router::new().route("/hook", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, calls))
}

async fn end_of(server: &TestServer, id: &str) -> anyhow::Result<Value> {
    let parsed: JobId = id.parse()?;
    let mut news = server.engine.watch(&parsed)?;
    let _ = news.wait_for(|job| job.state.is_terminal()).await;
    server.get(&paths::with(paths::JOB, "id", id)).await?.ok()
}

#[tokio::test]
async fn a_request_names_a_callback_and_a_deadline_and_the_job_shows_them() -> anyhow::Result<()> {
    let (address, mut calls) = receiver().await?;
    let mut config = EngineConfig::new(Mode::Dev);
    let rules = NetworkRules::allowing([address.to_string().parse()?]);
    config.callbacks = Arc::new(HttpCallbacks::new(rules)?);
    let zkvm = TestServer::committing();
    let server = TestServer::configured(config, ServerLimits::default(), zkvm).await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    let body = json!({
        "args": [{"Data": [1]}],
        "callback_url": format!("http://{address}/hook"),
        "deadline_seconds": 600,
    });
    let accepted = server.post_of(&circuit, paths::PROVE, &body).await?.ok()?;
    let id = accepted["job"].as_str().context("no job")?.to_owned();
    let call = tokio::time::timeout(Duration::from_mins(1), calls.recv()).await?;
    let call = call.context("the receiver is gone")?;
    assert_eq!((&call["job"], &call["state"]), (&json!(id), &json!("done")));
    let job = end_of(&server, &id).await?;
    assert_eq!(
        job["callback"],
        json!({"state": "delivered", "attempts": 1, "next": null})
    );
    let accepted_at = job["states"][0]["at"].as_u64().context("no time")?;
    assert_eq!(job["deadline"], accepted_at + 600_000);
    assert!(!job.to_string().contains("hook"), "the URL is shown: {job}");
    // The path of the call leads to the proof.
    let path = call["path"].as_str().context("no path")?;
    let proof = server.get(path).await?.ok()?["result"]["proof"].clone();
    assert_eq!(proof, call["proof"]);

    // The same without callback is another job, with the same proof.
    let body = json!({"args": [{"Data": [1]}]});
    let again = server.post_of(&circuit, paths::PROVE, &body).await?.ok()?;
    let again = end_of(&server, again["job"].as_str().context("no job")?).await?;
    assert_eq!(
        (&again["reused"], &again["callback"]),
        (&json!(id), &Value::Null)
    );
    assert_eq!(again["result"]["proof"], proof);

    let long = format!("http://{address}/{}", "a".repeat(2_048));
    for (url, status, code) in [
        ("http://127.0.0.1:1/hook", 400, "invalid_callback"),
        ("file:///etc/passwd", 400, "invalid_callback"),
        (long.as_str(), 413, "too_large"),
    ] {
        let body = json!({"args": [], "callback_url": url});
        server
            .post_of(&circuit, paths::PROVE, &body)
            .await?
            .refused(status, code)?;
    }
    for seconds in [0, u64::MAX] {
        let body = json!({"args": [], "deadline_seconds": seconds});
        server
            .post_of(&circuit, paths::PROVE, &body)
            .await?
            .refused(400, "invalid_deadline")?;
    }
    let stats = server.get(paths::STATS).await?.ok()?;
    let key = stats["callback_key"].as_str().context("no key")?;
    assert!(key.starts_with("whpk_") && key.len() == 5 + 44, "{key}");
    Ok(())
}

#[tokio::test]
async fn a_service_without_callbacks_says_so_and_takes_old_requests() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    let body = json!({"args": [], "callback_url": "https://receiver.example/"});
    server
        .post_of(&circuit, paths::PROVE, &body)
        .await?
        .refused(503, "callbacks_disabled")?;
    let body = json!({"args": [{"Data": [1]}], "callback_url": null, "deadline_seconds": null});
    let accepted = server.post_of(&circuit, paths::PROVE, &body).await?.ok()?;
    let job = end_of(&server, accepted["job"].as_str().context("no job")?).await?;
    assert_eq!(job["state"], "done");
    // What nobody asked for is not there, as before.
    assert!(
        job.get("callback").is_none() && job.get("reused").is_none(),
        "{job}"
    );
    Ok(())
}

#[tokio::test]
async fn a_job_past_its_deadline_fails_with_that_code() -> anyhow::Result<()> {
    let zkvm = TestServer::committing().with_closed_gate();
    let server = TestServer::start_with(Mode::Dev, ServerLimits::default(), zkvm).await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    let body = json!({"args": [{"Data": [1]}], "deadline_seconds": 1});
    let accepted = server.post_of(&circuit, paths::PROVE, &body).await?.ok()?;
    let job = end_of(&server, accepted["job"].as_str().context("no job")?).await?;
    assert_eq!(
        (&job["state"], &job["failure"]["code"]),
        (&json!("failed"), &json!("deadline"))
    );
    Ok(())
}
