//! Every route does what it says, in both forms.

use reqwest::Method;
use serde_json::{Value, json};
use valence_coprocessor_api::{headers, paths};

use crate::support::{TestServer, base64, echo, elf};

#[tokio::test]
async fn a_circuit_is_deployed_and_read_back_in_both_forms() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let (wasm, circuit) = (echo(), elf("one"));
    let id = server.deploy(&wasm, &circuit).await?;
    assert_eq!(server.deploy(&wasm, &circuit).await?, id);

    assert_eq!(
        server.get_of(&id, paths::BYTECODE).await?.ok()?,
        base64(&circuit)
    );
    assert_eq!(
        server.get_of(&id, paths::RUNTIME).await?.ok()?,
        base64(&wasm)
    );
    let key = server.get_of(&id, paths::VERIFYING_KEY).await?.ok()?;
    let of = |path| paths::with(path, "id", &id);
    assert_eq!(
        server.get(&of(paths::BYTECODE_OF)).await?.ok()?,
        json!({"base64": base64(&circuit)})
    );
    assert_eq!(
        server.get(&of(paths::RUNTIME_OF)).await?.ok()?,
        json!({"base64": base64(&wasm)})
    );
    let answer = server.get(&of(paths::VERIFYING_KEY_OF)).await?.ok()?;
    assert_eq!(answer["base64"], key);
    assert_eq!(answer["log"], json!([]));
    Ok(())
}

#[tokio::test]
async fn storage_is_written_and_read_in_both_forms() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let id = server.deploy(&echo(), &elf("one")).await?;
    let of = |path| paths::with(path, "id", &id);

    assert_eq!(server.get_of(&id, paths::RAW).await?.ok()?, Value::Null);
    assert_eq!(
        server
            .post_of(&id, paths::RAW, &json!(base64(b"raw")))
            .await?
            .ok()?,
        Value::Null
    );
    assert_eq!(server.get_of(&id, paths::RAW).await?.ok()?, base64(b"raw"));
    assert_eq!(
        server
            .post(&of(paths::RAW_OF), &json!(base64(b"war")))
            .await?
            .ok()?,
        json!({"success": true})
    );
    assert_eq!(server.get(&of(paths::RAW_OF)).await?.ok()?, base64(b"war"));

    let read = json!({"path": "/var/a b.txt"});
    let with_body = || {
        server
            .build(Method::GET, paths::FILES)
            .header(headers::CIRCUIT, &id)
            .json(&read)
    };
    assert_eq!(server.send(with_body()).await?.ok()?, Value::Null);
    let write = json!({"path": "/var/a b.txt", "contents": base64(b"file")});
    assert_eq!(
        server.post_of(&id, paths::FILES, &write).await?.ok()?,
        Value::Null
    );
    assert_eq!(server.send(with_body()).await?.ok()?, base64(b"file"));
    let by_query = format!("{}?path=/var/a%20b.txt", paths::FILES);
    assert_eq!(server.get_of(&id, &by_query).await?.ok()?, base64(b"file"));
    assert_eq!(
        server.post(&of(paths::FILES_OF), &read).await?.ok()?,
        base64(b"file")
    );
    Ok(())
}

#[tokio::test]
async fn controllers_are_called_in_both_forms() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let id = server.deploy(&echo(), &elf("one")).await?;
    let of = |path| paths::with(path, "id", &id);

    let arguments = json!({"a": [1, "ä"], "b": null});
    let expected = json!({"ret": arguments, "log": []});
    assert_eq!(
        server
            .post_of(&id, paths::ENTRYPOINT, &arguments)
            .await?
            .ok()?,
        expected
    );
    assert_eq!(
        server
            .post(&of(paths::ENTRYPOINT_OF), &arguments)
            .await?
            .ok()?,
        expected
    );

    let request = json!({"args": [{"Data": [1, 2]}]});
    let answer = server
        .post_of(&id, paths::WITNESSES, &request)
        .await?
        .ok()?;
    assert_eq!(answer["witnesses"]["witnesses"], json!([{"Data": [1, 2]}]));
    assert_eq!(answer["witnesses"]["root"], server.root().await?);
    assert_eq!(answer["witnesses"]["proofs"], json!([]));
    assert_eq!(answer["dev"], true);
    assert_eq!(
        server
            .post(&of(paths::WITNESSES_OF), &request)
            .await?
            .ok()?,
        answer
    );
    Ok(())
}

#[tokio::test]
async fn the_service_tells_about_itself() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let stats = server.get(paths::STATS).await?.ok()?;
    assert_eq!(stats["version"], "1.2.3");
    assert_eq!(stats["dev"], true);
    assert_eq!(stats["default_kind"], "compressed");
    assert_eq!(server.get(paths::HEALTH).await?.ok()?["status"], "ok");
    let metrics = server.get(paths::METRICS).await?.ok()?;
    let metrics = metrics.as_str().expect("metrics are text");
    assert!(metrics.contains("valence_test_metric 7"), "{metrics}");
    assert!(
        metrics.contains("valence_http_requests_total{route=\"/api/stats\",status=\"2xx\"} 1"),
        "{metrics}"
    );
    let provers = server.get(paths::PROVER).await?.ok()?;
    assert_eq!(provers["public"], json!([]), "the service has no address");
    assert_eq!(provers["owned"], json!([]));
    assert_eq!(provers["workers"][0]["address"], "here");
    Ok(())
}

#[tokio::test]
async fn answers_carry_the_mode_and_a_request_id() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let ours = server.get(paths::ROOT).await?;
    assert_eq!(ours.headers[headers::MODE], "dev");
    assert_eq!(ours.headers[headers::REQUEST_ID].len(), 16);
    let theirs = server
        .build(Method::GET, paths::ROOT)
        .header(headers::REQUEST_ID, "of-a-proxy_1");
    assert_eq!(
        server.send(theirs).await?.headers[headers::REQUEST_ID],
        "of-a-proxy_1"
    );
    let hostile = server
        .build(Method::GET, paths::ROOT)
        .header(headers::REQUEST_ID, "\"><script>");
    assert_ne!(
        server.send(hostile).await?.headers[headers::REQUEST_ID],
        "\"><script>"
    );
    Ok(())
}
