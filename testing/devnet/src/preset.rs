//! The two presets of the consensus specs, as far as light clients see them.

use serde::{Deserialize, Serialize};

/// Compile-time constants of a chain (consensus-specs, `presets/`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Small: 32 members, periods of 64 slots.
    Minimal,
    /// Ethereum's: 512 members, periods of 8,192 slots.
    Mainnet,
}

impl Preset {
    /// `PRESET_BASE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Mainnet => "mainnet",
        }
    }

    /// `SLOTS_PER_EPOCH`.
    pub const fn slots_per_epoch(self) -> u64 {
        match self {
            Self::Minimal => 8,
            Self::Mainnet => 32,
        }
    }

    /// `EPOCHS_PER_SYNC_COMMITTEE_PERIOD`.
    pub const fn epochs_per_period(self) -> u64 {
        match self {
            Self::Minimal => 8,
            Self::Mainnet => 256,
        }
    }

    /// `SYNC_COMMITTEE_SIZE`.
    pub const fn committee_size(self) -> usize {
        match self {
            Self::Minimal => 32,
            Self::Mainnet => 512,
        }
    }

    /// `SECONDS_PER_SLOT`, unless the configuration says otherwise.
    pub const fn seconds_per_slot(self) -> u64 {
        match self {
            Self::Minimal => 6,
            Self::Mainnet => 12,
        }
    }

    /// Slots in one period of a sync committee.
    pub const fn slots_per_period(self) -> u64 {
        self.slots_per_epoch() * self.epochs_per_period()
    }

    /// `compute_epoch_at_slot`.
    pub const fn epoch(self, slot: u64) -> u64 {
        slot / self.slots_per_epoch()
    }

    /// `compute_sync_committee_period_at_slot`.
    pub const fn period(self, slot: u64) -> u64 {
        slot / self.slots_per_period()
    }

    /// `compute_start_slot_at_epoch`.
    pub const fn start_slot(self, epoch: u64) -> u64 {
        epoch * self.slots_per_epoch()
    }
}
