//! `Network`: a chain with what a host needs to know of it beyond its light client's configuration.

use valence_coprocessor_ethereum_light_client::{ChainConfig, HOODI, MAINNET, SEPOLIA};

/// A chain and its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The name, which ends the usual name of the domain (`ethereum-mainnet`).
    pub name: String,
    /// What states commit to.
    pub config: ChainConfig,
    /// When slot 0 began, in seconds since 1970.
    pub genesis_time: u64,
    /// `SECONDS_PER_SLOT`, at least 1.
    pub seconds_per_slot: u64,
}

impl Network {
    /// A public network by its name (`eth-clients`, `metadata/config.yaml` and genesis states).
    pub fn named(name: &str) -> Option<Self> {
        let (config, genesis_time) = match name {
            "mainnet" => (MAINNET, 1_606_824_023),
            "sepolia" => (SEPOLIA, 1_655_733_600),
            "hoodi" => (HOODI, 1_742_213_400),
            _ => return None,
        };
        Some(Self {
            name: name.to_owned(),
            config,
            genesis_time,
            seconds_per_slot: 12,
        })
    }

    /// The slot of a time in seconds since 1970; 0 before the genesis.
    pub const fn slot_at(&self, time: u64) -> u64 {
        time.saturating_sub(self.genesis_time) / self.seconds_per_slot
    }

    /// When a slot begins, in seconds since 1970.
    pub const fn time_of(&self, slot: u64) -> u64 {
        self.genesis_time
            .saturating_add(slot.saturating_mul(self.seconds_per_slot))
    }
}
