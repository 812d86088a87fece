//! One connection to a worker: made when needed, kept while it works.

use core::time::Duration;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

use super::{RemoteConfig, WorkerAddress};
use crate::{
    Secret,
    handshake::{HandshakeError, Trust, as_service},
    protocol::{CONNECTION_WINDOW, STREAM_WINDOW},
};

/// Why there is no connection to a worker.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The name has no address.
    #[error("the address of {host} cannot be found")]
    Resolve {
        /// The name.
        host: String,
        /// What the system says.
        source: io::Error,
    },
    /// A name without TLS that leads away from this machine.
    #[error("{host} is not on this machine: use https:// and a secret")]
    PlaintextOffLoopback {
        /// The name.
        host: String,
    },
    /// Nobody answers.
    #[error("nobody answers at {host}")]
    Connect {
        /// The name.
        host: String,
        /// What the system says.
        source: io::Error,
    },
    /// It took too long.
    #[error("there was no connection within {} s", limit.as_secs_f32())]
    Timeout {
        /// What it may take.
        limit: Duration,
    },
    /// It is no worker that knows the secret.
    #[error("the handshake failed")]
    Handshake(#[source] HandshakeError),
    /// It does not speak HTTP/2.
    #[error("HTTP/2 could not begin")]
    Http2(#[source] tonic::transport::Error),
}

/// Finds the addresses of a host and a port. Whoever lets strangers name workers gives one that answers only addresses which
/// strangers may reach: what it answers is connected to, and nothing is looked up again.
pub type Lookup =
    Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Asks the system.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|host, port| async move { Ok(lookup_host((host, port)).await?.collect()) }.boxed())
}

/// How to reach one worker.
#[derive(Clone)]
pub(super) struct Dial {
    pub(super) address: WorkerAddress,
    pub(super) lookup: Lookup,
    pub(super) secret: Option<Secret>,
    pub(super) trust: Trust,
    pub(super) config: RemoteConfig,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<Stream: AsyncRead + AsyncWrite + Send + Unpin> Duplex for Stream {}

impl Dial {
    /// Makes a connection that does not make itself anew: whoever uses it should know when it is lost.
    pub(super) async fn connect(&self) -> Result<Channel, ConnectError> {
        let limit = self.config.connect;
        let connected = async {
            let stream = self.stream().await?;
            self.channel(stream).await
        };
        timeout(limit, connected)
            .await
            .unwrap_or(Err(ConnectError::Timeout { limit }))
    }

    async fn stream(&self) -> Result<Box<dyn Duplex>, ConnectError> {
        let socket = self.socket().await?;
        let Some(secret) = self.secret.as_ref().filter(|_| self.address.secured) else {
            return Ok(Box::new(socket));
        };
        let stream = as_service(socket, &self.trust, secret, self.config.connect)
            .await
            .map_err(ConnectError::Handshake)?;
        Ok(Box::new(stream))
    }

    async fn socket(&self) -> Result<TcpStream, ConnectError> {
        let host = || self.address.host.clone();
        let resolved = (self.lookup)(host(), self.address.port)
            .await
            .map_err(|source| ConnectError::Resolve {
                host: host(),
                source,
            })?;
        let addresses: Vec<SocketAddr> = resolved
            .into_iter()
            .filter(|address| self.address.secured || address.ip().to_canonical().is_loopback())
            .collect();
        if addresses.is_empty() {
            return Err(ConnectError::PlaintextOffLoopback { host: host() });
        }
        let socket = TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|source| ConnectError::Connect {
                host: host(),
                source,
            })?;
        // Messages are small and waited for; whether the system does so changes no result.
        let _ = socket.set_nodelay(true);
        Ok(socket)
    }

    async fn channel(&self, stream: Box<dyn Duplex>) -> Result<Channel, ConnectError> {
        let once = Arc::new(Mutex::new(Some(stream)));
        let connector = service_fn(move |_: Uri| {
            let stream = once.lock().ok().and_then(|mut stream| stream.take());
            core::future::ready(
                stream
                    .map(TokioIo::new)
                    .ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)),
            )
        });
        // The name goes into requests and is looked at by nobody: a fixed one says nothing about networks.
        Endpoint::from_static("http://worker")
            .http2_keep_alive_interval(self.config.keep_alive)
            .keep_alive_timeout(self.config.keep_alive)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .connect_with_connector(connector)
            .await
            .map_err(ConnectError::Http2)
    }
}
