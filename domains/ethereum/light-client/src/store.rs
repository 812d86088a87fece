//! `LightClientStore`: what the client knows, and what changes that: a bootstrap, and updates that `verify.rs` checked.

use alloc::vec::Vec;

use valence_coprocessor_protocol::HeadState;
use valence_coprocessor_protocol::sha256::{Compression, digest_words};

use crate::ssz::{Chunk, Hasher, ZERO};
use crate::{
    BeaconBlockHeader, BlockRoot, BootstrapError, ChainConfig, ExecutionPayloadHeader, Fork,
    GeneralizedIndex, LightClientHeader, SyncCommitteeRoot, UpdateError,
};

const STATE_TAG: &[u8] = b"valence-coprocessor/1/ethereum/state";

/// The part of a store that updates change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The root of the newest finalized block.
    pub block_root: BlockRoot,
    /// Its slot.
    pub slot: u64,
    /// The committee of that slot's period.
    pub current_sync_committee: SyncCommitteeRoot,
    /// The committee of the period after, once it is known.
    pub next_sync_committee: Option<SyncCommitteeRoot>,
}

/// A light client of one chain: its configuration and its newest checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightClientStore {
    pub(crate) config: ChainConfig,
    pub(crate) checkpoint: Checkpoint,
}

/// `LightClientBootstrap`, with the committee as its root.
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap<'a> {
    /// The header of the trusted block.
    pub header: LightClientHeader<'a>,
    /// `hash_tree_root` of the committee of its period.
    pub current_sync_committee: SyncCommitteeRoot,
    /// From `current_sync_committee` to the header's state root, lowest first.
    pub current_sync_committee_branch: &'a [Chunk],
}

/// A header that is proven to be final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalizedHeader {
    /// The header.
    pub beacon: BeaconBlockHeader,
    /// Its root.
    pub block_root: BlockRoot,
    /// The header of its execution payload; none before Capella.
    pub execution: Option<ExecutionPayloadHeader>,
}

/// An update that passed every check against one checkpoint. Only [`LightClientStore::verify`] makes one.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a verified update changes nothing until it is applied"]
pub struct VerifiedUpdate {
    pub(crate) before: Checkpoint,
    pub(crate) after: Checkpoint,
    pub(crate) advanced: Option<FinalizedHeader>,
}

impl LightClientStore {
    /// Trusts a block (`initialize_light_client_store`). Hosts only: this is where trust begins.
    pub fn bootstrap(
        config: ChainConfig,
        trusted_block_root: BlockRoot,
        bootstrap: &Bootstrap<'_>,
    ) -> Result<Self, BootstrapError> {
        let mut hasher = Hasher::new();
        let beacon = &bootstrap.header.beacon;
        let fork = config.fork(beacon.slot);
        if fork < Fork::Altair {
            return Err(BootstrapError::BeforeAltair { slot: beacon.slot });
        }
        bootstrap
            .header
            .verify(&mut hasher, &config)
            .map_err(BootstrapError::Header)?;
        let block_root = beacon.hash_tree_root(&mut hasher);
        if block_root != trusted_block_root {
            return Err(BootstrapError::TrustedBlockRoot {
                got: block_root,
                expected: trusted_block_root,
            });
        }
        let index = GeneralizedIndex::current_sync_committee(fork);
        let branch = bootstrap.current_sync_committee_branch;
        if branch.len() != index.depth() {
            return Err(BootstrapError::CurrentSyncCommitteeBranchDepth {
                got: branch.len(),
                expected: index.depth(),
            });
        }
        let committee = bootstrap.current_sync_committee;
        if !index.leads(&mut hasher, committee.words(), branch, &beacon.state_root) {
            return Err(BootstrapError::CurrentSyncCommitteeBranch);
        }
        let checkpoint = Checkpoint {
            block_root,
            slot: beacon.slot,
            current_sync_committee: committee,
            next_sync_committee: None,
        };
        Ok(Self::trusted(config, checkpoint))
    }

    /// The store of a checkpoint that is trusted already, or that a state will be compared with.
    pub const fn trusted(config: ChainConfig, checkpoint: Checkpoint) -> Self {
        Self { config, checkpoint }
    }

    /// The chain's configuration.
    pub const fn config(&self) -> &ChainConfig {
        &self.config
    }

    /// The newest finalized block and its committees.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What a step publishes of the store: SHA-256 of
    ///
    /// ```text
    /// tag (36) · digest of the configuration (32) · finalized block root (32) · slot (8, big-endian)
    ///          · current committee (32) · next committee (32), zeros if it is not known
    /// ```
    pub fn state(&self) -> HeadState {
        let checkpoint = &self.checkpoint;
        let next = checkpoint
            .next_sync_committee
            .unwrap_or(SyncCommitteeRoot::from_words(ZERO));
        let mut message = Vec::with_capacity(STATE_TAG.len() + 136);
        message.extend_from_slice(STATE_TAG);
        message.extend_from_slice(&self.config.digest().to_bytes());
        message.extend_from_slice(&checkpoint.block_root.to_bytes());
        message.extend_from_slice(&checkpoint.slot.to_be_bytes());
        message.extend_from_slice(&checkpoint.current_sync_committee.to_bytes());
        message.extend_from_slice(&next.to_bytes());
        HeadState::from_words(&digest_words(&mut Compression::new(), &message))
    }

    /// Moves to what a verified update says, which must have been verified against this very checkpoint. Returns the
    /// header that is the newest finalized one now; none if the update supplied a committee only.
    pub fn apply(
        &mut self,
        verified: VerifiedUpdate,
    ) -> Result<Option<FinalizedHeader>, UpdateError> {
        if verified.before != self.checkpoint {
            return Err(UpdateError::StoreMoved {
                got: verified.before.block_root,
                expected: self.checkpoint.block_root,
            });
        }
        self.checkpoint = verified.after;
        Ok(verified.advanced)
    }
}
