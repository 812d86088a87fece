//! A running HTTP server, and its end.

use std::{io, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_util::sync::DropGuard;

use crate::Faults;

/// How long answers under way may take when the server ends.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// An HTTP server with faults; it ends when this is dropped.
#[derive(Debug)]
pub struct FaultyServer {
    address: SocketAddr,
    faults: Faults,
    task: JoinHandle<io::Result<()>>,
    end: DropGuard,
}

impl FaultyServer {
    /// Serves `routes`, which faults reach by path and query, and `reliable`, which they reach only where
    /// a route calls [`Faults::serve`] itself. Port 0 takes a free one.
    pub async fn start(
        bind: SocketAddr,
        routes: Router,
        reliable: Router,
        faults: Faults,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(bind).await?;
        let address = listener.local_addr()?;
        let router = routes
            .layer(from_fn_with_state(faults.clone(), through_faults))
            .merge(reliable);
        let end = faults.end.clone();
        let ended = end.clone().cancelled_owned();
        let task = tokio::spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(ended)
                .await
        });
        Ok(Self {
            address,
            faults,
            task,
            end: end.drop_guard(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Ends it; answers under way get a moment.
    pub async fn stop(self) {
        let Self { mut task, end, .. } = self;
        drop(end);
        if timeout(LAST_ANSWERS, &mut task).await.is_err() {
            task.abort();
        }
    }
}

async fn through_faults(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let name = request
        .uri()
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string);
    faults.serve(&name, next.run(request)).await
}
