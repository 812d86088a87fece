//! `ChainConfig`: what tells one chain from another, as a state commits to it.

use alloc::vec::Vec;

use valence_coprocessor_protocol::sha256::{Compression, digest_words};

use crate::{ChainConfigDigest, ConfigError, Fork, ForkSchedule, ForkVersion};

const TAG: &[u8] = b"valence-coprocessor/1/ethereum/chain-config";

/// The largest committee of any preset.
pub(crate) const LARGEST_COMMITTEE: usize = 512;
/// The smallest committee that fills a byte of the bit vector.
const SMALLEST_COMMITTEE: u64 = 8;
/// Bound on epochs and slots in a period, so that no product of them overflows.
const LARGEST_COUNT: u64 = 1 << 20;

/// Sizes that are fixed when a client of the chain is compiled (consensus specifications, `presets/`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    committee_size: u64,
    slots_per_epoch: u64,
    epochs_per_period: u64,
}

impl Preset {
    /// Mainnet and the public test networks.
    pub const MAINNET: Self = Self {
        committee_size: 512,
        slots_per_epoch: 32,
        epochs_per_period: 256,
    };
    /// Devnets and the minimal vectors of the specifications.
    pub const MINIMAL: Self = Self {
        committee_size: 32,
        slots_per_epoch: 8,
        epochs_per_period: 8,
    };

    /// `SYNC_COMMITTEE_SIZE`, `SLOTS_PER_EPOCH` and `EPOCHS_PER_SYNC_COMMITTEE_PERIOD`.
    ///
    /// The committee is a power of two from 8 to 512; the others are at least 1 and at most 2²⁰.
    pub const fn new(
        committee_size: u64,
        slots_per_epoch: u64,
        epochs_per_period: u64,
    ) -> Result<Self, ConfigError> {
        if !committee_size.is_power_of_two()
            || committee_size < SMALLEST_COMMITTEE
            || committee_size > LARGEST_COMMITTEE as u64
        {
            return Err(ConfigError::CommitteeSize {
                got: committee_size,
            });
        }
        if slots_per_epoch == 0 || slots_per_epoch > LARGEST_COUNT {
            return Err(ConfigError::SlotsPerEpoch {
                got: slots_per_epoch,
            });
        }
        if epochs_per_period == 0 || epochs_per_period > LARGEST_COUNT {
            return Err(ConfigError::EpochsPerPeriod {
                got: epochs_per_period,
            });
        }
        Ok(Self {
            committee_size,
            slots_per_epoch,
            epochs_per_period,
        })
    }

    /// Keys in a sync committee: a power of two, at most 512.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the size is at most 512 by construction"
    )]
    pub const fn committee_size(&self) -> usize {
        self.committee_size as usize
    }

    /// Slots in an epoch.
    pub const fn slots_per_epoch(&self) -> u64 {
        self.slots_per_epoch
    }

    /// Epochs in a sync committee's period.
    pub const fn epochs_per_period(&self) -> u64 {
        self.epochs_per_period
    }

    /// `compute_epoch_at_slot`.
    pub const fn epoch(&self, slot: u64) -> u64 {
        slot / self.slots_per_epoch
    }

    /// `compute_sync_committee_period_at_slot`.
    pub const fn period(&self, slot: u64) -> u64 {
        self.epoch(slot) / self.epochs_per_period
    }
}

/// What tells one chain from another. A state commits to its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainConfig {
    /// Sizes.
    pub preset: Preset,
    /// `genesis_validators_root`, 32 bytes: part of every signature's domain.
    pub genesis_validators_root: [u8; 32],
    /// Forks with their versions and epochs.
    pub forks: ForkSchedule,
}

impl ChainConfig {
    /// What a state commits to: SHA-256 of
    ///
    /// ```text
    /// tag (43) · committee size · slots per epoch · epochs per period (8 each) · genesis validators root (32)
    ///          · 7 × ( version (4) · epoch (8) )          numbers big-endian
    /// ```
    pub fn digest(&self) -> ChainConfigDigest {
        let mut message = Vec::with_capacity(192);
        message.extend_from_slice(TAG);
        let preset = &self.preset;
        for number in [
            preset.committee_size,
            preset.slots_per_epoch,
            preset.epochs_per_period,
        ] {
            message.extend_from_slice(&number.to_be_bytes());
        }
        message.extend_from_slice(&self.genesis_validators_root);
        for fork in self.forks.forks() {
            message.extend_from_slice(fork.version.as_bytes());
            message.extend_from_slice(&fork.epoch.to_be_bytes());
        }
        ChainConfigDigest::from_words(digest_words(&mut Compression::new(), &message))
    }

    /// The fork of a slot.
    pub fn fork(&self, slot: u64) -> Fork {
        self.forks.at_epoch(self.preset.epoch(slot)).0
    }

    /// The version that a sync committee signs under if its signature stands in a block of this slot: that of
    /// the slot before (`validate_light_client_update`).
    pub fn signature_version(&self, signature_slot: u64) -> ForkVersion {
        let slot = signature_slot.max(1) - 1;
        self.forks.at_epoch(self.preset.epoch(slot)).1
    }
}
