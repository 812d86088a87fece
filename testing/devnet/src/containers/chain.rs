//! Containers that are the same in every fork (phase 0, `beacon-chain.md`).

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use ssz_derive::{Decode, Encode};
use ssz_types::{VariableList, typenum::U1099511627776};
use tree_hash_derive::TreeHash;

use super::PublicKeyBytes;

/// What identifies a block: its hash tree root is the block root.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode, TreeHash, Serialize, Deserialize,
)]
pub struct BeaconBlockHeader {
    /// Its slot.
    #[serde(with = "serde_utils::quoted_u64")]
    pub slot: u64,
    /// Who proposed it.
    #[serde(with = "serde_utils::quoted_u64")]
    pub proposer_index: u64,
    /// Root of the block before it.
    pub parent_root: B256,
    /// Root of the state after it.
    pub state_root: B256,
    /// Root of its body.
    pub body_root: B256,
}

/// An epoch and the root of the last block at or before its first slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode, TreeHash)]
pub struct Checkpoint {
    /// The epoch.
    pub epoch: u64,
    /// The block root; zero at genesis.
    pub root: B256,
}

/// `Fork`: the versions of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, TreeHash)]
pub struct StateFork {
    /// Before.
    pub previous_version: [u8; 4],
    /// Now.
    pub current_version: [u8; 4],
    /// Since when.
    pub epoch: u64,
}

/// What makes signatures of two forks or two chains differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, TreeHash)]
pub struct ForkData {
    /// Version of the fork.
    pub current_version: [u8; 4],
    /// `genesis_validators_root` of the chain.
    pub genesis_validators_root: B256,
}

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, TreeHash)]
pub struct SigningData {
    /// Root of the object.
    pub object_root: B256,
    /// The signature domain.
    pub domain: B256,
}

/// An entry of the validator registry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, TreeHash)]
pub struct Validator {
    /// Its key.
    pub pubkey: PublicKeyBytes,
    /// Who may withdraw.
    pub withdrawal_credentials: B256,
    /// In gwei.
    pub effective_balance: u64,
    /// Whether it was punished.
    pub slashed: bool,
    /// When it became eligible.
    pub activation_eligibility_epoch: u64,
    /// When it became active.
    pub activation_epoch: u64,
    /// When it leaves.
    pub exit_epoch: u64,
    /// When its stake is free.
    pub withdrawable_epoch: u64,
}

/// `List[Validator, VALIDATOR_REGISTRY_LIMIT]`; its root at genesis is `genesis_validators_root`.
pub type Validators = VariableList<Validator, U1099511627776>;
