//! Attack c1: requests replayed, moved to another route, circuit or root, or signed anew from an old signature.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use valence_coprocessor_api::{
    headers, hex, paths,
    signing::{BoundRequest, RequestSigner, sign_published},
};

use crate::support::{TestServer, base64, echo, elf};

const UUID: &str = "00112233445566778899aabbccddeeff";

fn signer() -> anyhow::Result<RequestSigner> {
    Ok(RequestSigner::from_secret(&[7; 32])?)
}

fn published(request: RequestBuilder, uuid: &str, signature: &[u8]) -> RequestBuilder {
    request
        .header(headers::UUID, uuid)
        .header(headers::SIGNATURE, hex::encode(signature))
}

/// A circuit of the signer's.
async fn owned(server: &TestServer, signer: &RequestSigner) -> anyhow::Result<String> {
    let body = json!({"controller": base64(&echo()), "circuit": base64(&elf("owned"))});
    let answer = server
        .signed(signer, Method::POST, paths::DEPLOY_CONTROLLER, None, &body)
        .await?
        .ok()?;
    Ok(answer["controller"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn attack_c1_a_published_signature_counts_once_wherever_it_is_shown() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = signer()?;
    let id = owned(&server, &signer).await?;
    let body = json!(base64(b"mine"));
    let signature = sign_published(&signer, UUID, &serde_json::to_vec(&body)?)?;
    let write = |path: &str| {
        published(server.build(Method::POST, path), UUID, &signature)
            .header(headers::CIRCUIT, &id)
            .json(&body)
    };
    server.send(write(paths::RAW)).await?.ok()?;
    server
        .send(write(paths::RAW))
        .await?
        .refused(401, "signature_replayed")?;
    server
        .send(write(paths::ENTRYPOINT))
        .await?
        .refused(401, "signature_replayed")?;
    server
        .send(write(&paths::with(paths::RAW_OF, "id", &id)))
        .await?
        .refused(401, "signature_replayed")?;
    Ok(())
}

#[tokio::test]
async fn attack_c1_a_mirrored_signature_counts_for_nothing() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = signer()?;
    let id = owned(&server, &signer).await?;
    let body = json!(base64(b"mine"));
    let signature = sign_published(&signer, UUID, &serde_json::to_vec(&body)?)?;
    let mirrored = mirror(&signature);
    assert_ne!(signature, mirrored);
    let write = |signature: &[u8]| {
        published(server.build(Method::POST, paths::RAW), UUID, signature)
            .header(headers::CIRCUIT, &id)
            .json(&body)
    };
    server
        .send(write(&mirrored))
        .await?
        .refused(401, "invalid_signature")?;
    server.send(write(&signature)).await?.ok()?;
    server
        .send(write(&mirrored))
        .await?
        .refused(401, "invalid_signature")?;
    Ok(())
}

/// The other signature that everybody can make of one: `n - s`, and the other parity.
fn mirror(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36,
        0x41, 0x41,
    ];
    let mut mirrored = signature.to_vec();
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i16::from(ORDER[index]) - i16::from(signature[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        mirrored[32 + index] = u8::try_from(difference.rem_euclid(256)).expect("below 256");
    }
    mirrored[64] ^= 1;
    mirrored
}

#[tokio::test]
async fn attack_c1_a_signature_spent_on_reading_changes_nothing() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = signer()?;
    let signature = sign_published(&signer, UUID, b"null")?;
    server
        .send(published(
            server.build(Method::GET, paths::STATS),
            UUID,
            &signature,
        ))
        .await?
        .ok()?;
    let cancel = paths::with(paths::JOB, "id", &"0".repeat(32));
    server
        .send(published(
            server.build(Method::DELETE, &cancel),
            UUID,
            &signature,
        ))
        .await?
        .refused(401, "signature_replayed")?;
    // And one that was never spent, but covers no route.
    let uuid = UUID.replace('0', "1");
    let signature = sign_published(&signer, &uuid, b"null")?;
    server
        .send(published(
            server.build(Method::DELETE, &cancel),
            &uuid,
            &signature,
        ))
        .await?
        .refused(401, "invalid_signature")?;
    Ok(())
}

#[tokio::test]
async fn a_signed_read_with_a_body_is_taken_over_the_body_and_over_null() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = signer()?;
    let id = owned(&server, &signer).await?;
    let body = json!({"path": "/a"});
    for (uuid, covered) in [("a1", serde_json::to_vec(&body)?), ("a2", b"null".to_vec())] {
        let signature = sign_published(&signer, uuid, &covered)?;
        let request = published(server.build(Method::GET, paths::FILES), uuid, &signature)
            .header(headers::CIRCUIT, &id)
            .json(&body);
        assert_eq!(server.send(request).await?.ok()?, Value::Null);
    }
    Ok(())
}

#[tokio::test]
async fn attack_c1_our_own_form_binds_route_circuit_root_and_body() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = signer()?;
    let id = owned(&server, &signer).await?;
    let other = server.deploy(&echo(), &elf("other")).await?;
    let body = json!(base64(b"mine"));
    let bytes = serde_json::to_vec(&body)?;
    let honest = BoundRequest {
        method: "POST",
        path: paths::RAW,
        circuit: Some(id.parse()?),
        root: None,
        expiry: server.engine.now().as_secs() + 60,
        uuid: uuid::Uuid::new_v4(),
        body: &bytes,
    };
    let send = async |path: &str, circuit: &str, root: Option<&str>, body: &Value| {
        let mut request = server
            .build(Method::POST, path)
            .header(headers::CIRCUIT, circuit)
            .json(body);
        for (name, value) in honest.sign(&signer).headers() {
            request = request.header(name, value);
        }
        if let Some(root) = root {
            request = request.header(headers::ROOT, root);
        }
        server.send(request).await
    };
    send(paths::ENTRYPOINT, &id, None, &body)
        .await?
        .refused(401, "invalid_signature")?;
    send("/api/circuit/storage/raw?a=b", &id, None, &body)
        .await?
        .refused(401, "invalid_signature")?;
    send(paths::RAW, &other, None, &body)
        .await?
        .refused(401, "invalid_signature")?;
    send(paths::RAW, &id, Some(&"0".repeat(64)), &body)
        .await?
        .refused(401, "invalid_signature")?;
    send(paths::RAW, &id, None, &json!(base64(b"yours")))
        .await?
        .refused(401, "invalid_signature")?;
    assert_eq!(server.get_of(&id, paths::RAW).await?.ok()?, Value::Null);
    send(paths::RAW, &id, None, &body).await?.ok()?;
    send(paths::RAW, &id, None, &body)
        .await?
        .refused(401, "signature_replayed")?;
    Ok(())
}

#[tokio::test]
async fn attack_c1_an_expired_or_far_request_is_refused() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = signer()?;
    let now = server.engine.now().as_secs();
    for expiry in [now - 1, now + 100_000, 0, u64::MAX] {
        let request = BoundRequest {
            method: "GET",
            path: paths::STATS,
            circuit: None,
            root: None,
            expiry,
            uuid: uuid::Uuid::new_v4(),
            body: b"",
        };
        let mut built = server.build(Method::GET, paths::STATS);
        for (name, value) in request.sign(&signer).headers() {
            built = built.header(name, value);
        }
        server
            .send(built)
            .await?
            .refused(401, "signature_expired")?;
    }
    Ok(())
}

#[tokio::test]
async fn incomplete_and_malformed_signatures_are_refused() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    for (name, value) in [
        (headers::UUID, UUID),
        (headers::SIGNATURE, "00"),
        (headers::PUBLIC_KEY, "02"),
        (headers::EXPIRY, "1"),
    ] {
        let request = server.build(Method::GET, paths::STATS).header(name, value);
        server
            .send(request)
            .await?
            .refused(401, "invalid_signature")?;
    }
    for signature in ["zz", "", "00", &"00".repeat(65), &"ff".repeat(65)] {
        let request = server
            .build(Method::GET, paths::STATS)
            .header(headers::UUID, UUID)
            .header(headers::SIGNATURE, signature);
        server
            .send(request)
            .await?
            .refused(401, "invalid_signature")?;
    }
    Ok(())
}

/// The signature covers the number, not its letters: written differently, it would otherwise count again.
#[tokio::test]
async fn attack_c1_a_number_written_differently_is_the_same_number() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let signer = signer()?;
    let uuid = uuid::Uuid::from_u128(0xabcd_ef00_1122_3344_5566_7788_99aa_bbcc);
    let request = BoundRequest {
        method: "GET",
        path: paths::STATS,
        circuit: None,
        root: None,
        expiry: server.engine.now().as_secs() + 60,
        uuid,
        body: b"",
    };
    let send = async |uuid: &str| {
        let mut built = server.build(Method::GET, paths::STATS);
        for (name, value) in request.sign(&signer).headers() {
            built = built.header(
                name,
                if name == headers::UUID {
                    uuid.to_owned()
                } else {
                    value
                },
            );
        }
        server.send(built).await
    };
    send(&uuid.simple().to_string()).await?.ok()?;
    for written in [
        uuid.hyphenated().to_string(),
        uuid.braced().to_string(),
        uuid.urn().to_string(),
        uuid.simple().to_string().to_uppercase(),
    ] {
        send(&written).await?.refused(401, "signature_replayed")?;
    }
    Ok(())
}
