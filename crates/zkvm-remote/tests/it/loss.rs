//! Workers and wires that fail, and workers that lie about it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, Streaming, transport::Server};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;
use valence_coprocessor_zkvm_remote::{ConnectError, RemoteConfig, RemoteError, WorkerConfig};

use crate::{
    attack_d1::protocol::{
        Event, Execution, HasProgramRequest, HasProgramResponse, ProgramChunk, RunRequest,
        StatusRequest, StatusResponse, UploadProgramResponse, event,
        prover_server::{Prover, ProverServer},
    },
    proxy::Proxy,
    running::{Running, Started, execution, proof, public_values, run, service, soon, until_load},
};

/// Waits for little, so that tests of silence are short.
const IMPATIENT: RemoteConfig = RemoteConfig {
    connect: Duration::from_secs(10),
    answer: Duration::from_millis(300),
    silence: Duration::from_millis(300),
    keep_alive: Duration::from_millis(150),
    slowest: 1 << 20,
    core_bytes: 1 << 20,
    result_bytes: 1 << 20,
};

fn beating() -> WorkerConfig {
    WorkerConfig {
        heartbeat: Duration::from_millis(20),
        ..WorkerConfig::default()
    }
}

#[tokio::test]
async fn a_cut_connection_is_a_lost_worker_and_the_next_work_connects_anew() {
    let zkvm = Arc::new(ScriptedZkvm::echo().with_closed_gate());
    let worker = Running::open(Arc::clone(&zkvm) as _, WorkerConfig::default()).await;
    let wire = Proxy::before(worker.address).await;
    let service = Arc::new(service(wire.address, None, RemoteConfig::default()));
    let mut started = Started::new(&service, proof(b"cut"));
    started.says("proving").await;
    wire.cut();
    let lost = started.made().await;
    assert!(matches!(lost, Err(RemoteError::Lost { .. })), "{lost:?}");
    assert_eq!(
        public_values(run(&service, &execution(b"next")).await),
        b"next"
    );
    // The worker noticed too: nobody waits for that proof any more.
    until_load(&service, 0, 0).await;
    // A connection that died while nobody used it is not the next work's misfortune.
    wire.cut();
    assert_eq!(
        public_values(run(&service, &execution(b"again")).await),
        b"again"
    );
}

#[tokio::test]
async fn a_worker_that_hangs_is_noticed_and_one_that_is_only_slow_is_not() {
    let zkvm = Arc::new(ScriptedZkvm::echo().with_closed_gate());
    let worker = Running::open(Arc::clone(&zkvm) as _, beating()).await;
    let wire = Proxy::before(worker.address).await;
    let service = Arc::new(service(wire.address, None, IMPATIENT));
    let mut slow = Started::new(&service, proof(b"slow"));
    slow.says("proving").await;
    // Several times the silence that is borne: heartbeats go on.
    let silent = tokio::time::timeout(IMPATIENT.silence * 4, &mut slow.made).await;
    assert!(silent.is_err(), "it was given up: {silent:?}");
    wire.freeze();
    let lost = slow.made().await;
    assert!(matches!(lost, Err(RemoteError::Lost { .. })), "{lost:?}");
    let lost = soon(service.status()).await;
    assert!(
        matches!(
            lost,
            Err(RemoteError::Lost { .. } | RemoteError::Unreachable(_))
        ),
        "{lost:?}"
    );
}

#[tokio::test]
async fn a_worker_that_is_not_there_is_unreachable() {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let address = socket.local_addr().expect("an address");
    drop(socket);
    let service = service(address, None, RemoteConfig::default());
    let unreachable = run(&service, &execution(b"")).await;
    assert!(
        matches!(
            unreachable,
            Err(RemoteError::Unreachable(ConnectError::Connect { .. }))
        ),
        "{unreachable:?}"
    );
}

/// A worker that talks nonsense.
struct Liar(Lie);

#[derive(Clone, Copy)]
enum Lie {
    /// Takes work, and says nothing more, while its HTTP/2 goes on answering.
    Silence,
    /// Ends without a result.
    Nothing,
    /// Answers a proof with a run.
    OtherKind,
    /// Takes every program under a hash of its own.
    OtherHash,
    /// Never has the program that it was sent.
    Forgets,
}

#[tonic::async_trait]
impl Prover for Liar {
    type RunStream = tokio_stream::wrappers::ReceiverStream<Result<Event, Status>>;

    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        Ok(Response::new(StatusResponse::default()))
    }

    async fn has_program(
        &self,
        _: Request<HasProgramRequest>,
    ) -> Result<Response<HasProgramResponse>, Status> {
        let has = !matches!(self.0, Lie::OtherHash | Lie::Forgets);
        Ok(Response::new(HasProgramResponse { has }))
    }

    async fn upload_program(
        &self,
        chunks: Request<Streaming<ProgramChunk>>,
    ) -> Result<Response<UploadProgramResponse>, Status> {
        let mut chunks = chunks.into_inner();
        let mut elf = Vec::new();
        while let Some(chunk) = chunks.message().await? {
            elf.extend(chunk.bytes);
        }
        if matches!(self.0, Lie::OtherHash) {
            elf.push(0);
        }
        let hash = valence_coprocessor_zkvm_remote::ProgramHash::of(&elf);
        Ok(Response::new(UploadProgramResponse {
            hash: hash.as_bytes().to_vec(),
        }))
    }

    async fn run(&self, _: Request<RunRequest>) -> Result<Response<Self::RunStream>, Status> {
        let (events, stream) = tokio::sync::mpsc::channel(1);
        match self.0 {
            Lie::Forgets => return Err(Status::not_found("what program?")),
            Lie::Silence => {
                tokio::spawn(async move { events.closed().await });
            }
            Lie::OtherKind => {
                let news = Some(event::News::Execution(Execution::default()));
                events.try_send(Ok(Event { news })).expect("room for one");
            }
            Lie::Nothing | Lie::OtherHash => {}
        }
        Ok(Response::new(stream.into()))
    }
}

async fn liar(lie: Lie) -> SocketAddr {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let address = socket.local_addr().expect("an address");
    let serving = Server::builder()
        .add_service(ProverServer::new(Liar(lie)))
        .serve_with_incoming(TcpListenerStream::new(socket));
    tokio::spawn(serving);
    address
}

#[tokio::test]
async fn a_worker_that_talks_nonsense_is_lost_and_not_the_works_fault() {
    for (lie, reason) in [
        (Lie::Silence, "it gives no answer"),
        (Lie::Nothing, "it ended without a result"),
        (
            Lie::OtherKind,
            "it made execute where compressed was asked for",
        ),
        (Lie::OtherHash, "it names the program by another hash"),
        (Lie::Forgets, "it does not keep the program"),
    ] {
        let service = service(liar(lie).await, None, IMPATIENT);
        let lost = run(&service, &proof(b"in")).await;
        assert!(
            matches!(&lost, Err(RemoteError::Lost { reason: got }) if got == reason),
            "{reason}: {lost:?}"
        );
    }
}
