//! Attack c10, sized down: too much, too slow, too many. The service stays live for everybody else.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use valence_coprocessor_api::paths;
use valence_coprocessor_server::ServerLimits;

use crate::support::{TestServer, base64, echo, elf};

/// Sends bytes as they are and reads until the server closes the connection.
async fn raw(server: &TestServer, bytes: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(server.address).await?;
    stream.write_all(bytes).await?;
    read(stream).await
}

async fn read(mut stream: TcpStream) -> anyhow::Result<String> {
    let mut answer = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut answer))
        .await
        .context("the connection stays open")??;
    Ok(String::from_utf8(answer)?)
}

fn short() -> ServerLimits {
    ServerLimits {
        body_bytes: 4_096,
        deployment_bytes: 65_536,
        head_time: Duration::from_millis(300),
        body_time: Duration::from_millis(300),
        ..ServerLimits::default()
    }
}

#[tokio::test]
async fn attack_c10_a_large_body_is_refused_before_it_is_sent() -> anyhow::Result<()> {
    let server = TestServer::limited(short()).await?;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 1000000000\r\n\r\n",
        paths::ENTRYPOINT
    );
    let answer = raw(&server, head.as_bytes()).await?;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("\"code\":\"too_large\""), "{answer}");
    Ok(())
}

#[tokio::test]
async fn attack_c10_a_large_body_without_length_is_cut_off() -> anyhow::Result<()> {
    let server = TestServer::limited(short()).await?;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
        paths::ENTRYPOINT
    );
    let chunk = format!("1001\r\n{}\r\n", "1".repeat(0x1001));
    let answer = raw(&server, (head + &chunk).as_bytes()).await?;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_deployment_may_be_larger_than_other_bodies() -> anyhow::Result<()> {
    let server = TestServer::limited(short()).await?;
    let id = server.deploy(&echo(), &elf(&"x".repeat(10_000))).await?;
    let write = json!({"path": "/a", "contents": base64(&[0; 10_000])});
    let answer = server.post_of(&id, paths::FILES, &write).await?;
    answer.refused(413, "too_large")?;
    Ok(())
}

#[tokio::test]
async fn attack_c10_a_slow_head_is_dropped_and_a_slow_body_told() -> anyhow::Result<()> {
    let server = TestServer::limited(short()).await?;
    let answer = raw(&server, b"GET /api/historical HTTP/1.1\r\nhost: a\r\n").await?;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 10\r\n\r\n{{",
        paths::ENTRYPOINT
    );
    let answer = raw(&server, head.as_bytes()).await?;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
    // Idle connections go as well.
    let answer = raw(&server, b"").await?;
    assert_eq!(answer, "");
    Ok(())
}

#[tokio::test]
async fn attack_c10_connections_over_the_limit_are_told_to_come_back() -> anyhow::Result<()> {
    let limits = ServerLimits {
        connections: 20,
        ..ServerLimits::default()
    };
    let server = TestServer::limited(limits).await?;
    let mut held = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.address).await?;
        stream
            .write_all(b"GET /api/historical HTTP/1.1\r\nhost: a\r\n\r\n")
            .await?;
        let mut first = [0; 12];
        stream.read_exact(&mut first).await?;
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    let refused = read(TcpStream::connect(server.address).await?).await?;
    assert!(
        refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1"),
        "{refused}"
    );
    assert!(refused.contains("\"code\":\"overloaded\""), "{refused}");
    // Those that are in are served, and a place that becomes free is taken.
    for stream in &mut held {
        stream
            .write_all(b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await?;
    }
    for stream in held {
        assert!(read(stream).await?.contains("\"status\":\"ok\""));
    }
    let answer = raw(
        &server,
        b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await?;
    assert!(answer.contains("\"status\":\"ok\""), "{answer}");
    Ok(())
}

#[tokio::test]
async fn attack_c10_many_idle_connections_hold_up_nobody() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let mut held = Vec::new();
    for _ in 0..300 {
        held.push(TcpStream::connect(server.address).await?);
    }
    let answer = timeout(Duration::from_secs(5), server.get(paths::ROOT))
        .await
        .context("no answer")??;
    assert_eq!(answer.status, 200);
    Ok(())
}

#[tokio::test]
async fn attack_c10_deployments_over_the_limit_are_told_to_come_back() -> anyhow::Result<()> {
    let limits = ServerLimits {
        deployments: 1,
        ..ServerLimits::default()
    };
    let server = TestServer::limited(limits).await?;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{{",
        paths::DEPLOY_CONTROLLER
    );
    let mut slow = TcpStream::connect(server.address).await?;
    slow.write_all(head.as_bytes()).await?;
    // The slow one counts once its head was read, which nothing tells; until then the second is refused for its body.
    let refused = loop {
        let answer = server.post(paths::DEPLOY_CONTROLLER, &json!({})).await?;
        if answer.status != 400 {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    refused.refused(503, "overloaded")?;
    assert_eq!(refused.headers["retry-after"], "1");
    drop(slow);
    assert_eq!(server.get(paths::ROOT).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_nothing_breaks() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    for bytes in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        &vec![0; 100_000],
    ] {
        let mut stream = TcpStream::connect(server.address).await?;
        // The server may close before all is written.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer))
            .await
            .context("the connection stays open")?;
        assert!(
            !answer.starts_with(b"HTTP/1.1 5"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    assert_eq!(server.get(paths::ROOT).await?.status, 200);
    Ok(())
}
