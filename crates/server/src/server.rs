//! The server: accepts connections, bounds their number and time, and stops without dropping what it has begun.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;
use tracing::{debug, warn};
use valence_coprocessor::Engine;

use crate::{
    ServerConfig, ServerError,
    connection::Connection,
    routes::{router, specification::Documents},
    state::ServerState,
};

const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-type: application/json\r\n\
content-length: 97\r\n\r\n{\"code\":\"overloaded\",\"message\":\"too many connections; try again in a moment\",\"request_id\":\"none\"}";

/// A bound server.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    state: ServerState,
}

impl Server {
    /// Takes the address, without answering yet.
    pub async fn bind(config: ServerConfig, engine: Engine) -> Result<Self, ServerError> {
        let address = config.bind;
        let failed = |source| ServerError::Bind { address, source };
        let documents = Documents::new(&config.version)?;
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let state = ServerState::new(config, engine, documents);
        Ok(Self {
            listener,
            address,
            router: router(state.clone()),
            state,
        })
    }

    /// The address that it listens on.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop` is cancelled, then lets open requests finish for a bounded time.
    pub async fn run(self, stop: CancellationToken) {
        let slots = Arc::new(Semaphore::new(self.state.config.limits.connections));
        let tasks = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    if let Ok(slot) = Arc::clone(&slots).try_acquire_owned() {
                        let serve = serve(
                            stream,
                            slot,
                            self.router.clone(),
                            self.state.clone(),
                            stop.clone(),
                        );
                        tasks.spawn(serve);
                    } else {
                        self.state
                            .metrics
                            .connections_refused
                            .fetch_add(1, Ordering::Relaxed);
                        tasks.spawn(refuse(stream));
                    }
                }
                Err(error) => {
                    // Out of file descriptors: those that are open must end before another can begin.
                    warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        self.state.stop.cancel();
        tasks.close();
        if timeout(self.state.config.limits.drain_time, tasks.wait())
            .await
            .is_err()
        {
            warn!(open = tasks.len(), "stopped while requests were open");
        }
    }
}

async fn serve(
    stream: TcpStream,
    slot: OwnedSemaphorePermit,
    router: Router,
    state: ServerState,
    stop: CancellationToken,
) {
    let limits = &state.config.limits;
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "cannot set TCP_NODELAY");
    }
    state.metrics.connections.fetch_add(1, Ordering::Relaxed);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(match router.oneshot(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            })
        }
    });
    let io = TokioIo::new(Connection::new(stream, limits.write_time));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(64)
        .serve_connection(io, service);
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        debug!(%error, "connection ended early");
    }
    state.metrics.connections.fetch_sub(1, Ordering::Relaxed);
    drop(slot);
}

async fn refuse(mut stream: TcpStream) {
    let answer = async {
        stream.write_all(BUSY).await?;
        stream.shutdown().await
    };
    if let Ok(Err(error)) = timeout(Duration::from_secs(1), answer).await {
        debug!(%error, "cannot refuse a connection");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_answer_to_a_connection_too_many_is_well_formed() {
        let text = std::str::from_utf8(super::BUSY).expect("it is text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(
            head.contains(&format!("content-length: {}", body.len())),
            "{}",
            body.len()
        );
        let body: valence_coprocessor_api::ErrorBody =
            serde_json::from_str(body).expect("an error object");
        assert_eq!(body.code, valence_coprocessor_api::ErrorCode::Overloaded);
    }
}
