//! `NetworkFile`: a network as a file has it, for chains that are not built in.
//!
//! ```toml
//! name = "devnet"
//! genesis_time = 1700000000
//! seconds_per_slot = 6
//! genesis_validators_root = "0x…"
//! [preset]
//! committee_size = 32
//! slots_per_epoch = 8
//! epochs_per_period = 8
//! [forks.genesis]
//! version = "0x00000001"
//! epoch = 0
//! ```
//!
//! and so on to `forks.fulu`; a fork without an epoch is not scheduled, and one that is left out neither.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use valence_coprocessor_ethereum_beacon::Bytes;
use valence_coprocessor_ethereum_light_client::{ChainConfig, ForkSchedule, Preset, ScheduledFork};

use crate::{Network, NetworkError};

/// The forks, oldest first, as files and nodes name them.
const FORKS: [&str; 7] = [
    "genesis",
    "altair",
    "bellatrix",
    "capella",
    "deneb",
    "electra",
    "fulu",
];

/// A network as TOML or JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkFile {
    name: String,
    genesis_time: u64,
    seconds_per_slot: u64,
    genesis_validators_root: Bytes<32>,
    preset: PresetEntry,
    forks: BTreeMap<String, ForkEntry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PresetEntry {
    committee_size: u64,
    slots_per_epoch: u64,
    epochs_per_period: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForkEntry {
    version: Bytes<4>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
}

impl NetworkFile {
    /// Reads TOML, or JSON if the text starts with a brace.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let malformed = |reason: String| NetworkError::Malformed { reason };
        if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| malformed(error.to_string()))
        } else {
            toml::from_str(text).map_err(|error| malformed(error.to_string()))
        }
    }

    /// From what a beacon node says of itself: `/eth/v1/config/spec` and `/eth/v1/beacon/genesis`. Whoever takes it for
    /// more than a draft trusts that node.
    pub fn from_node(specification: &Value, genesis: &Value) -> Result<Self, NetworkError> {
        let text = |object: &Value, name: &str| {
            let found = object["data"][name].as_str().map(str::to_owned);
            found.ok_or_else(|| NetworkError::MissingField {
                name: name.to_owned(),
            })
        };
        let number = |object: &Value, name: &str| {
            text(object, name)?
                .parse()
                .map_err(|_| NetworkError::MissingField {
                    name: name.to_owned(),
                })
        };
        let mut forks = BTreeMap::new();
        for fork in FORKS {
            let upper = fork.to_uppercase();
            let Ok(version) = text(specification, &format!("{upper}_FORK_VERSION")) else {
                continue;
            };
            let epoch = match fork {
                "genesis" => 0,
                _ => number(specification, &format!("{upper}_FORK_EPOCH"))?,
            };
            let entry = ForkEntry {
                version: bytes(&version)?,
                epoch: (epoch != ForkSchedule::NEVER).then_some(epoch),
            };
            forks.insert(fork.to_owned(), entry);
        }
        Ok(Self {
            name: text(specification, "CONFIG_NAME")?,
            genesis_time: number(genesis, "genesis_time")?,
            seconds_per_slot: number(specification, "SECONDS_PER_SLOT")?,
            genesis_validators_root: bytes(&text(genesis, "genesis_validators_root")?)?,
            preset: PresetEntry {
                committee_size: number(specification, "SYNC_COMMITTEE_SIZE")?,
                slots_per_epoch: number(specification, "SLOTS_PER_EPOCH")?,
                epochs_per_period: number(specification, "EPOCHS_PER_SYNC_COMMITTEE_PERIOD")?,
            },
            forks,
        })
    }

    /// The file's text.
    pub fn to_toml(&self) -> Result<String, NetworkError> {
        toml::to_string(self).map_err(|error| NetworkError::Malformed {
            reason: error.to_string(),
        })
    }

    /// The network, if the file's numbers make one.
    pub fn network(&self) -> Result<Network, NetworkError> {
        if let Some(name) = self
            .forks
            .keys()
            .find(|name| !FORKS.contains(&name.as_str()))
        {
            return Err(NetworkError::UnknownFork { name: name.clone() });
        }
        if self.seconds_per_slot == 0 {
            return Err(NetworkError::SecondsPerSlot);
        }
        let entry = |name: &str| self.forks.get(name);
        let forks = FORKS.map(|name| {
            let version = entry(name).map_or([0xff; 4], |fork| fork.version.0);
            let epoch = entry(name).and_then(|fork| fork.epoch);
            ScheduledFork::new(version, epoch.unwrap_or(ForkSchedule::NEVER))
        });
        let PresetEntry {
            committee_size,
            slots_per_epoch,
            epochs_per_period,
        } = self.preset;
        Ok(Network {
            name: self.name.clone(),
            config: ChainConfig {
                preset: Preset::new(committee_size, slots_per_epoch, epochs_per_period)
                    .map_err(NetworkError::Config)?,
                genesis_validators_root: self.genesis_validators_root.0,
                forks: ForkSchedule::new(forks).map_err(NetworkError::Config)?,
            },
            genesis_time: self.genesis_time,
            seconds_per_slot: self.seconds_per_slot,
        })
    }
}

fn bytes<const N: usize>(text: &str) -> Result<Bytes<N>, NetworkError> {
    serde_json::from_value(Value::from(text)).map_err(|error| NetworkError::Malformed {
        reason: error.to_string(),
    })
}
