//! `ForkSchedule`: the forks that the client knows, their versions and epochs.

use crate::ConfigError;

/// A fork of the consensus layer, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fork {
    /// Phase 0: no sync committees, so no light clients.
    Genesis,
    /// Sync committees.
    Altair,
    /// The merge. Light-client headers say nothing of the execution payload.
    Bellatrix,
    /// Light-client headers carry the header of the execution payload.
    Capella,
    /// Payload headers with `blob_gas_used` and `excess_blob_gas`.
    Deneb,
    /// Other generalized indices.
    Electra,
    /// Nothing new for light clients.
    Fulu,
}

impl Fork {
    /// All forks, oldest first.
    pub const ALL: [Self; 7] = [
        Self::Genesis,
        Self::Altair,
        Self::Bellatrix,
        Self::Capella,
        Self::Deneb,
        Self::Electra,
        Self::Fulu,
    ];
}

/// The four bytes that name a fork in what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkVersion([u8; 4]);

impl ForkVersion {
    /// Wraps the bytes.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

/// When a fork begins, and under which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledFork {
    /// The version that messages are signed under.
    pub version: ForkVersion,
    /// The first epoch; [`ForkSchedule::NEVER`] if there is none yet.
    pub epoch: u64,
}

impl ScheduledFork {
    /// From the parts as configuration files have them.
    pub const fn new(version: [u8; 4], epoch: u64) -> Self {
        Self {
            version: ForkVersion(version),
            epoch,
        }
    }
}

/// Every fork's version and epoch; epochs do not fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkSchedule([ScheduledFork; 7]);

impl ForkSchedule {
    /// `FAR_FUTURE_EPOCH`: the epoch of a fork that is not scheduled.
    pub const NEVER: u64 = u64::MAX;

    /// Checks that the forks, in the order of [`Fork::ALL`], start at epoch 0 and follow one another.
    pub const fn new(forks: [ScheduledFork; 7]) -> Result<Self, ConfigError> {
        if forks[0].epoch != 0 {
            return Err(ConfigError::GenesisEpoch {
                got: forks[0].epoch,
            });
        }
        let mut index = 1;
        while index < 7 {
            let (before, after) = (forks[index - 1].epoch, forks[index].epoch);
            if before > after {
                return Err(ConfigError::ForkOrder {
                    fork: Fork::ALL[index],
                    epoch: after,
                    before,
                });
            }
            index += 1;
        }
        Ok(Self(forks))
    }

    /// The forks in the order of [`Fork::ALL`].
    pub const fn forks(&self) -> &[ScheduledFork; 7] {
        &self.0
    }

    /// The fork that an epoch lies in, and its version (`compute_fork_version`).
    pub fn at_epoch(&self, epoch: u64) -> (Fork, ForkVersion) {
        let mut found = (Fork::Genesis, self.0[0].version);
        for (fork, scheduled) in Fork::ALL.into_iter().zip(&self.0) {
            if epoch >= scheduled.epoch {
                found = (fork, scheduled.version);
            }
        }
        found
    }
}
