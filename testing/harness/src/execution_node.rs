//! JSON-RPC to an execution node: anvil, or one of the user's.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::Client;
use serde_json::{Value, json};

/// A node that answers within this time or not at all.
const ANSWER: Duration = Duration::from_secs(30);

/// A receipt of a local node comes at once; this many looks are far more than enough.
const RECEIPT_LOOKS: u32 = 600;

/// An execution node.
#[derive(Debug, Clone)]
pub struct ExecutionNode {
    url: String,
    client: Client,
}

/// What we need to know of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its number.
    pub number: u64,
    /// Its hash, hexadecimal with `0x`.
    pub hash: String,
    /// Its state root, hexadecimal with `0x`.
    pub state_root: String,
}

impl ExecutionNode {
    /// A node at this URL.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let client = Client::builder()
            .timeout(ANSWER)
            .build()
            .context("making an HTTP client")?;
        Ok(Self {
            url: url.to_owned(),
            client,
        })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Calls a method.
    pub async fn call(&self, method: &str, parameters: Value) -> anyhow::Result<Value> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let mut answer: Value = self
            .client
            .post(&self.url)
            .json(&body)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            // The URL may hold a key: it stays out of the message.
            .map_err(reqwest::Error::without_url)
            .with_context(|| format!("calling {method}"))?
            .json()
            .await
            .with_context(|| format!("reading the answer to {method}"))?;
        if let Some(error) = answer.get("error") {
            bail!("{method} failed: {error}");
        }
        Ok(answer["result"].take())
    }

    /// The block with this tag or number, such as `latest` or `0x10`.
    pub async fn block(&self, tag: &str) -> anyhow::Result<Block> {
        let block = self
            .call("eth_getBlockByNumber", json!([tag, false]))
            .await?;
        Ok(Block {
            number: quantity(&block["number"])
                .with_context(|| format!("there is no block {tag}"))?,
            hash: text(&block["hash"])?,
            state_root: text(&block["stateRoot"])?,
        })
    }

    /// The balance of `holder` in `token` at a block, as the node computes it.
    pub async fn balance(&self, token: &str, holder: &str, number: u64) -> anyhow::Result<String> {
        // balanceOf(address)
        let data = format!("0x70a08231{}", word(holder)?);
        let call = json!([{"to": token, "data": data}, format!("{number:#x}")]);
        let word = text(&self.call("eth_call", call).await?)?;
        Ok(word.trim_start_matches("0x").to_owned())
    }

    /// Sends a transaction from an account that the node holds the key of, and waits for its receipt.
    pub async fn send(&self, transaction: Value) -> anyhow::Result<Value> {
        let hash = self
            .call("eth_sendTransaction", json!([transaction]))
            .await?;
        for _ in 0..RECEIPT_LOOKS {
            let receipt = self
                .call("eth_getTransactionReceipt", json!([hash]))
                .await?;
            if receipt.is_null() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            if receipt["status"] != "0x1" {
                bail!("transaction {hash} was reverted");
            }
            return Ok(receipt);
        }
        bail!("transaction {hash} was not mined")
    }

    /// Mines blocks without transactions (anvil only).
    pub async fn mine(&self, blocks: u64) -> anyhow::Result<()> {
        self.call("anvil_mine", json!([format!("{blocks:#x}")]))
            .await
            .map(drop)
    }

    /// The accounts that the node holds keys of.
    pub async fn accounts(&self) -> anyhow::Result<Vec<String>> {
        let accounts = self.call("eth_accounts", json!([])).await?;
        accounts
            .as_array()
            .context("accounts are a list")?
            .iter()
            .map(text)
            .collect()
    }
}

/// An address as the 32-byte word of the ABI, hexadecimal.
pub(crate) fn word(address: &str) -> anyhow::Result<String> {
    let digits = address.trim_start_matches("0x");
    if digits.len() != 40 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        bail!("`{address}` is no address");
    }
    Ok(format!("{digits:0>64}").to_lowercase())
}

fn quantity(value: &Value) -> anyhow::Result<u64> {
    let digits = value.as_str().context("a quantity is text")?;
    u64::from_str_radix(digits.trim_start_matches("0x"), 16)
        .with_context(|| format!("`{digits}` is no quantity"))
}

fn text(value: &Value) -> anyhow::Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("{value} is no text"))
}
