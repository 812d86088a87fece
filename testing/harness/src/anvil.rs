//! Starting anvil: an execution node with real tries, and accounts that need no keys.

use std::{path::Path, time::Duration};

use crate::{ExecutionNode, Process};

/// Long enough for a machine that is busy with something else.
const START: Duration = Duration::from_mins(1);

/// A running anvil on a free port; it mines a block for each transaction.
#[derive(Debug)]
pub struct Anvil {
    process: Process,
    node: ExecutionNode,
}

impl Anvil {
    /// Starts it; its output goes into the folder `logs`.
    pub async fn start(program: &Path, logs: &Path) -> anyhow::Result<Self> {
        // A genesis block of one fixed time: the same run makes the same blocks.
        let arguments = [
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--timestamp",
            "1700000000",
        ];
        let mut process = Process::start(program, arguments, &logs.join("anvil.log")).await?;
        let address = process
            .wait_for(START, "its address", |line| {
                line.strip_prefix("Listening on ").map(str::to_owned)
            })
            .await?;
        let node = ExecutionNode::new(&format!("http://{}", address.trim()))?;
        Ok(Self { process, node })
    }

    /// The node, to talk to.
    pub fn node(&self) -> &ExecutionNode {
        &self.node
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        self.node.url()
    }

    /// Ends it.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.process.kill().await
    }
}
