//! Forks, their versions, and when they begin.

use serde::{Deserialize, Serialize};

use crate::DevnetError;

/// `FAR_FUTURE_EPOCH`: a fork that is not scheduled.
pub const FAR_FUTURE_EPOCH: u64 = u64::MAX;

/// `MAX_BLOBS_PER_BLOCK_ELECTRA`, which counts while no blob schedule is configured.
pub const MAX_BLOBS_PER_BLOCK_ELECTRA: u64 = 9;

/// A fork whose light-client objects carry execution headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fork {
    /// Execution headers appear in light-client headers.
    Capella,
    /// Payloads count blob gas.
    Deneb,
    /// The state has more than 32 fields: generalized indices change.
    Electra,
    /// The state has one field more; the fork digest depends on the blob schedule.
    Fulu,
}

impl Fork {
    /// All, oldest first.
    pub const ALL: [Self; 4] = [Self::Capella, Self::Deneb, Self::Electra, Self::Fulu];

    /// As the beacon API writes it in `version` and `Eth-Consensus-Version`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capella => "capella",
            Self::Deneb => "deneb",
            Self::Electra => "electra",
            Self::Fulu => "fulu",
        }
    }

    /// Its version, as the minimal configuration of the consensus specs has it: number of the fork, 0, 0, 1.
    pub const fn version(self) -> [u8; 4] {
        let number = match self {
            Self::Capella => 3,
            Self::Deneb => 4,
            Self::Electra => 5,
            Self::Fulu => 6,
        };
        [number, 0, 0, 1]
    }
}

/// `GENESIS_FORK_VERSION`.
pub const GENESIS_FORK_VERSION: [u8; 4] = [0, 0, 0, 1];

/// The epoch at which each fork begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForkSchedule {
    epochs: [u64; 4],
}

impl ForkSchedule {
    /// One fork from genesis on.
    pub const fn from_genesis(fork: Fork) -> Self {
        let mut epochs = [FAR_FUTURE_EPOCH; 4];
        let mut at = 0;
        while at <= fork as usize {
            epochs[at] = 0;
            at += 1;
        }
        Self { epochs }
    }

    /// The same, and `fork` from `epoch` on. Forks between the last one and this one begin with it.
    pub fn then(self, fork: Fork, epoch: u64) -> Result<Self, DevnetError> {
        let last = self.epochs.iter().filter(|at| **at != FAR_FUTURE_EPOCH);
        let begun = last.clone().count();
        let newest = last.max().copied().unwrap_or_default();
        if (fork as usize) < begun || epoch <= newest {
            return Err(DevnetError::ForkOrder { fork, epoch });
        }
        let mut epochs = self.epochs;
        epochs[begun..=fork as usize].fill(epoch);
        Ok(Self { epochs })
    }

    /// The epoch at which `fork` begins, `FAR_FUTURE_EPOCH` if never.
    pub const fn epoch(&self, fork: Fork) -> u64 {
        self.epochs[fork as usize]
    }

    /// The fork of an epoch.
    pub fn at(&self, epoch: u64) -> Fork {
        let begun = Fork::ALL
            .into_iter()
            .rfind(|fork| self.epoch(*fork) <= epoch);
        // Every schedule begins with a fork at epoch 0.
        begun.unwrap_or(Fork::Capella)
    }

    /// What `state.fork` says in an epoch: previous version, current version, and since when.
    pub fn state_fork(&self, epoch: u64) -> ([u8; 4], [u8; 4], u64) {
        let current = self.at(epoch);
        let since = self.epoch(current);
        let previous = match since.checked_sub(1) {
            Some(before) => self.at(before),
            None => current,
        };
        (previous.version(), current.version(), since)
    }
}

#[cfg(test)]
mod tests {
    use super::{FAR_FUTURE_EPOCH, Fork, ForkSchedule};

    #[test]
    fn forks_between_begin_together() {
        let schedule = ForkSchedule::from_genesis(Fork::Capella)
            .then(Fork::Electra, 4)
            .expect("later");
        assert_eq!(schedule.at(3), Fork::Capella);
        assert_eq!(schedule.at(4), Fork::Electra);
        assert_eq!(schedule.epoch(Fork::Deneb), 4);
        assert_eq!(schedule.epoch(Fork::Fulu), FAR_FUTURE_EPOCH);
        assert_eq!(schedule.state_fork(5), ([3, 0, 0, 1], [5, 0, 0, 1], 4));
        assert_eq!(schedule.state_fork(0), ([3, 0, 0, 1], [3, 0, 0, 1], 0));
    }

    #[test]
    fn forks_keep_their_order() {
        let schedule = ForkSchedule::from_genesis(Fork::Electra);
        assert!(schedule.then(Fork::Deneb, 3).is_err());
        assert!(schedule.then(Fork::Electra, 3).is_err());
        assert!(schedule.then(Fork::Fulu, 0).is_err());
        assert!(schedule.then(Fork::Fulu, 1).is_ok());
    }
}
