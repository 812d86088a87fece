//! d1: another program under a victim's name.

use std::sync::Arc;

use tonic::transport::{Channel, Endpoint};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;
use valence_coprocessor_zkvm_remote::{ProgramHash, WorkerConfig};

use crate::running::{Running, soon};

#[expect(
    unreachable_pub,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    reason = "generated, for whoever speaks the protocol by hand"
)]
pub(crate) mod protocol {
    tonic::include_proto!("valence.prover.v1");
}

use protocol::{HasProgramRequest, ProgramChunk, RunRequest, prover_client::ProverClient};

/// A client that checks nothing of what it sends.
async fn by_hand(worker: &Running) -> ProverClient<Channel> {
    let url = format!("http://{}", worker.address);
    let endpoint = Endpoint::from_shared(url).expect("a URL");
    ProverClient::new(soon(endpoint.connect()).await.expect("it listens"))
}

/// There is no request that names a hash for bytes: what is sent is known by its own hash alone.
#[tokio::test]
async fn attack_d1_what_is_uploaded_has_its_own_hash_and_no_other() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let worker = Running::open(Arc::clone(&zkvm) as _, WorkerConfig::default()).await;
    let mut client = by_hand(&worker).await;
    let (evil, victim) = (b"\x7fELFevil".to_vec(), ProgramHash::of(b"\x7fELFvictim"));
    // In two parts, with an empty one between.
    let parts = [&evil[..4], &[], &evil[4..]].map(|part| ProgramChunk {
        bytes: part.to_vec(),
    });
    let uploaded = soon(client.upload_program(tokio_stream::iter(parts)))
        .await
        .expect("it takes it");
    assert_eq!(
        uploaded.into_inner().hash,
        ProgramHash::of(&evil).as_bytes()
    );
    let hash = victim.as_bytes().to_vec();
    let has = soon(client.has_program(HasProgramRequest { hash: hash.clone() }))
        .await
        .expect("it answers");
    assert!(!has.into_inner().has);
    let run = RunRequest {
        program: hash,
        kind: protocol::Kind::Execute.into(),
        cycles: 1,
        milliseconds: 1000,
        ..RunRequest::default()
    };
    let refused = soon(client.run(run)).await.expect_err("it is not there");
    assert_eq!(refused.code(), tonic::Code::NotFound);
    assert_eq!(zkvm.executions(), 0);
}

/// Names that are no hash, and kinds that are none.
#[tokio::test]
async fn attack_d1_malformed_requests_are_refused_by_name() {
    let worker = Running::open(Arc::new(ScriptedZkvm::echo()), WorkerConfig::default()).await;
    let mut client = by_hand(&worker).await;
    for hash in [
        vec![],
        vec![0; 31],
        vec![0; 33],
        b"../../etc/passwd".to_vec(),
    ] {
        let refused = soon(client.has_program(HasProgramRequest { hash: hash.clone() }))
            .await
            .expect_err("no hash");
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
        let run = RunRequest {
            program: hash,
            kind: protocol::Kind::Execute.into(),
            ..RunRequest::default()
        };
        let refused = soon(client.run(run)).await.expect_err("no hash");
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    }
    for kind in [0, 6, -1, i32::MAX] {
        let run = RunRequest {
            program: vec![0; 32],
            kind,
            ..RunRequest::default()
        };
        let refused = soon(client.run(run)).await.expect_err("no kind");
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    }
}
