//! How the example and its domain are asked: the arguments of their controllers.

use serde_json::{Value, json};

use crate::{ExecutionNode, execution_node::Block};

/// The domain whose blocks are taken on trust.
pub const TRUSTED_DOMAIN: &str = "ethereum-trusted";

/// What `validate_block` of the trusted domain takes.
pub async fn block_arguments(node: &ExecutionNode, number: u64) -> anyhow::Result<(Block, Value)> {
    let block = node.block(&format!("{number:#x}")).await?;
    let arguments = json!({"number": block.number, "hash": block.hash});
    Ok((block, arguments))
}

/// What `get_witnesses` of the example takes: whose balance of the demo's token, at which block.
pub fn balance_arguments(holder: &str, number: u64) -> Value {
    json!({"holder": holder, "number": number})
}

/// The same in blocks that the light client has accepted.
pub fn balance_on_devnet_arguments(holder: &str, number: u64) -> Value {
    json!({"holder": holder, "number": number, "domain": "ethereum-devnet"})
}

/// The same for USDC on mainnet.
pub fn balance_of_usdc_arguments(holder: &str, number: u64) -> Value {
    json!({"holder": holder, "number": number, "token": "usdc"})
}
