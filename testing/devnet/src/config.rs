//! What a devnet is started with.

use std::net::{Ipv4Addr, SocketAddr};

use alloy_primitives::B256;

use crate::{Fork, ForkSchedule, Participation, Preset};

/// What a devnet is started with.
#[derive(Debug, Clone)]
pub struct DevnetConfig {
    /// URL of the execution node, which must be one that mines when told to (anvil).
    pub execution: String,
    /// Where the beacon API listens; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The preset.
    pub preset: Preset,
    /// The forks.
    pub forks: ForkSchedule,
    /// When slot 0 begins, in seconds since 1970; by default the time of the execution node's newest block.
    pub genesis_time: Option<u64>,
    /// `SECONDS_PER_SLOT`; by default the preset's. How fast the chain grows is another matter.
    pub seconds_per_slot: Option<u64>,
    /// How many validators there are; by default twice as many as seats in a committee. With fewer than
    /// seats, committees hold keys more than once.
    pub validators: Option<usize>,
    /// What the validators' keys and the committees follow from.
    pub seed: B256,
    /// How many of a committee sign at first.
    pub participation: Participation,
}

impl DevnetConfig {
    /// A chain of the minimal preset in Electra, over this execution node.
    pub fn new(execution: &str) -> Self {
        Self {
            execution: execution.to_owned(),
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            preset: Preset::Minimal,
            forks: ForkSchedule::from_genesis(Fork::Electra),
            genesis_time: None,
            seconds_per_slot: None,
            validators: None,
            seed: B256::ZERO,
            participation: Participation::Full,
        }
    }
}
