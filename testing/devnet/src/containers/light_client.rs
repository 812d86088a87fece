//! What a beacon node gives to light clients (`light-client/sync-protocol.md` of each fork).

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use ssz_derive::{Decode, Encode};
use ssz_types::{FixedVector, typenum::U4};
use tree_hash_derive::TreeHash;

use super::{BeaconBlockHeader, Shape, SyncAggregate, SyncCommittee};

/// A block's header with the header of its execution payload.
#[derive(Debug, Clone, PartialEq, Encode, Decode, TreeHash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct LightClientHeader<S: Shape> {
    /// The header.
    pub beacon: BeaconBlockHeader,
    /// The header of the payload.
    pub execution: S::Payload,
    /// From the payload's root to `body_root`: `EXECUTION_PAYLOAD_GINDEX` is 25.
    pub execution_branch: FixedVector<B256, U4>,
}

/// Where a light client begins.
#[derive(Debug, Clone, PartialEq, Encode, Decode, TreeHash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct LightClientBootstrap<S: Shape> {
    /// The trusted block.
    pub header: LightClientHeader<S>,
    /// Who signs in its period.
    pub current_sync_committee: SyncCommittee<S>,
    /// From the committee's root to the block's `state_root`.
    pub current_sync_committee_branch: FixedVector<B256, S::CommitteeDepth>,
}

/// One period's best signature, with the next committee.
#[derive(Debug, Clone, PartialEq, Encode, Decode, TreeHash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct LightClientUpdate<S: Shape> {
    /// What is signed.
    pub attested_header: LightClientHeader<S>,
    /// Who signs in the period after that of the attested header.
    pub next_sync_committee: SyncCommittee<S>,
    /// From that committee's root to the attested `state_root`.
    pub next_sync_committee_branch: FixedVector<B256, S::CommitteeDepth>,
    /// What the attested state says is final.
    pub finalized_header: LightClientHeader<S>,
    /// From the finalized block's root to the attested `state_root`.
    pub finality_branch: FixedVector<B256, S::FinalityDepth>,
    /// The signature.
    pub sync_aggregate: SyncAggregate<S>,
    /// Slot of the block that carries the signature.
    #[serde(with = "serde_utils::quoted_u64")]
    pub signature_slot: u64,
}

/// The newest signature over a header that finalizes something.
#[derive(Debug, Clone, PartialEq, Encode, Decode, TreeHash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct LightClientFinalityUpdate<S: Shape> {
    /// What is signed.
    pub attested_header: LightClientHeader<S>,
    /// What the attested state says is final.
    pub finalized_header: LightClientHeader<S>,
    /// From the finalized block's root to the attested `state_root`.
    pub finality_branch: FixedVector<B256, S::FinalityDepth>,
    /// The signature.
    pub sync_aggregate: SyncAggregate<S>,
    /// Slot of the block that carries the signature.
    #[serde(with = "serde_utils::quoted_u64")]
    pub signature_slot: u64,
}

/// The newest signature.
#[derive(Debug, Clone, PartialEq, Encode, Decode, TreeHash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct LightClientOptimisticUpdate<S: Shape> {
    /// What is signed.
    pub attested_header: LightClientHeader<S>,
    /// The signature.
    pub sync_aggregate: SyncAggregate<S>,
    /// Slot of the block that carries the signature.
    #[serde(with = "serde_utils::quoted_u64")]
    pub signature_slot: u64,
}
