//! `Worker`: serves until it is told to end.

use core::{convert::Infallible, future::Future, time::Duration};
use std::sync::Arc;

use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use tonic::transport::{Server, server::Router};
use valence_coprocessor_zkvm::Zkvm;

use super::{
    Listener, ProgramCache, WorkerConfig, admitted::Admitted, door, queue::Queue, service::Service,
};
use crate::protocol::{CONNECTION_WINDOW, ENVELOPE, STREAM_WINDOW, prover_server::ProverServer};

/// Admitted connections that may wait for the server.
const ADMITTED: usize = 16;

/// How long connections may take to close, once no work is left.
const FAREWELL: Duration = Duration::from_secs(5);

/// Streams of one connection at once.
const STREAMS: u32 = 1024;

/// Serves a zkVM to services.
#[derive(Debug)]
pub struct Worker(Service);

/// Why a worker stopped serving.
#[derive(Debug, thiserror::Error)]
#[error("the worker's server failed")]
pub struct ServeError(#[source] tonic::transport::Error);

impl Worker {
    /// A worker over `zkvm`, which stays the caller's to shut down.
    pub fn new(zkvm: Arc<dyn Zkvm>, programs: ProgramCache, config: WorkerConfig) -> Self {
        Self(Service {
            zkvm,
            programs,
            queue: Queue::new(config.slots, config.queue, config.queue_bytes),
            uploads: Semaphore::new(config.connections.uploads),
            jobs: TaskTracker::new(),
            closing: CancellationToken::new(),
            ending: CancellationToken::new(),
            config,
        })
    }

    /// Serves until `stop`. Then nothing new is taken, what waits is sent back at once, and what runs has
    /// [`WorkerConfig::drain`] to end before it is given up.
    pub async fn serve(
        self,
        listener: Listener,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let (sender, connections) = mpsc::channel::<Result<Admitted, Infallible>>(ADMITTED);
        let _door = AbortOnDropHandle::new(tokio::spawn(door::admit(
            listener,
            self.0.config.connections,
            sender.clone(),
            stop.clone(),
        )));
        let ending = Ending {
            jobs: self.0.jobs.clone(),
            closing: self.0.closing.clone(),
            giving_up: self.0.ending.clone(),
            drain: self.0.config.drain,
        };
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<ProverServer<Service>>().await;
        let router = self.router().add_service(health_service);
        let ended = CancellationToken::new();
        // The server ends with its last sender; until all work has ended there must be one.
        let _open = sender;
        let end = async {
            stop.cancelled().await;
            ending.closing.cancel();
            health.set_not_serving::<ProverServer<Service>>().await;
            ending.run().await;
            ended.cancel();
        };
        let serving = router.serve_with_incoming_shutdown(ReceiverStream::new(connections), end);
        served(serving, &ended).await
    }

    fn router(self) -> Router {
        let connections = self.0.config.connections;
        let largest = self.0.config.input_bytes.saturating_add(ENVELOPE);
        Server::builder()
            .http2_keepalive_interval(Some(connections.keep_alive))
            .http2_keepalive_timeout(Some(connections.keep_alive))
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .add_service(
                ProverServer::new(self.0)
                    .max_decoding_message_size(largest)
                    .max_encoding_message_size(usize::MAX),
            )
    }
}

/// How a worker's work ends.
struct Ending {
    jobs: TaskTracker,
    closing: CancellationToken,
    giving_up: CancellationToken,
    drain: Duration,
}

impl Ending {
    async fn run(&self) {
        self.jobs.close();
        if timeout(self.drain, self.jobs.wait()).await.is_err() {
            self.giving_up.cancel();
            // Each now has its last event to send, which a service that does not read must not hold up.
            let _ = timeout(FAREWELL, self.jobs.wait()).await;
        }
    }
}

/// Serves until every connection is closed, or has had its time for it.
async fn served(
    serving: impl Future<Output = Result<(), tonic::transport::Error>>,
    ended: &CancellationToken,
) -> Result<(), ServeError> {
    let late = async {
        ended.cancelled().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        served = serving => served.map_err(ServeError),
        () = late => Ok(()),
    }
}
