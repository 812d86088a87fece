//! `Update`: what a sync committee says of the chain.

use valence_coprocessor_ethereum_bls::{Advice, Signature};

use crate::committee::{Signers, SyncCommitteeBits};
use crate::ssz::Chunk;
use crate::{LightClientHeader, SyncCommitteeRoot};

/// A `LightClientUpdate` with finality, or a `LightClientFinalityUpdate`, which has no next committee. Nothing of
/// it is proven before [`LightClientStore::verify`](crate::LightClientStore::verify).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update<'a> {
    /// The header that the committee signed.
    pub attested: LightClientHeader<'a>,
    /// The header that is final in the attested header's state; zeros if that is the genesis.
    pub finalized: LightClientHeader<'a>,
    /// From `finalized_checkpoint.root` to the attested header's state root, lowest first.
    pub finality_branch: &'a [Chunk],
    /// The committee that follows that of the attested header's period.
    pub next_sync_committee: Option<NextSyncCommittee<'a>>,
    /// Who signed.
    pub sync_committee_bits: SyncCommitteeBits,
    /// What the verification needs of the committee that signed.
    pub signers: Signers<'a>,
    /// `sync_committee_signature`, compressed.
    pub signature: Signature,
    /// The slot of the block that carries the signature. It is not signed.
    pub signature_slot: u64,
    /// What makes the verification of the signature cheap in a zkVM, and proves nothing: see `bls`.
    pub advice: Advice<'a>,
}

/// The next sync committee, by its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextSyncCommittee<'a> {
    /// `hash_tree_root` of the committee.
    pub root: SyncCommitteeRoot,
    /// From `next_sync_committee` to the attested header's state root, lowest first.
    pub branch: &'a [Chunk],
}
