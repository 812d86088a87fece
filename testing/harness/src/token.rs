//! The token of demo and scenarios: deploying it and moving it.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::{ExecutionNode, execution_node::word};

/// What `node token/compile.js` makes of token/Token.sol.
const CREATION_CODE: &str = include_str!("../token/Token.hex");

/// The first contract that anvil's first account creates: the example's circuit names this address.
const FIRST_CONTRACT: &str = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

/// What exists of the token, in its smallest unit.
const SUPPLY: u128 = 1_000_000_000_000_000_000_000_000;

/// A deployed token.
#[derive(Debug, Clone)]
pub struct Token {
    address: String,
    owner: String,
}

impl Token {
    /// Creates it as the first transaction of the node's first account, which then holds all of it.
    pub async fn deploy(node: &ExecutionNode) -> anyhow::Result<Self> {
        let owner = node
            .accounts()
            .await?
            .into_iter()
            .next()
            .context("the node holds no account")?;
        let code = format!("0x{}{SUPPLY:064x}", CREATION_CODE.trim());
        let receipt = node.send(json!({"from": owner, "data": code})).await?;
        let address = receipt["contractAddress"]
            .as_str()
            .context("the receipt names the contract")?
            .to_owned();
        ensure!(
            address.eq_ignore_ascii_case(FIRST_CONTRACT),
            "the token lies at {address}, not at {FIRST_CONTRACT}: the node is not fresh"
        );
        Ok(Self { address, owner })
    }

    /// Where it lies.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Who holds what nobody was given.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Moves some of it from the owner; the block that holds the move is mined when this returns.
    pub async fn transfer(
        &self,
        node: &ExecutionNode,
        to: &str,
        value: u128,
    ) -> anyhow::Result<()> {
        node.send(self.transaction(to, value)?).await.map(drop)
    }

    /// Moves some of it several times in one block (anvil only).
    pub async fn transfer_together(
        &self,
        node: &ExecutionNode,
        to: &str,
        values: &[u128],
    ) -> anyhow::Result<()> {
        node.call("evm_setAutomine", json!([false])).await?;
        for value in values {
            let transaction = self.transaction(to, *value)?;
            node.call("eth_sendTransaction", json!([transaction]))
                .await?;
        }
        node.mine(1).await?;
        node.call("evm_setAutomine", json!([true])).await.map(drop)
    }

    fn transaction(&self, to: &str, value: u128) -> anyhow::Result<Value> {
        // transfer(address,uint256)
        let data = format!("0xa9059cbb{}{value:064x}", word(to)?);
        Ok(json!({"from": self.owner, "to": self.address, "data": data}))
    }
}
