//! Jobs: made, followed, listed, cancelled.

use anyhow::Context as _;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use valence_coprocessor::Mode;
use valence_coprocessor_api::{paths, signing::RequestSigner};
use valence_coprocessor_server::ServerLimits;

use crate::support::{TestServer, base64, echo, elf};

fn request(value: u8) -> Value {
    json!({"args": [{"Data": [value]}], "kind": "execute"})
}

/// Follows a job to its end; answers the states that were seen.
async fn follow(server: &TestServer, id: &str) -> anyhow::Result<Vec<String>> {
    let path = paths::with(paths::JOB_EVENTS, "id", id);
    let response = server
        .build(Method::GET, &path)
        .send()
        .await?
        .error_for_status()?;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        text.push_str(std::str::from_utf8(&chunk?)?);
    }
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| {
            let job: Value = serde_json::from_str(data)?;
            Ok(job["state"].as_str().context("no state")?.to_owned())
        })
        .collect()
}

#[tokio::test]
async fn a_proof_request_becomes_a_job_that_ends_with_a_result() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    let accepted = server
        .post_of(&circuit, paths::PROVE, &request(1))
        .await?
        .ok()?;
    assert_eq!(accepted["status"], "received");
    assert_eq!(accepted["kind"], "execute");
    let id = accepted["job"].as_str().context("no job")?;
    assert_eq!(
        follow(&server, id).await?.last().map(String::as_str),
        Some("done")
    );

    let job = server.get(&paths::with(paths::JOB, "id", id)).await?.ok()?;
    assert_eq!(job["state"], "done");
    assert_eq!(job["cycles"], 1_234);
    assert_eq!(job["dev"], true);
    assert_eq!(job["result"]["proven"], false);
    let expected = [&[0; 32][..], b"output"].concat();
    assert_eq!(job["result"]["public_values"], base64(&expected));
    let times: Vec<u64> = job["states"]
        .as_array()
        .context("no states")?
        .iter()
        .filter_map(|state| state["at"].as_u64())
        .collect();
    assert!(times.len() >= 2 && times.is_sorted(), "{job}");
    Ok(())
}

#[tokio::test]
async fn a_compressed_proof_is_in_the_job() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    let path = paths::with(
        &paths::with(paths::PROVE_AT, "id", &circuit),
        "root",
        &"0".repeat(64),
    );
    let accepted = server
        .post(&path, &json!({"args": [{"Data": [1]}]}))
        .await?
        .ok()?;
    assert_eq!(accepted["kind"], "compressed");
    let id = accepted["job"].as_str().context("no job")?;
    assert_eq!(
        follow(&server, id).await?.last().map(String::as_str),
        Some("done")
    );
    let job = server.get(&paths::with(paths::JOB, "id", id)).await?.ok()?;
    assert_eq!(job["result"]["proven"], true);
    assert!(
        job["result"]["proof"]
            .as_str()
            .is_some_and(|proof| !proof.is_empty()),
        "{job}"
    );
    let listed = server.get(paths::JOBS).await?.ok()?;
    assert_eq!(listed["jobs"][0]["id"], id);
    assert_eq!(listed["jobs"][0]["result"]["proof"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn jobs_are_listed_newest_first_by_circuit_and_state() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let one = server.deploy(&echo(), &elf("one")).await?;
    let two = server.deploy(&echo(), &elf("two")).await?;
    let mut ids = Vec::new();
    for value in 0..5 {
        let accepted = server
            .post_of(&one, paths::PROVE, &request(value))
            .await?
            .ok()?;
        let id = accepted["job"].as_str().context("no job")?.to_owned();
        follow(&server, &id).await?;
        ids.insert(0, id);
    }
    let other = server
        .post_of(&two, paths::PROVE, &request(0))
        .await?
        .ok()?;
    follow(&server, other["job"].as_str().context("no job")?).await?;

    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let page = server
            .get(&format!(
                "{}?circuit={one}&state=done&limit=2{before}",
                paths::JOBS
            ))
            .await?
            .ok()?;
        let jobs = page["jobs"].as_array().context("no jobs")?;
        assert!(jobs.len() <= 2);
        seen.extend(
            jobs.iter()
                .filter_map(|job| job["id"].as_str().map(str::to_owned)),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        before = format!("&before={next}");
    }
    assert_eq!(seen, ids);
    let none = server
        .get(&format!("{}?state=failed", paths::JOBS))
        .await?
        .ok()?;
    assert_eq!(none["jobs"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_job_that_proves_is_cancelled_by_its_owner_alone() -> anyhow::Result<()> {
    let zkvm = TestServer::committing().with_closed_gate();
    let server = TestServer::start_with(Mode::Dev, ServerLimits::default(), zkvm).await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    let signer = RequestSigner::from_secret(&[7; 32])?;
    let stranger = RequestSigner::from_secret(&[8; 32])?;
    let body = json!({"args": [{"Data": [1]}], "kind": "compressed"});
    let accepted = server
        .signed(&signer, Method::POST, paths::PROVE, Some(&circuit), &body)
        .await?
        .ok()?;
    let path = paths::with(
        paths::JOB,
        "id",
        accepted["job"].as_str().context("no job")?,
    );
    server
        .signed(&stranger, Method::DELETE, &path, None, &Value::Null)
        .await?
        .refused(403, "not_owner")?;
    server
        .send(server.build(Method::DELETE, &path))
        .await?
        .refused(403, "not_owner")?;
    let cancelled = server
        .signed(&signer, Method::DELETE, &path, None, &Value::Null)
        .await?
        .ok()?;
    assert_eq!(cancelled["state"], "cancelled");
    // Once more is no error: it is what was asked for.
    let again = server
        .signed(&signer, Method::DELETE, &path, None, &Value::Null)
        .await?
        .ok()?;
    assert_eq!(again, cancelled);
    Ok(())
}

#[tokio::test]
async fn event_streams_end_when_the_server_stops() -> anyhow::Result<()> {
    let zkvm = TestServer::committing().with_closed_gate();
    let server = TestServer::start_with(Mode::Dev, ServerLimits::default(), zkvm).await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    let accepted = server
        .post_of(&circuit, paths::PROVE, &json!({"args": [{"Data": [1]}]}))
        .await?
        .ok()?;
    let path = paths::with(
        paths::JOB_EVENTS,
        "id",
        accepted["job"].as_str().context("no job")?,
    );
    let response = server
        .build(Method::GET, &path)
        .send()
        .await?
        .error_for_status()?;
    server.stop();
    let whole = tokio::time::timeout(std::time::Duration::from_secs(10), response.text()).await;
    assert!(whole.context("the stream goes on")?.is_ok());
    Ok(())
}
