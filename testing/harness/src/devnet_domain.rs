//! A domain that the light client follows: a simulated beacon chain over a node's blocks, and its operator.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use serde_json::Value;
use valence_coprocessor_client::Client;
use valence_coprocessor_devnet::{Devnet, DevnetConfig};
use valence_coprocessor_ethereum_light_client::BlockRoot;
use valence_coprocessor_ethereum_operator::{
    Backoff, BeaconNodes, BeaconUrl, Clock, FetchLimits, Network, NetworkFile, Operator,
    OperatorConfig, Reporter, StepProver, StepReport,
};
use valence_coprocessor_protocol::DomainName;
use valence_coprocessor_zkvm::CancellationToken;

use crate::{Coprocessor, ExecutionNode};

/// The domain whose blocks the light client accepts.
pub const DEVNET_DOMAIN: &str = "ethereum-devnet";

/// A simulated beacon chain with the operator that brings its final blocks to a service.
#[derive(Debug)]
pub struct DevnetDomain {
    devnet: Arc<Devnet>,
    network: Network,
    /// Trust begins at the chain's genesis.
    checkpoint: BlockRoot,
}

impl DevnetDomain {
    /// Starts a chain whose genesis holds the node's newest block.
    pub async fn start(node: &ExecutionNode) -> anyhow::Result<Self> {
        let devnet = Arc::new(Devnet::start(DevnetConfig::new(node.url())).await?);
        let ask = async |route: &str| -> anyhow::Result<Value> {
            let url = format!("{}{route}", devnet.url());
            let answer = reqwest::get(&url).await?.error_for_status()?;
            answer
                .json()
                .await
                .with_context(|| format!("reading {route}"))
        };
        let specification = ask("/eth/v1/config/spec").await?;
        let genesis = ask("/eth/v1/beacon/genesis").await?;
        let network = NetworkFile::from_node(&specification, &genesis)?.network()?;
        let checkpoint = BlockRoot::from_bytes(&devnet.finalized().root().0);
        Ok(Self {
            devnet,
            network,
            checkpoint,
        })
    }

    /// The beacon chain.
    pub fn devnet(&self) -> &Devnet {
        &self.devnet
    }

    /// An operator at this service. It posts what the light client reads, and the service runs it.
    pub fn operator(&self, service: &Coprocessor) -> anyhow::Result<Operator> {
        let name = DomainName::new(DEVNET_DOMAIN).context("naming the domain")?;
        // The chain is as fast as it is told to be, so its own time counts.
        let devnet = Arc::clone(&self.devnet);
        let clock = Clock::new(move || devnet.rules().time(devnet.slot()));
        // The chain is on this machine: what fails will not be mended by waiting.
        let backoff = Backoff {
            first: Duration::from_millis(20),
            longest: Duration::from_millis(20),
        };
        let config = OperatorConfig {
            checkpoint: Some(self.checkpoint),
            clock,
            backoff,
            attempts: 2,
            ..OperatorConfig::new(self.network.clone(), name)
        };
        let url = BeaconUrl::parse(&self.devnet.url()).context("the devnet has a URL")?;
        let nodes = BeaconNodes::new([url], FetchLimits::default(), backoff)?;
        let service = Client::new(service.url())?;
        let (prover, reporter) = (StepProver::Input, Reporter::silent());
        Ok(Operator::new(config, nodes, service, prover, reporter)?)
    }

    /// Makes the node's newest block final, and has the operator append it.
    pub async fn append(&self, operator: &mut Operator) -> anyhow::Result<Vec<StepReport>> {
        self.devnet.finalize().await?;
        Ok(operator.once(&CancellationToken::new()).await?)
    }
}
