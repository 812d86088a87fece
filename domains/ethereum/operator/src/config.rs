//! `OperatorConfig`: what an operator is told when it is made.

use std::time::Duration;

use valence_coprocessor_ethereum_light_client::BlockRoot;
use valence_coprocessor_protocol::DomainName;

use crate::{Backoff, Clock, Network};

/// What an operator is told when it is made.
#[derive(Clone, Debug)]
pub struct OperatorConfig {
    /// The chain.
    pub network: Network,
    /// The domain that is to follow it.
    pub domain: DomainName,
    /// The block at which trust begins; needed while the domain has no block.
    pub checkpoint: Option<BlockRoot>,
    /// Most period updates in one step, at least 2: the first may only name the next committee.
    pub periods_per_step: u64,
    /// A node whose newest finalized block is older than this many epochs is stale, if another node has a newer one.
    pub stale_epochs: u64,
    /// Time between two looks at the chain once the domain is at its newest final block.
    pub interval: Duration,
    /// Waits between attempts after a failure.
    pub backoff: Backoff,
    /// Attempts in a row that may fail before [`Operator::once`](crate::Operator::once) gives up.
    pub attempts: u32,
    /// Where the time comes from.
    pub clock: Clock,
}

impl OperatorConfig {
    /// The configuration that suits a network's blocks.
    pub fn new(network: Network, domain: DomainName) -> Self {
        let epoch = network.seconds_per_slot * network.config.preset.slots_per_epoch();
        Self {
            network,
            domain,
            checkpoint: None,
            periods_per_step: 8,
            // A finalized block is two to three epochs old, and signed up to one later.
            stale_epochs: 5,
            interval: Duration::from_secs(epoch),
            backoff: Backoff::default(),
            attempts: 8,
            clock: Clock::system(),
        }
    }
}
