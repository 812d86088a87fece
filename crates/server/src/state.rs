//! What every handler shares.

use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use valence_coprocessor::{Engine, Trust};

use crate::{ServerConfig, metrics::Metrics, routes::specification::Documents};

/// What every handler shares; clones are cheap.
#[derive(Debug, Clone)]
pub(crate) struct ServerState(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) config: ServerConfig,
    pub(crate) metrics: Metrics,
    pub(crate) documents: Documents,
    pub(crate) requests: Semaphore,
    pub(crate) deployments: Semaphore,
    pub(crate) event_streams: Arc<Semaphore>,
    /// Cancelled when the server stops, so that event streams end.
    pub(crate) stop: CancellationToken,
    /// Are blocks taken without proof?
    pub(crate) dev: bool,
    pub(crate) mode: HeaderValue,
}

impl ServerState {
    pub(crate) fn new(config: ServerConfig, engine: Engine, documents: Documents) -> Self {
        let dev = engine.trust() == Trust::Dev;
        Self(Arc::new(Shared {
            metrics: Metrics::new(),
            requests: Semaphore::new(config.limits.requests),
            deployments: Semaphore::new(config.limits.deployments),
            event_streams: Arc::new(Semaphore::new(config.limits.event_streams)),
            stop: CancellationToken::new(),
            mode: HeaderValue::from_static(if dev { "dev" } else { "elected" }),
            dev,
            engine,
            config,
            documents,
        }))
    }
}

impl std::ops::Deref for ServerState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
