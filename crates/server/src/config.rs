//! What a server is told when it is bound.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

/// What a server is told when it is bound.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Version that `stats` and `health` name.
    pub version: String,
    /// How much of everything.
    pub limits: ServerLimits,
    /// What `/metrics` says beside what the server itself counts.
    pub engine_metrics: EngineMetrics,
}

/// Where the server takes the metrics of the engine from, in the text form of Prometheus; by default it has none.
#[derive(Clone, Default)]
pub struct EngineMetrics(Option<Arc<dyn Fn() -> String + Send + Sync>>);

impl EngineMetrics {
    /// What `render` returns, asked at each request.
    pub fn new(render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(render)))
    }

    pub(crate) fn render(&self) -> String {
        self.0.as_ref().map(|render| render()).unwrap_or_default()
    }
}

impl fmt::Debug for EngineMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EngineMetrics")
    }
}

/// How much of everything, so that one client delays only itself.
#[derive(Debug, Clone)]
pub struct ServerLimits {
    /// Connections at once; further ones are told to come back.
    pub connections: usize,
    /// Requests at once that make a controller or the store work.
    pub requests: usize,
    /// Deployments at once; each may hold its whole body in memory.
    pub deployments: usize,
    /// Event streams at once.
    pub event_streams: usize,
    /// Bytes of the body of a deployment.
    pub deployment_bytes: usize,
    /// Bytes of every other body.
    pub body_bytes: usize,
    /// Time for the head of a request to arrive, and for an idle connection to be used again.
    pub head_time: Duration,
    /// Time for a body to arrive.
    pub body_time: Duration,
    /// Time for which a client may leave an answer unread.
    pub write_time: Duration,
    /// Time that open requests get when the server stops.
    pub drain_time: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            connections: 4_096,
            requests: 512,
            deployments: 4,
            event_streams: 2_048,
            // A controller of 16 MiB and a circuit of 64 MiB in base64.
            deployment_bytes: 110 * MIB,
            // A file of 16 MiB in base64.
            body_bytes: 24 * MIB,
            head_time: Duration::from_secs(20),
            body_time: Duration::from_mins(2),
            write_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(5),
        }
    }
}
