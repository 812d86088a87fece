//! The objects of the light-client protocol in full, as beacon nodes send them.

use serde::{Deserialize, Serialize};

use crate::bytes::{Bytes, byte_list, quoted, quoted_option, uint256};

/// `LightClientBootstrap`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// The header of the block that was asked for.
    pub header: LightClientHeader,
    /// The committee of its period.
    pub current_sync_committee: SyncCommittee,
    /// Its branch to the header's state root: 5 nodes, from Electra 6.
    pub current_sync_committee_branch: Vec<Bytes<32>>,
}

/// `LightClientUpdate`, or `LightClientFinalityUpdate`, which has no next committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The header that the committee signed.
    pub attested_header: LightClientHeader,
    /// The committee of the period after; zeros if the sender has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_sync_committee: Option<SyncCommittee>,
    /// Its branch to the attested state root: 5 nodes, from Electra 6; zeros if the sender has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_sync_committee_branch: Option<Vec<Bytes<32>>>,
    /// The header that is final in the attested state.
    pub finalized_header: LightClientHeader,
    /// Its branch to the attested state root: 6 nodes, from Electra 7; zeros if the sender has none.
    pub finality_branch: Vec<Bytes<32>>,
    /// Who signed, and the signature.
    pub sync_aggregate: SyncAggregate,
    /// The slot of the block with the signature.
    #[serde(with = "quoted")]
    pub signature_slot: u64,
}

/// `LightClientHeader`: from Capella with the execution payload's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LightClientHeader {
    /// The beacon block's header.
    pub beacon: BeaconHeader,
    /// The execution payload's header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionPayloadHeader>,
    /// Its branch to the body's root: 4 nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_branch: Option<Vec<Bytes<32>>>,
}

/// `BeaconBlockHeader`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeaconHeader {
    /// The slot of the block.
    #[serde(with = "quoted")]
    pub slot: u64,
    /// The validator that proposed it.
    #[serde(with = "quoted")]
    pub proposer_index: u64,
    /// The root of the block before.
    pub parent_root: Bytes<32>,
    /// The root of the state after the block.
    pub state_root: Bytes<32>,
    /// The root of the block's body.
    pub body_root: Bytes<32>,
}

/// `ExecutionPayloadHeader`, Capella and later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionPayloadHeader {
    /// The hash of the block before.
    pub parent_hash: Bytes<32>,
    /// Who receives the fees.
    pub fee_recipient: Bytes<20>,
    /// The root of the state after the block.
    pub state_root: Bytes<32>,
    /// The root of the receipts' trie.
    pub receipts_root: Bytes<32>,
    /// The bloom filter of the logs.
    pub logs_bloom: Bytes<256>,
    /// The randomness of the beacon chain.
    pub prev_randao: Bytes<32>,
    /// The block's number.
    #[serde(with = "quoted")]
    pub block_number: u64,
    /// Gas that the block may use.
    #[serde(with = "quoted")]
    pub gas_limit: u64,
    /// Gas that it used.
    #[serde(with = "quoted")]
    pub gas_used: u64,
    /// Seconds since 1970.
    #[serde(with = "quoted")]
    pub timestamp: u64,
    /// At most 32 bytes.
    #[serde(with = "byte_list")]
    pub extra_data: Vec<u8>,
    /// In wei, little-endian.
    #[serde(with = "uint256")]
    pub base_fee_per_gas: Bytes<32>,
    /// The hash of the block.
    pub block_hash: Bytes<32>,
    /// The root of the transactions.
    pub transactions_root: Bytes<32>,
    /// The root of the withdrawals.
    pub withdrawals_root: Bytes<32>,
    /// Gas used by blobs, from Deneb.
    #[serde(
        default,
        with = "quoted_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub blob_gas_used: Option<u64>,
    /// Blob gas above the target, from Deneb.
    #[serde(
        default,
        with = "quoted_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub excess_blob_gas: Option<u64>,
}

/// `SyncCommittee`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCommittee {
    /// The keys, in the order of the bits.
    pub pubkeys: Vec<Bytes<48>>,
    /// Their sum.
    pub aggregate_pubkey: Bytes<48>,
}

/// `SyncAggregate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncAggregate {
    /// An SSZ bit vector of the committee's size.
    #[serde(with = "byte_list")]
    pub sync_committee_bits: Vec<u8>,
    /// A compressed point of G2.
    pub sync_committee_signature: Bytes<96>,
}
