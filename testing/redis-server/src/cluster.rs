//! A cluster of masters, each with a part of the slots.

use anyhow::Context as _;

use crate::{RedisServer, wait_until};

const SLOTS: usize = 16_384;

/// A cluster without replicas.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts this many masters and waits until they agree.
    pub fn start(masters: usize) -> anyhow::Result<Self> {
        let mut nodes = Vec::new();
        for _ in 0..masters {
            nodes.push(RedisServer::start_with(&["--cluster-enabled", "yes"])?);
        }
        for (position, node) in nodes.iter().enumerate() {
            let first = position * SLOTS / masters;
            let last = (position + 1) * SLOTS / masters - 1;
            let (first, last) = (first.to_string(), last.to_string());
            let (): () = node.command(&["CLUSTER", "ADDSLOTSRANGE", &first, &last])?;
            let (): () =
                node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(position + 1).to_string()])?;
        }
        let first = nodes.first().context("a cluster has a node")?;
        for other in &nodes[1..] {
            let port = other.port().to_string();
            let (): () = first.command(&["CLUSTER", "MEET", "127.0.0.1", &port])?;
        }
        wait_until("the nodes of a cluster to agree", || {
            nodes.iter().all(|node| {
                let state: anyhow::Result<String> = node.command(&["CLUSTER", "INFO"]);
                let expected = format!("cluster_known_nodes:{masters}\r");
                state
                    .is_ok_and(|text| text.contains("cluster_state:ok") && text.contains(&expected))
            })
        })?;
        Ok(Self { nodes })
    }

    /// Its nodes.
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// Its URL, which names every node.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.nodes.iter().map(RedisServer::address).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }
}
