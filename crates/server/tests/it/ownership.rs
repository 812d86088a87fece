//! Attack c2: what somebody deployed under a key is changed with that key alone. Attack c9: odd paths in storage.

use reqwest::Method;
use serde_json::{Value, json};
use valence_coprocessor_api::{paths, signing::RequestSigner};

use crate::support::{TestServer, base64, echo, elf, trap};

#[tokio::test]
async fn attack_c2_nobody_else_writes_to_an_owned_circuit() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let owner = RequestSigner::from_secret(&[7; 32])?;
    let stranger = RequestSigner::from_secret(&[8; 32])?;
    let deploy = |controller: &[u8]| json!({"controller": base64(controller), "circuit": base64(&elf("owned"))});
    let answer = server
        .signed(
            &owner,
            Method::POST,
            paths::DEPLOY_CONTROLLER,
            None,
            &deploy(&echo()),
        )
        .await?
        .ok()?;
    let id = answer["controller"].as_str().unwrap_or_default().to_owned();

    let file = json!({"path": "/a", "contents": base64(b"evil")});
    let raw = json!(base64(b"evil"));
    for (path, body) in [(paths::FILES, &file), (paths::RAW, &raw)] {
        server
            .signed(&stranger, Method::POST, path, Some(&id), body)
            .await?
            .refused(403, "not_owner")?;
        server
            .post_of(&id, path, body)
            .await?
            .refused(403, "not_owner")?;
    }
    server
        .signed(
            &stranger,
            Method::POST,
            paths::DEPLOY_CONTROLLER,
            None,
            &deploy(&trap()),
        )
        .await?
        .refused(403, "not_owner")?;
    server
        .post(paths::DEPLOY_CONTROLLER, &deploy(&trap()))
        .await?
        .refused(403, "not_owner")?;

    assert_eq!(
        server.get_of(&id, paths::RUNTIME).await?.ok()?,
        base64(&echo())
    );
    assert_eq!(server.get_of(&id, paths::RAW).await?.ok()?, Value::Null);
    server
        .signed(&owner, Method::POST, paths::RAW, Some(&id), &raw)
        .await?
        .ok()?;
    server
        .signed(
            &owner,
            Method::POST,
            paths::DEPLOY_CONTROLLER,
            None,
            &deploy(&trap()),
        )
        .await?
        .ok()?;
    assert_eq!(
        server.get_of(&id, paths::RUNTIME).await?.ok()?,
        base64(&trap())
    );
    Ok(())
}

#[tokio::test]
async fn attack_c2_a_public_elf_can_be_deployed_by_everybody() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let squatter = RequestSigner::from_secret(&[7; 32])?;
    let late = RequestSigner::from_secret(&[8; 32])?;
    let deploy = |nonce: u64| json!({"controller": base64(&echo()), "circuit": base64(&elf("public")), "nonce": nonce});
    let first = server
        .signed(
            &squatter,
            Method::POST,
            paths::DEPLOY_CONTROLLER,
            None,
            &deploy(0),
        )
        .await?
        .ok()?;
    let second = server
        .signed(
            &late,
            Method::POST,
            paths::DEPLOY_CONTROLLER,
            None,
            &deploy(1),
        )
        .await?
        .ok()?;
    assert_ne!(first, second);
    Ok(())
}

#[tokio::test]
async fn attack_c9_odd_paths_stay_inside_or_are_refused() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let one = server.deploy(&echo(), &elf("one")).await?;
    let two = server.deploy(&echo(), &elf("two")).await?;
    let write = |path: &str| json!({"path": path, "contents": base64(b"x")});
    let long = format!("/{}", "a".repeat(100_000));
    let across = format!("/../{two}/a");
    for path in [
        "",
        "/",
        "/../a",
        "/a/../../etc/passwd",
        "..",
        "/a\u{0}b",
        &long,
        &across,
    ] {
        let message = server
            .post_of(&one, paths::FILES, &write(path))
            .await?
            .refused(400, "invalid_path")?;
        assert!(message.len() < 500, "{message}");
    }
    for path in ["/a b", "/ä/ö.ü", "/a%2f..%2fb", "/CON"] {
        server
            .post_of(&one, paths::FILES, &write(path))
            .await?
            .ok()?;
    }
    server
        .post_of(&two, paths::FILES, &write("/mine"))
        .await?
        .ok()?;
    let read = |path: &str| json!({"path": path});
    let of = paths::with(paths::FILES_OF, "id", &one);
    assert_eq!(server.post(&of, &read("/ä/ö.ü")).await?.ok()?, base64(b"x"));
    assert_eq!(server.post(&of, &read("/mine")).await?.ok()?, Value::Null);
    Ok(())
}
