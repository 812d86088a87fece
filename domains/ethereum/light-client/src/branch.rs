//! `GeneralizedIndex`: where a node stands in an SSZ tree, and branches that prove it.

use crate::Fork;
use crate::ssz::{Chunk, Hasher, equal};

/// A generalized index (consensus specifications, `ssz/merkle-proofs.md`): 1 is the root, and node `i` has
/// the children `2i` and `2i + 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneralizedIndex(u32);

impl GeneralizedIndex {
    /// `BeaconState.finalized_checkpoint.root`, Altair to Deneb.
    pub const FINALIZED_ROOT: Self = Self(105);
    /// `BeaconState.current_sync_committee`, Altair to Deneb.
    pub const CURRENT_SYNC_COMMITTEE: Self = Self(54);
    /// `BeaconState.next_sync_committee`, Altair to Deneb.
    pub const NEXT_SYNC_COMMITTEE: Self = Self(55);
    /// `BeaconState.finalized_checkpoint.root`, from Electra.
    pub const FINALIZED_ROOT_ELECTRA: Self = Self(169);
    /// `BeaconState.current_sync_committee`, from Electra.
    pub const CURRENT_SYNC_COMMITTEE_ELECTRA: Self = Self(86);
    /// `BeaconState.next_sync_committee`, from Electra.
    pub const NEXT_SYNC_COMMITTEE_ELECTRA: Self = Self(87);
    /// `BeaconBlockBody.execution_payload`, from Capella.
    pub const EXECUTION_PAYLOAD: Self = Self(25);

    /// `finalized_root_gindex_at_slot`, by the slot's fork.
    pub fn finalized_root(fork: Fork) -> Self {
        if fork >= Fork::Electra {
            Self::FINALIZED_ROOT_ELECTRA
        } else {
            Self::FINALIZED_ROOT
        }
    }

    /// `current_sync_committee_gindex_at_slot`, by the slot's fork.
    pub fn current_sync_committee(fork: Fork) -> Self {
        if fork >= Fork::Electra {
            Self::CURRENT_SYNC_COMMITTEE_ELECTRA
        } else {
            Self::CURRENT_SYNC_COMMITTEE
        }
    }

    /// `next_sync_committee_gindex_at_slot`, by the slot's fork.
    pub fn next_sync_committee(fork: Fork) -> Self {
        if fork >= Fork::Electra {
            Self::NEXT_SYNC_COMMITTEE_ELECTRA
        } else {
            Self::NEXT_SYNC_COMMITTEE
        }
    }

    /// The number, at least 1.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Nodes of a branch from here to the root.
    pub const fn depth(self) -> usize {
        self.0.ilog2() as usize
    }

    /// Whether a branch, which must have [`depth`](Self::depth) nodes, leads from a leaf here to a root.
    pub(crate) fn leads(
        self,
        hasher: &mut Hasher,
        leaf: &Chunk,
        branch: &[Chunk],
        root: &Chunk,
    ) -> bool {
        let mut node = *leaf;
        let mut position = self.0;
        for sibling in branch {
            node = if position % 2 == 1 {
                hasher.pair(sibling, &node)
            } else {
                hasher.pair(&node, sibling)
            };
            position /= 2;
        }
        position == 1 && equal(&node, root)
    }
}
