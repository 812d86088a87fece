//! What is fixed for a chain: preset, forks, genesis, validators.

use alloy_primitives::B256;

use crate::{
    Aggregate, DevnetError, Fork, ForkSchedule, Participation, Preset, Validators, block,
    fork::MAX_BLOBS_PER_BLOCK_ELECTRA,
    signing::{
        DOMAIN_SYNC_COMMITTEE, compute_domain, compute_fork_digest, compute_fork_digest_with_blobs,
        compute_signing_root,
    },
};

/// What is fixed for a chain.
#[derive(Debug)]
pub struct Rules {
    preset: Preset,
    forks: ForkSchedule,
    genesis_time: u64,
    seconds_per_slot: u64,
    seed: B256,
    validators: Validators,
}

impl Rules {
    /// A chain with `count` validators, whose keys follow from `seed`.
    pub fn new(
        preset: Preset,
        forks: ForkSchedule,
        genesis_time: u64,
        seconds_per_slot: u64,
        seed: B256,
        count: usize,
    ) -> Result<Self, DevnetError> {
        Ok(Self {
            preset,
            forks,
            genesis_time,
            seconds_per_slot,
            seed,
            validators: Validators::new(preset, seed, count)?,
        })
    }

    /// The preset.
    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// The forks.
    pub fn forks(&self) -> &ForkSchedule {
        &self.forks
    }

    /// When slot 0 begins, in seconds since 1970.
    pub fn genesis_time(&self) -> u64 {
        self.genesis_time
    }

    /// `SECONDS_PER_SLOT`.
    pub fn seconds_per_slot(&self) -> u64 {
        self.seconds_per_slot
    }

    /// `genesis_validators_root`.
    pub fn genesis_validators_root(&self) -> B256 {
        self.validators.registry_root()
    }

    /// The validators.
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// The fork of a slot.
    pub fn fork_at_slot(&self, slot: u64) -> Fork {
        self.forks.at(self.preset.epoch(slot))
    }

    /// When a slot begins, in seconds since 1970.
    pub fn time(&self, slot: u64) -> u64 {
        self.genesis_time + slot * self.seconds_per_slot
    }

    /// `compute_fork_digest` of the epoch of a slot.
    pub fn fork_digest(&self, slot: u64) -> [u8; 4] {
        let fork = self.fork_at_slot(slot);
        let root = self.genesis_validators_root();
        if fork < Fork::Fulu {
            compute_fork_digest(fork.version(), root)
        } else {
            compute_fork_digest_with_blobs(
                fork.version(),
                root,
                self.forks.epoch(Fork::Electra),
                MAX_BLOBS_PER_BLOCK_ELECTRA,
            )
        }
    }

    /// What a sync committee signs in a block at `signature_slot` over the block `root`.
    pub fn sync_signing_root(&self, root: B256, signature_slot: u64) -> B256 {
        let fork = self.fork_at_slot(signature_slot.max(1) - 1);
        let domain = compute_domain(
            DOMAIN_SYNC_COMMITTEE,
            fork.version(),
            self.genesis_validators_root(),
        );
        compute_signing_root(root, domain)
    }

    /// The signature that a block at `signature_slot` carries over the block `root`.
    pub(crate) fn sync_aggregate(
        &self,
        root: B256,
        signature_slot: u64,
        participation: Participation,
    ) -> Result<Aggregate, DevnetError> {
        let committee = self
            .validators
            .committee(self.preset.period(signature_slot))?;
        let signing_root = self.sync_signing_root(root, signature_slot);
        Ok(self
            .validators
            .sign(&committee, participation, signing_root))
    }

    /// Who proposes at a slot.
    pub(crate) fn proposer(&self, slot: u64) -> u64 {
        block::proposer(self.seed, slot, self.validators.count())
    }
}
