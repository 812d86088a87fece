//! What the demo proves: how much of a token somebody holds, and on which chain.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;
use valence_coprocessor_harness::{
    Anvil, Artifacts, Coprocessor, DEVNET_DOMAIN, DevnetDomain, ExecutionNode, Guest, Programs,
    TRUSTED_DOMAIN, Token, balance_of_usdc_arguments, balance_on_devnet_arguments, block_arguments,
};

use crate::{
    arguments::Arguments,
    report::{self, Report},
};

/// Whose balance is proven on a local node: anvil's second account.
const HOLDER: &str = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
/// USDC on Ethereum's mainnet, which the example has a circuit for.
const USDC: &str = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";
/// How much is moved before each block that is proven; the first one is proven at, to show that it stays provable.
const MOVES: [u128; 2] = [1_000, 200];

/// What is to be proven, and where to ask.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) node: ExecutionNode,
    pub(crate) example: Guest,
    pub(crate) token: String,
    pub(crate) holder: String,
    chain: Chain,
}

/// Where the blocks come from.
#[derive(Debug)]
enum Chain {
    /// A local node under a simulated beacon chain, which the light client follows.
    Devnet(Box<Local>),
    /// A node of the user's, whose newest blocks are taken on trust.
    Trusted { newest: u64 },
}

/// What runs on this machine.
#[derive(Debug)]
struct Local {
    anvil: Anvil,
    domain: DevnetDomain,
    token: Token,
}

impl Subject {
    pub(crate) async fn choose(
        arguments: &Arguments,
        programs: &Programs,
        folder: &Path,
        report: &Report,
    ) -> anyhow::Result<Self> {
        match &arguments.rpc {
            Some(url) => Self::on_a_node_of_the_user(url, arguments, report).await,
            None => Self::on_a_local_node(programs, folder, arguments, report).await,
        }
    }

    /// Starts a fresh node with a beacon chain above it, and creates the token.
    async fn on_a_local_node(
        programs: &Programs,
        folder: &Path,
        arguments: &Arguments,
        report: &Report,
    ) -> anyhow::Result<Self> {
        report::say(
            "The light client of this demo is run, not proven: `--kind` is about the balance.",
        );
        let step = report.step("execution node");
        let anvil = Anvil::start(&programs.anvil, folder).await?;
        step.done(&format!("anvil at {}", anvil.url()));
        let step = report.step("beacon chain");
        let domain = DevnetDomain::start(anvil.node()).await?;
        step.done(&format!("simulated, at {}", domain.devnet().url()));
        let step = report.step("token");
        let token = Token::deploy(anvil.node()).await?;
        step.done(token.address());
        Ok(Self {
            node: anvil.node().clone(),
            example: Artifacts::default().storage_proof_on_devnet()?,
            token: token.address().to_owned(),
            holder: arguments.holder.as_deref().unwrap_or(HOLDER).to_owned(),
            chain: Chain::Devnet(Box::new(Local {
                anvil,
                domain,
                token,
            })),
        })
    }

    /// Takes the newest blocks of mainnet, and USDC.
    async fn on_a_node_of_the_user(
        url: &str,
        arguments: &Arguments,
        report: &Report,
    ) -> anyhow::Result<Self> {
        report::say(
            "The blocks of your node are trusted, not proven: no light client checks them.",
        );
        let step = report.step("execution node");
        let node = ExecutionNode::new(url)?;
        let newest = node.block("latest").await?.number;
        let holder = arguments.holder.clone().context("--rpc needs --holder")?;
        step.done(&format!("yours, at block {newest}"));
        Ok(Self {
            node,
            example: Artifacts::default().storage_proof_of_usdc()?,
            token: USDC.to_owned(),
            holder,
            chain: Chain::Trusted { newest },
        })
    }

    /// The name of the domain.
    pub(crate) const fn domain(&self) -> &'static str {
        match self.chain {
            Chain::Devnet(_) => DEVNET_DOMAIN,
            Chain::Trusted { .. } => TRUSTED_DOMAIN,
        }
    }

    /// Controller and light client of the domain.
    pub(crate) fn guest(&self) -> anyhow::Result<Guest> {
        match self.chain {
            Chain::Devnet(_) => Artifacts::default().ethereum(),
            Chain::Trusted { .. } => Artifacts::default().ethereum_trusted(),
        }
    }

    /// What the example's controller is asked.
    pub(crate) fn arguments(&self, number: u64) -> Value {
        match self.chain {
            Chain::Devnet(_) => balance_on_devnet_arguments(&self.holder, number),
            Chain::Trusted { .. } => balance_of_usdc_arguments(&self.holder, number),
        }
    }

    /// Brings blocks to the service; answers the one to prove at. It is not the newest where there are several, since
    /// every block stays provable.
    pub(crate) async fn feed(&self, service: &Coprocessor, report: &Report) -> anyhow::Result<u64> {
        match &self.chain {
            Chain::Devnet(local) => self.follow(local, service, report).await,
            Chain::Trusted { newest } => {
                for number in [newest.saturating_sub(1), *newest] {
                    self.trust(number, service, report).await?;
                }
                Ok(*newest)
            }
        }
    }

    /// Moves some of the token, makes that final, and has the light client follow, several times.
    async fn follow(
        &self,
        local: &Local,
        service: &Coprocessor,
        report: &Report,
    ) -> anyhow::Result<u64> {
        let Local { domain, token, .. } = local;
        let mut operator = domain.operator(service)?;
        let mut appended = Vec::new();
        for value in MOVES {
            let step = report.step("light client");
            token.transfer(&self.node, &self.holder, value).await?;
            let steps = domain.append(&mut operator).await?;
            let updates: usize = steps.iter().map(|step| step.updates).sum();
            let last = steps.last().context("the move became final")?;
            step.done(&format!(
                "{value} moved; {updates} updates to block {} with state root {}; root is now {}",
                last.number,
                short(&last.state_root),
                short(last.root.as_deref().unwrap_or_default())
            ));
            appended.push(last.number);
        }
        appended.first().copied().context("a block was appended")
    }

    async fn trust(
        &self,
        number: u64,
        service: &Coprocessor,
        report: &Report,
    ) -> anyhow::Result<()> {
        let step = report.step("add block");
        let (block, arguments) = block_arguments(&self.node, number).await?;
        service
            .add_block(TRUSTED_DOMAIN, &arguments)
            .await?
            .expect_status(200)?;
        step.done(&format!(
            "{} with state root {}, trusted; root is now {}",
            block.number,
            short(&block.state_root),
            short(&service.root().await?)
        ));
        Ok(())
    }

    /// Stops what was started for it.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        match self.chain {
            Chain::Devnet(local) => local.anvil.stop().await,
            Chain::Trusted { .. } => Ok(()),
        }
    }
}

/// The beginning of a hash, enough to tell it from others by eye.
fn short(hash: &str) -> String {
    let digits = hash.trim_start_matches("0x");
    format!("{}…", digits.get(..8).unwrap_or(digits))
}
