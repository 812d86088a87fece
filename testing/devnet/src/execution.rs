//! Blocks of the execution node, by JSON-RPC.

use std::time::Duration;

use alloy_primitives::{B256, hex};
use reqwest::Client;
use serde_json::{Value, json};
use tree_hash::TreeHash as _;

use crate::{
    DevnetError,
    block::fixed,
    containers::{ExecutionPayloadHeader, Transactions, Withdrawal, Withdrawals},
};

/// A local node answers within this time or not at all.
const ANSWER: Duration = Duration::from_secs(30);

const BLOCK: &str = "eth_getBlockByNumber";

/// The execution node under the simulated chain.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionNode {
    url: String,
    client: Client,
}

impl ExecutionNode {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            client: Client::new(),
        }
    }

    /// The newest block's number.
    pub(crate) async fn newest(&self) -> Result<u64, DevnetError> {
        let method = "eth_blockNumber";
        let number = self.call(method, json!([])).await?;
        quantity(&number).ok_or(DevnetError::Malformed {
            method,
            field: "result",
        })
    }

    /// The chain id.
    pub(crate) async fn chain_id(&self) -> Result<u64, DevnetError> {
        let method = "eth_chainId";
        let id = self.call(method, json!([])).await?;
        quantity(&id).ok_or(DevnetError::Malformed {
            method,
            field: "result",
        })
    }

    /// Mines one block, at this time if the node can still have it.
    pub(crate) async fn mine(&self, newest_time: u64, time: u64) -> Result<(), DevnetError> {
        if time > newest_time {
            self.call("evm_setNextBlockTimestamp", json!([time]))
                .await?;
        }
        self.call("evm_mine", json!([])).await.map(drop)
    }

    /// A block as the header of an execution payload.
    pub(crate) async fn payload(&self, number: u64) -> Result<ExecutionPayloadHeader, DevnetError> {
        let block = self
            .call(BLOCK, json!([format!("{number:#x}"), false]))
            .await?;
        let transactions_root = self.transactions_root(&block).await?;
        Ok(ExecutionPayloadHeader {
            parent_hash: hash(&block, "parentHash")?,
            fee_recipient: field(&block, "miner", |text| text.parse().ok())?,
            state_root: hash(&block, "stateRoot")?,
            receipts_root: hash(&block, "receiptsRoot")?,
            logs_bloom: fixed(bytes(&block, "logsBloom")?)?,
            prev_randao: hash(&block, "mixHash")?,
            block_number: number_of(&block, "number")?,
            gas_limit: number_of(&block, "gasLimit")?,
            gas_used: number_of(&block, "gasUsed")?,
            timestamp: number_of(&block, "timestamp")?,
            extra_data: fixed(bytes(&block, "extraData")?)?,
            base_fee_per_gas: field(&block, "baseFeePerGas", |text| text.parse().ok())?,
            block_hash: hash(&block, "hash")?,
            transactions_root,
            withdrawals_root: withdrawals_root(&block)?,
            blob_gas_used: number_or_zero(&block, "blobGasUsed"),
            excess_blob_gas: number_or_zero(&block, "excessBlobGas"),
        })
    }

    /// The SSZ root of the transactions, which the node knows in their own encoding.
    async fn transactions_root(&self, block: &Value) -> Result<B256, DevnetError> {
        const RAW: &str = "eth_getRawTransactionByHash";
        let hashes = block["transactions"].as_array().cloned();
        let hashes = hashes.ok_or(DevnetError::Malformed {
            method: BLOCK,
            field: "transactions",
        })?;
        let mut transactions = Vec::new();
        for transaction in hashes {
            let raw = self.call(RAW, json!([transaction])).await?;
            let raw = raw.as_str().and_then(|text| hex::decode(text).ok());
            let raw = raw.ok_or(DevnetError::Malformed {
                method: RAW,
                field: "result",
            })?;
            transactions.push(fixed(raw)?);
        }
        let transactions: Transactions = fixed(transactions)?;
        Ok(transactions.tree_hash_root())
    }

    async fn call(&self, method: &'static str, parameters: Value) -> Result<Value, DevnetError> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let request = self.client.post(&self.url).json(&body).timeout(ANSWER);
        let answer = async {
            let answer = request.send().await?.error_for_status()?;
            answer.json::<Value>().await
        };
        let mut answer = answer.await.map_err(|source| DevnetError::Unreachable {
            method,
            // It may hold a key.
            source: source.without_url(),
        })?;
        match answer.get("error") {
            Some(error) => Err(DevnetError::Refused {
                method,
                message: error["message"].as_str().unwrap_or("no reason").to_owned(),
            }),
            None => Ok(answer["result"].take()),
        }
    }
}

/// The SSZ root of the withdrawals. A node that has none may leave the field out.
fn withdrawals_root(block: &Value) -> Result<B256, DevnetError> {
    let list = block["withdrawals"].as_array();
    let withdrawals: Result<Vec<Withdrawal>, DevnetError> = list
        .into_iter()
        .flatten()
        .map(|withdrawal| {
            Ok(Withdrawal {
                index: number_of(withdrawal, "index")?,
                validator_index: number_of(withdrawal, "validatorIndex")?,
                address: field(withdrawal, "address", |text| text.parse().ok())?,
                amount: number_of(withdrawal, "amount")?,
            })
        })
        .collect();
    let withdrawals: Withdrawals = fixed(withdrawals?)?;
    Ok(withdrawals.tree_hash_root())
}

fn field<T>(
    block: &Value,
    name: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, DevnetError> {
    let text = block[name].as_str();
    text.and_then(read).ok_or(DevnetError::Malformed {
        method: BLOCK,
        field: name,
    })
}

fn hash(block: &Value, name: &'static str) -> Result<B256, DevnetError> {
    field(block, name, |text| text.parse().ok())
}

fn bytes(block: &Value, name: &'static str) -> Result<Vec<u8>, DevnetError> {
    field(block, name, |text| hex::decode(text).ok())
}

fn number_of(block: &Value, name: &'static str) -> Result<u64, DevnetError> {
    quantity(&block[name]).ok_or(DevnetError::Malformed {
        method: BLOCK,
        field: name,
    })
}

/// Nodes of an older hard fork do not have the field.
fn number_or_zero(block: &Value, name: &'static str) -> u64 {
    quantity(&block[name]).unwrap_or_default()
}

fn quantity(value: &Value) -> Option<u64> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    u64::from_str_radix(digits, 16).ok()
}
