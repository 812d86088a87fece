//! A sentinel, which watches a server and puts a replica in its place.

use crate::{RedisServer, wait_until};

/// The name under which the sentinel knows the servers.
const MASTER: &str = "valence";

/// One sentinel; it alone decides, so a fail-over comes a second after a server stops answering.
#[derive(Debug)]
pub struct Sentinel {
    server: RedisServer,
}

impl Sentinel {
    /// Watches a server, and waits until it knows of `replicas` of them.
    pub fn start(primary: &RedisServer, replicas: usize) -> anyhow::Result<Self> {
        let port = primary.port();
        let text = format!(
            "sentinel monitor {MASTER} 127.0.0.1 {port} 1\n\
             sentinel down-after-milliseconds {MASTER} 500\n\
             sentinel failover-timeout {MASTER} 5000\n"
        );
        let server = RedisServer::start_sentinel(&text)?;
        let sentinel = Self { server };
        wait_until("the sentinel to know the replicas", || {
            let known: anyhow::Result<Vec<redis::Value>> =
                sentinel.server.command(&["SENTINEL", "REPLICAS", MASTER]);
            known.is_ok_and(|known| known.len() == replicas)
        })?;
        Ok(sentinel)
    }

    /// The URL of whatever server is the master.
    pub fn url(&self) -> String {
        format!("redis+sentinel://{}/{MASTER}", self.server.address())
    }
}
