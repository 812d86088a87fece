//! The provers that callers bring along.

use reqwest::Method;
use serde_json::{Value, json};
use valence_coprocessor_api::{paths, signing::RequestSigner};

use crate::support::{TestServer, echo, elf};

async fn of(server: &TestServer, signer: &RequestSigner) -> anyhow::Result<Value> {
    server
        .signed(signer, Method::GET, paths::PROVER, None, &Value::Null)
        .await?
        .ok()
}

#[tokio::test]
async fn provers_belong_to_the_key_that_added_them() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let one = RequestSigner::from_secret(&[7; 32])?;
    let two = RequestSigner::from_secret(&[8; 32])?;
    let body = json!({"address": "1.1.1.1:37282"});
    let send = async |signer: &RequestSigner, method: Method| {
        let path = paths::PROVER;
        server.signed(signer, method, path, None, &body).await
    };
    server
        .post(paths::PROVER, &body)
        .await?
        .refused(401, "signature_required")?;
    let added = send(&one, Method::POST).await?.ok()?;
    assert_eq!(added, json!({"added": "1.1.1.1:37282"}));
    let list = of(&server, &one).await?;
    assert_eq!(list["public"], json!([]));
    assert_eq!(list["owned"], json!(["1.1.1.1:37282"]));
    let health = &list["workers"];
    assert_eq!(health[0]["address"], "here", "{health}");
    assert_eq!(health[0]["owned"], false);
    assert_eq!(health[1]["address"], "1.1.1.1:37282");
    assert_eq!(health[1]["owned"], true);
    assert_eq!(health[1]["state"], "unknown");
    let others = of(&server, &two).await?;
    assert_eq!(
        (&others["public"], &others["owned"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(others["workers"].as_array().map(Vec::len), Some(1));

    send(&two, Method::DELETE)
        .await?
        .refused(404, "unknown_prover")?;
    assert_eq!(of(&server, &one).await?["owned"], json!(["1.1.1.1:37282"]));
    let removed = send(&one, Method::DELETE).await?.ok()?;
    assert_eq!(removed, json!({"removed": "1.1.1.1:37282"}));
    assert_eq!(of(&server, &one).await?["owned"], json!([]));
    send(&one, Method::DELETE)
        .await?
        .refused(404, "unknown_prover")?;
    Ok(())
}

/// The service connects to whatever is added here: its own network is not a caller's to explore.
#[tokio::test]
async fn attack_c10_provers_inside_are_refused() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = RequestSigner::from_secret(&[7; 32])?;
    let add = async |address: &str| {
        let body = json!({"address": address});
        let path = paths::PROVER;
        server
            .signed(&signer, Method::POST, path, None, &body)
            .await
    };
    for address in [
        "127.0.0.1:37282",
        "http://127.1:37282",
        "https://2130706433:443",
        "10.0.0.1:37282",
        "169.254.169.254:80",
        "[::1]:37282",
        "[::ffff:10.0.0.1]:37282",
    ] {
        let message = add(address).await?.refused(403, "prover_not_allowed")?;
        assert!(message.contains("--allow-network"), "{message}");
    }
    for address in [
        "",
        "a b",
        "ftp://1.1.1.1:21",
        "https://a@1.1.1.1:1",
        "1.1.1.1:1/path",
    ] {
        add(address).await?.refused(400, "invalid_arguments")?;
    }
    assert_eq!(of(&server, &signer).await?["owned"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_job_names_its_worker() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let circuit = server.deploy(&echo(), &elf("one")).await?;
    for kind in ["execute", "core"] {
        let body = json!({"args": [{"Data": [1]}], "kind": kind});
        let accepted = server.post_of(&circuit, paths::PROVE, &body).await?.ok()?;
        let id = accepted["job"].as_str().unwrap_or_default();
        let events = paths::with(paths::JOB_EVENTS, "id", id);
        // The stream ends with the job.
        server.get(&events).await?;
        let job = server.get(&paths::with(paths::JOB, "id", id)).await?.ok()?;
        assert_eq!(
            (&job["state"], &job["worker"]),
            (&json!("done"), &json!("here"))
        );
    }
    Ok(())
}
