//! Attack d2 at the level of bytes, where both sides' reasons can be seen.

use core::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio_rustls::rustls::pki_types::ServerName;

use super::{
    HandshakeError, Identity, Trust, as_service, as_worker,
    exchange::GREETING,
    proof::{Role, Transcript},
    tls::{self, NAME},
};
use crate::Secret;

const GENEROUS: Duration = Duration::from_mins(1);

fn secret(letter: &str) -> Secret {
    Secret::new(&letter.repeat(40)).expect("long enough")
}

fn identity() -> Identity {
    Identity::new().expect("a certificate")
}

/// A worker with secret `a`; what it makes of the connection.
fn worker(socket: DuplexStream) -> tokio::task::JoinHandle<Result<(), HandshakeError>> {
    let identity = identity();
    tokio::spawn(async move { as_worker(socket, &identity, &secret("a")).await.map(drop) })
}

/// Connects by TLS as a service does, and goes no further.
async fn tls_only(socket: DuplexStream) -> tokio_rustls::client::TlsStream<DuplexStream> {
    Trust::new()
        .0
        .connect(ServerName::try_from(NAME).expect("a name"), socket)
        .await
        .expect("TLS alone needs no secret")
}

#[tokio::test]
async fn both_sides_with_one_secret_come_together() {
    let (near, far) = duplex(1 << 16);
    let worker = worker(far);
    let mut service = as_service(near, &Trust::new(), &secret("a"), GENEROUS)
        .await
        .expect("they know the same");
    worker.await.expect("no panic").expect("they know the same");
    service.shutdown().await.ok();
}

#[tokio::test]
async fn attack_d2_another_secret_is_refused_by_name_on_the_services_side() {
    let (near, far) = duplex(1 << 16);
    let worker = worker(far);
    let refused = as_service(near, &Trust::new(), &secret("b"), GENEROUS).await;
    assert!(
        matches!(refused, Err(HandshakeError::WrongSecret { role: "worker" })),
        "{refused:?}"
    );
    let refused = worker.await.expect("no panic");
    assert!(
        matches!(refused, Err(HandshakeError::Closed(_))),
        "{refused:?}"
    );
}

/// Somebody ends TLS on both sides and passes on every byte of the handshake between them.
#[tokio::test]
async fn attack_d2_a_relayed_handshake_is_refused_on_both_sides() {
    let (service_end, middle_in) = duplex(1 << 16);
    let (middle_out, worker_end) = duplex(1 << 16);
    let worker = worker(worker_end);
    let own = identity();
    let middle = tokio::spawn(async move {
        let mut inward = own.0.accept(middle_in).await.expect("TLS needs no secret");
        let mut outward = tls_only(middle_out).await;
        let mut hello = [0; 40];
        inward.read_exact(&mut hello).await.expect("the greeting");
        outward.write_all(&hello).await.expect("passed on");
        let mut answer = [0; 72];
        outward.read_exact(&mut answer).await.expect("the answer");
        inward.write_all(&answer).await.expect("passed on");
        // The service gives no proof now. The middle's only other one is the worker's own, sent back.
        outward.write_all(&answer[40..]).await.expect("sent back");
        outward.flush().await.expect("sent back");
        let mut rest = Vec::new();
        inward.read_to_end(&mut rest).await.ok();
        rest
    });
    let refused = as_service(service_end, &Trust::new(), &secret("a"), GENEROUS).await;
    assert!(
        matches!(refused, Err(HandshakeError::WrongSecret { role: "worker" })),
        "{refused:?}"
    );
    let refused = worker.await.expect("no panic");
    assert!(
        matches!(
            refused,
            Err(HandshakeError::WrongSecret { role: "service" })
        ),
        "{refused:?}"
    );
    let leaked = middle.await.expect("no panic");
    assert!(
        leaked.is_empty(),
        "the service proved something: {leaked:?}"
    );
}

/// Somebody has all that an honest service sent on one connection, and sends it again on another.
#[tokio::test]
async fn attack_d2_recorded_bytes_of_a_service_are_refused() {
    let mut recorded: Option<([u8; 40], [u8; 32])> = None;
    for replayed in [false, true] {
        let (near, far) = duplex(1 << 16);
        let worker = worker(far);
        let mut stream = tls_only(near).await;
        let service_nonce = tls::nonce().expect("random bytes");
        let mut hello = [0; 40];
        hello[..8].copy_from_slice(&GREETING);
        hello[8..].copy_from_slice(&service_nonce);
        let hello = recorded.map_or(hello, |(hello, _)| hello);
        stream.write_all(&hello).await.expect("sent");
        let mut answer = [0; 72];
        stream.read_exact(&mut answer).await.expect("answered");
        let honest = Transcript {
            service_nonce,
            worker_nonce: answer[8..40].try_into().expect("32 bytes"),
            channel: tls::channel(stream.get_ref().1).expect("a channel"),
        }
        .prove(&secret("a"), Role::Service);
        let proof = recorded.map_or(honest, |(_, proof)| proof);
        stream.write_all(&proof).await.expect("sent");
        stream.flush().await.expect("sent");
        let outcome = worker.await.expect("no panic");
        if replayed {
            assert!(
                matches!(
                    outcome,
                    Err(HandshakeError::WrongSecret { role: "service" })
                ),
                "{outcome:?}"
            );
        } else {
            outcome.expect("the first time it is honest");
        }
        recorded = Some((hello, proof));
    }
}

/// With both nonces equal too, as when the worker's randomness fails, the channel alone tells connections apart.
#[test]
fn attack_d2_a_proof_is_of_one_role_and_one_channel() {
    let transcript = Transcript {
        service_nonce: [1; 32],
        worker_nonce: [2; 32],
        channel: [3; 32],
    };
    let secret = secret("a");
    let proof = transcript.prove(&secret, Role::Service);
    transcript
        .check(&secret, Role::Service, &proof)
        .expect("its own");
    assert!(transcript.check(&secret, Role::Worker, &proof).is_err());
    for other in [
        Transcript {
            channel: [4; 32],
            ..transcript.clone()
        },
        Transcript {
            service_nonce: [4; 32],
            ..transcript.clone()
        },
        Transcript {
            worker_nonce: [4; 32],
            ..transcript.clone()
        },
        Transcript {
            service_nonce: [2; 32],
            worker_nonce: [1; 32],
            ..transcript
        },
    ] {
        assert!(other.check(&secret, Role::Service, &proof).is_err());
    }
}

#[tokio::test]
async fn attack_d3_a_silent_worker_is_given_up() {
    let (near, _far) = duplex(1 << 16);
    let limit = Duration::from_millis(20);
    let given_up = as_service(near, &Trust::new(), &secret("a"), limit).await;
    assert!(
        matches!(given_up, Err(HandshakeError::Timeout { .. })),
        "{given_up:?}"
    );
}
