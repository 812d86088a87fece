//! Bad input is refused with an error object that says what is wrong, and leaves nothing behind.

use reqwest::Method;
use serde_json::{Value, json};
use valence_coprocessor_api::{headers, paths};

use crate::support::{TestServer, base64, echo, elf, trap};

#[tokio::test]
async fn bodies_that_are_not_what_the_route_expects_are_named() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let good = base64(&echo());
    for (body, expected) in [
        (
            json!({"controller": "%%%", "circuit": good}),
            "`controller`: not standard base64",
        ),
        (
            json!({"controller": good, "circuit": "Zm9"}),
            "`circuit`: not standard base64",
        ),
        (json!({"controller": good}), "missing field `circuit`"),
        (
            json!({"controller": good, "circuit": 7}),
            "`circuit`: invalid type",
        ),
        (
            json!({"controller": good, "circuit": good, "nonce": -1}),
            "`nonce`: invalid value",
        ),
        (json!([]), "invalid length"),
        (Value::Null, "invalid type"),
    ] {
        let message = server
            .post(paths::DEPLOY_CONTROLLER, &body)
            .await?
            .refused(400, "invalid_body")?;
        assert!(message.contains(expected), "{message}");
    }
    for text in ["", "{", "{}x", "\u{0}", "{\"args\":1e999}", "[[[["] {
        let request = server
            .build(Method::POST, paths::WITNESSES)
            .header("content-type", "application/json")
            .body(text);
        server.send(request).await?.refused(400, "invalid_body")?;
    }
    assert_eq!(server.get(paths::JOBS).await?.ok()?["jobs"], json!([]));
    Ok(())
}

#[tokio::test]
async fn what_is_no_controller_or_no_circuit_is_not_deployed() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let deploy = |controller: &[u8], circuit: &[u8]| json!({"controller": base64(controller), "circuit": base64(circuit)});
    for wasm in [&b""[..], b"\0asm", b"\x7fELF", &echo()[..40]] {
        server
            .post(paths::DEPLOY_CONTROLLER, &deploy(wasm, &elf("one")))
            .await?
            .refused(400, "invalid_controller")?;
    }
    let message = server
        .post(paths::DEPLOY_CONTROLLER, &deploy(&echo(), b"#!/bin/sh"))
        .await?
        .refused(400, "invalid_circuit")?;
    assert!(message.contains("ELF"), "{message}");
    for name in ["", "Ethereum", "a/b", "../a", &"a".repeat(65)] {
        let body =
            json!({"name": name, "controller": base64(&echo()), "circuit": base64(&elf("one"))});
        server
            .post(paths::DEPLOY_DOMAIN, &body)
            .await?
            .refused(400, "invalid_parameter")?;
    }
    assert_eq!(
        server.get(paths::DOMAINS).await?.ok()?["domains"],
        json!([])
    );
    Ok(())
}

#[tokio::test]
async fn unknown_things_are_404_and_unreadable_names_400() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let unknown = "ab".repeat(32);
    for path in [
        paths::VERIFYING_KEY,
        paths::BYTECODE,
        paths::RUNTIME,
        paths::RAW,
    ] {
        server
            .get_of(&unknown, path)
            .await?
            .refused(404, "unknown_circuit")?;
        // No header at all stands for the zero circuit.
        server.get(path).await?.refused(404, "unknown_circuit")?;
        let message = server
            .get_of("xyz", path)
            .await?
            .refused(400, "invalid_parameter")?;
        assert!(message.contains(headers::CIRCUIT), "{message}");
    }
    for path in [paths::WITNESSES, paths::PROVE, paths::ENTRYPOINT] {
        server
            .post_of(&unknown, path, &json!({"args": []}))
            .await?
            .refused(404, "unknown_circuit")?;
    }
    for path in [
        paths::VERIFYING_KEY_OF,
        paths::BYTECODE_OF,
        paths::RUNTIME_OF,
    ] {
        server
            .get(&paths::with(path, "id", &unknown))
            .await?
            .refused(404, "unknown_circuit")?;
        server
            .get(&paths::with(path, "id", "ä"))
            .await?
            .refused(400, "invalid_parameter")?;
    }
    server
        .get(&paths::with(paths::JOB, "id", &"0".repeat(32)))
        .await?
        .refused(404, "unknown_job")?;
    server
        .get(&paths::with(paths::JOB_EVENTS, "id", &"0".repeat(32)))
        .await?
        .refused(404, "unknown_job")?;
    server
        .get(&paths::with(paths::JOB, "id", "1"))
        .await?
        .refused(400, "invalid_parameter")?;
    server
        .get("/api/historical/xyz")
        .await?
        .refused(400, "invalid_parameter")?;
    server
        .get("/api/historical/ethereum/-1")
        .await?
        .refused(400, "invalid_parameter")?;
    server
        .get("/api/historical/%ff/1")
        .await?
        .refused(400, "invalid_parameter")?;
    server
        .get("/api/jobs?limit=many")
        .await?
        .refused(400, "invalid_parameter")?;
    server
        .get("/api/jobs?state=Done")
        .await?
        .refused(400, "invalid_parameter")?;
    server
        .get("/api/registry/domain/nowhere/latest")
        .await?
        .refused(404, "unknown_domain")?;
    server
        .add_block("nowhere", 1, 1)
        .await?
        .refused(404, "unknown_domain")?;
    server
        .get("/api/nothing")
        .await?
        .refused(404, "unknown_route")?;
    server
        .get("/nothing")
        .await?
        .refused(404, "unknown_route")?;
    let wrong = server.send(server.build(Method::PUT, paths::STATS)).await?;
    wrong.refused(405, "method_not_allowed")?;
    assert!(wrong.headers.contains_key("allow"));
    Ok(())
}

#[tokio::test]
async fn a_body_must_be_sent_as_json() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let request = || server.build(Method::POST, paths::ENTRYPOINT).body("{}");
    let message = server
        .send(request().header("content-type", "application/x-www-form-urlencoded"))
        .await?
        .refused(415, "unsupported_media_type")?;
    assert!(message.contains("application/json"), "{message}");
    // What a page of another origin can send without asking: a body of no type.
    server
        .send(request())
        .await?
        .refused(415, "unsupported_media_type")?;
    server
        .send(request().header("content-type", "application/json; charset=utf-8"))
        .await?
        .refused(404, "unknown_circuit")?;
    Ok(())
}

#[tokio::test]
async fn a_path_is_named_once() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let id = server.deploy(&echo(), &elf("one")).await?;
    let get = |query: &str| {
        server
            .build(Method::GET, &format!("{}{query}", paths::FILES))
            .header(headers::CIRCUIT, &id)
    };
    server
        .send(get(""))
        .await?
        .refused(400, "invalid_parameter")?;
    server
        .send(get("?path=/a").json(&json!({"path": "/b"})))
        .await?
        .refused(400, "invalid_parameter")?;
    assert_eq!(
        server
            .send(get("?path=/a").json(&json!({"path": "/a"})))
            .await?
            .ok()?,
        Value::Null
    );
    Ok(())
}

#[tokio::test]
async fn a_trap_is_an_error_and_a_failed_job_says_why() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let id = server.deploy(&trap(), &elf("one")).await?;
    server
        .post_of(&id, paths::ENTRYPOINT, &json!({}))
        .await?
        .refused(422, "controller_trap")?;
    let echo = server.deploy(&echo(), &elf("two")).await?;
    let message = server
        .post_of(&echo, paths::WITNESSES, &json!({"args": {"Data": 1}}))
        .await?
        .refused(422, "controller_invalid_return")?;
    assert!(message.contains("get_witnesses"), "{message}");
    server
        .post_of(&echo, paths::PROVE, &json!({"args": [], "kind": "magic"}))
        .await?
        .refused(400, "invalid_body")?;
    Ok(())
}

#[tokio::test]
async fn attack_a12_no_domain_takes_the_id_of_another_for_its_name() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let body = json!({"name": "ab".repeat(32), "controller": "", "circuit": ""});
    let message = server
        .send(server.build(Method::POST, paths::DEPLOY_DOMAIN).json(&body))
        .await?
        .refused(400, "invalid_parameter")?;
    assert!(message.contains("not a name"), "{message}");
    Ok(())
}
