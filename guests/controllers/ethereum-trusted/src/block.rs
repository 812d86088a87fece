//! Blocks: from a hash that somebody trusts to number, state root and payload.

use serde::Deserialize;
use serde_json::{Value, json};
use valence_coprocessor_controller_sdk::{Error, ValidatedBlock, rpc};
use valence_coprocessor_ethereum_execution::{BlockHeader, hex};
use valence_coprocessor_ethereum_state_proof::{BlockHash, Header, TrustedPayload};

use crate::CHAIN;

/// The block to add.
#[derive(Clone, Debug, Deserialize)]
pub struct BlockArguments {
    /// The hash that whoever adds the block trusts.
    pub hash: String,
    /// The number that the block must have.
    #[serde(default)]
    pub number: Option<u64>,
    /// The block as a node answers it; without it, the node is asked.
    #[serde(default)]
    pub header: Option<Value>,
}

/// Checks that a header hashes to the trusted hash, and takes the facts from it.
pub fn validate_block(arguments: BlockArguments) -> Result<ValidatedBlock, Error> {
    let hash = hex::fixed("hash", &arguments.hash)?;
    let block = match arguments.header {
        Some(header) => header,
        None => rpc(CHAIN, "eth_getBlockByHash", &json!([arguments.hash, false]))?,
    };
    let header = verified(&block, BlockHash::from_bytes(hash))?;
    if let Some(expected) = arguments.number
        && expected != header.number
    {
        return Err(Error::new(format!(
            "the block has number {}, expected {expected}",
            header.number
        )));
    }
    Ok(ValidatedBlock {
        number: header.number,
        root: *header.state_root.as_bytes(),
        payload: TrustedPayload::of(&header).encode().to_vec(),
    })
}

/// The block that a node has at a number. The node names the hash: this says only what the block would be.
pub(crate) fn at_number(number: u64) -> Result<Header, Error> {
    let block = rpc(
        CHAIN,
        "eth_getBlockByNumber",
        &json!([format!("{number:#x}"), false]),
    )?;
    let hash = block["hash"]
        .as_str()
        .ok_or_else(|| Error::new(format!("the node has no block {number}")))?;
    let header = verified(&block, BlockHash::from_bytes(hex::fixed("hash", hash)?))?;
    if header.number != number {
        return Err(Error::new(format!(
            "the node answered block {} for block {number}",
            header.number
        )));
    }
    Ok(header)
}

fn verified(block: &Value, hash: BlockHash) -> Result<Header, Error> {
    if block.is_null() {
        return Err(Error::new(format!(
            "the node has no block {}",
            hex::encode(hash.as_bytes())
        )));
    }
    Ok(BlockHeader::verify(block, &hash)?.header)
}
