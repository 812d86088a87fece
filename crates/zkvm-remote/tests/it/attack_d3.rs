//! d3: silent, slow and half-open connections, and those that say something else.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;
use valence_coprocessor_zkvm_remote::{ConnectionLimits, WorkerConfig};

use crate::running::{Running, execution, public_values, run, secret, soon};

/// Some who say nothing, and some who stop in the middle of a sentence: of TLS and of HTTP/2.
async fn silent(address: SocketAddr, number: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let beginning: &[u8] = match number % 3 {
        0 => b"",
        1 => b"\x16\x03\x01\x02\x00\x01\x00",
        _ => b"PRI * HTT",
    };
    stream.write_all(beginning).await.expect("it reads");
    stream
}

async fn is_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // Reset or closed, it is over.
    let _ = soon(stream.read_to_end(&mut rest)).await;
}

#[tokio::test]
async fn attack_d3_whoever_is_silent_is_sent_away_while_others_are_served() {
    for secret in [None, Some(secret("s"))] {
        let config = WorkerConfig {
            connections: ConnectionLimits {
                handshake: Duration::from_millis(200),
                ..ConnectionLimits::default()
            },
            ..WorkerConfig::default()
        };
        let worker = Running::start(Arc::new(ScriptedZkvm::echo()), config, secret).await;
        let mut streams = Vec::new();
        for number in 0..30 {
            streams.push(silent(worker.address, number).await);
        }
        // A connection of its own each time: the door is open to who speaks.
        for _ in 0..3 {
            assert_eq!(
                public_values(run(&worker.service(), &execution(b"in")).await),
                b"in"
            );
        }
        for stream in &mut streams {
            is_closed(stream).await;
        }
    }
}

/// With all the time in the world they shut out nobody either: the newest comes in, the oldest goes.
#[tokio::test]
async fn attack_d3_a_crowd_of_silent_connections_shuts_out_nobody() {
    let config = WorkerConfig {
        connections: ConnectionLimits {
            handshake: Duration::from_hours(1),
            newcomers: 8,
            ..ConnectionLimits::default()
        },
        ..WorkerConfig::default()
    };
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let worker = Running::start(zkvm, config, Some(secret("s"))).await;
    let mut streams = Vec::new();
    for number in 0..100 {
        streams.push(silent(worker.address, number * 3).await);
    }
    for stream in &mut streams[..92] {
        is_closed(stream).await;
    }
    assert_eq!(
        public_values(run(&worker.service(), &execution(b"in")).await),
        b"in"
    );
}

#[tokio::test]
async fn attack_d3_connections_past_the_limit_are_refused_until_one_goes() {
    let config = WorkerConfig {
        connections: ConnectionLimits {
            established: 1,
            ..ConnectionLimits::default()
        },
        ..WorkerConfig::default()
    };
    let worker = Running::open(Arc::new(ScriptedZkvm::echo()), config).await;
    let first = worker.service();
    soon(first.status()).await.expect("the first is served");
    let second = worker.service();
    soon(second.status()).await.expect_err("no place");
    soon(first.status()).await.expect("the first still is");
    drop(first);
    crate::running::until(|| async { second.status().await.is_ok() }).await;
}

#[tokio::test]
async fn attack_d3_garbage_instead_of_http2_ends_that_connection_only() {
    for secret in [None, Some(secret("s"))] {
        let worker = Running::start(
            Arc::new(ScriptedZkvm::echo()),
            WorkerConfig::default(),
            secret,
        )
        .await;
        for garbage in [
            b"GET / HTTP/1.1\r\nHost: worker\r\n\r\n".as_slice(),
            &[0; 1000],
            // The preface, and then no frames.
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nwhat comes now is no frame of HTTP/2 at all",
        ] {
            let mut stream = TcpStream::connect(worker.address)
                .await
                .expect("it listens");
            // It may be closed before all is written.
            let _ = stream.write_all(garbage).await;
            is_closed(&mut stream).await;
        }
        assert_eq!(
            public_values(run(&worker.service(), &execution(b"in")).await),
            b"in"
        );
    }
}
