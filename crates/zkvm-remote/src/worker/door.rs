//! The door: who comes in, how many, and how long it may take.

use core::time::Duration;
use std::{collections::VecDeque, convert::Infallible, io, net::SocketAddr, sync::Arc};

use tokio::{
    net::TcpStream,
    sync::{Semaphore, mpsc},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    ConnectionLimits, Listener,
    admitted::{Admitted, Greeted},
    listener::Security,
};
use crate::handshake::{HandshakeError, as_worker};

/// How long to wait when no connection can be accepted, as when all file descriptors are taken.
const PAUSE: Duration = Duration::from_millis(50);

/// What it takes to admit somebody.
#[derive(Clone)]
struct Door {
    security: Option<Arc<Security>>,
    limits: ConnectionLimits,
    places: Arc<Semaphore>,
    admitted: mpsc::Sender<Result<Admitted, Infallible>>,
}

/// Why somebody was not admitted.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the handshake failed")]
    Handshake(#[source] HandshakeError),
    #[error("it closed the connection before it said anything")]
    Closed(#[source] io::Error),
    #[error("what it says is not HTTP/2")]
    NotHttp2,
    #[error("it took longer than {} s", limit.as_secs_f32())]
    TooSlow { limit: Duration },
    #[error("all {limit} connections are taken")]
    Full { limit: usize },
}

/// Accepts connections until `stop`, and hands on those that are admitted.
pub(super) async fn admit(
    listener: Listener,
    limits: ConnectionLimits,
    admitted: mpsc::Sender<Result<Admitted, Infallible>>,
    stop: CancellationToken,
) {
    let door = Door {
        security: listener.security.map(Arc::new),
        limits,
        places: Arc::new(Semaphore::new(limits.established)),
        admitted,
    };
    // Dropping the set ends whoever is still at the door.
    let mut newcomers = JoinSet::new();
    let mut oldest_first: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            Some(_) = newcomers.join_next() => continue,
            accepted = listener.socket.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(PAUSE).await;
                continue;
            }
        };
        oldest_first.retain(|newcomer| !newcomer.is_finished());
        if oldest_first.len() >= limits.newcomers
            && let Some(oldest) = oldest_first.pop_front()
        {
            oldest.abort();
        }
        oldest_first.push_back(newcomers.spawn(door.clone().meet(socket, peer)));
    }
}

impl Door {
    async fn meet(self, socket: TcpStream, peer: SocketAddr) {
        let limit = self.limits.handshake;
        let greeted = timeout(limit, self.greet(socket))
            .await
            .unwrap_or(Err(Refusal::TooSlow { limit }));
        match greeted.and_then(|greeted| self.place(greeted)) {
            // Nobody takes it any more if the worker ends.
            Ok(admitted) => drop(self.admitted.send(Ok(admitted)).await),
            Err(refusal @ Refusal::Handshake(HandshakeError::WrongSecret { .. })) => {
                tracing::warn!(%peer, error = &refusal as &dyn core::error::Error, "refused a connection");
            }
            Err(refusal) => {
                tracing::debug!(%peer, error = &refusal as &dyn core::error::Error, "refused a connection");
            }
        }
    }

    async fn greet(&self, socket: TcpStream) -> Result<Greeted, Refusal> {
        // Messages are small and waited for; whether the system does so changes no result.
        let _ = socket.set_nodelay(true);
        let greeted = match &self.security {
            None => Greeted::read(socket).await,
            Some(security) => {
                let stream = as_worker(socket, &security.identity, &security.secret)
                    .await
                    .map_err(Refusal::Handshake)?;
                Greeted::read(stream).await
            }
        };
        greeted.map_err(Refusal::Closed)?.ok_or(Refusal::NotHttp2)
    }

    fn place(&self, greeted: Greeted) -> Result<Admitted, Refusal> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Refusal::Full {
                limit: self.limits.established,
            })?;
        Ok(greeted.admit(place))
    }
}
