//! Headers of execution payloads (Capella and Deneb, `beacon-chain.md`); Electra and Fulu keep Deneb's.

use std::fmt::Debug;

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ssz_derive::{Decode, Encode};
use ssz_types::{
    FixedVector, VariableList,
    typenum::{self, U16, U32, U1048576, U1073741824},
};
use tree_hash::TreeHash;
use tree_hash_derive::TreeHash;

/// `List[Transaction, MAX_TRANSACTIONS_PER_PAYLOAD]`, of which a header holds the root.
pub type Transactions = VariableList<VariableList<u8, U1073741824>, U1048576>;

/// `List[Withdrawal, MAX_WITHDRAWALS_PER_PAYLOAD]`, of which a header holds the root.
pub type Withdrawals = VariableList<Withdrawal, U16>;

/// Stake that leaves the beacon chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, TreeHash)]
pub struct Withdrawal {
    /// Its number.
    pub index: u64,
    /// Of whom.
    pub validator_index: u64,
    /// To whom.
    pub address: Address,
    /// In gwei.
    pub amount: u64,
}

macro_rules! payload_header {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, PartialEq, Eq, Default, Encode, Decode, TreeHash, Serialize, Deserialize,
        )]
        pub struct $name {
            /// Hash of the block before.
            pub parent_hash: B256,
            /// Who gets the fees.
            pub fee_recipient: Address,
            /// Root of the state after it, which state proofs are checked against.
            pub state_root: B256,
            /// Root of the receipts.
            pub receipts_root: B256,
            /// Filter of the logs.
            #[serde(with = "ssz_types::serde_utils::hex_fixed_vec")]
            pub logs_bloom: FixedVector<u8, typenum::U256>,
            /// Randomness of the beacon chain; `mixHash` in JSON-RPC.
            pub prev_randao: B256,
            /// Height.
            #[serde(with = "serde_utils::quoted_u64")]
            pub block_number: u64,
            /// Gas that it might use.
            #[serde(with = "serde_utils::quoted_u64")]
            pub gas_limit: u64,
            /// Gas that it uses.
            #[serde(with = "serde_utils::quoted_u64")]
            pub gas_used: u64,
            /// Seconds since 1970.
            #[serde(with = "serde_utils::quoted_u64")]
            pub timestamp: u64,
            /// What the builder likes.
            #[serde(with = "ssz_types::serde_utils::hex_var_list")]
            pub extra_data: VariableList<u8, U32>,
            /// In wei.
            #[serde(with = "serde_utils::quoted_u256")]
            pub base_fee_per_gas: U256,
            /// Hash of the execution block.
            pub block_hash: B256,
            /// SSZ root of the transactions.
            pub transactions_root: B256,
            /// SSZ root of the withdrawals.
            pub withdrawals_root: B256,
            $($(#[$field_meta])* pub $field: $type,)*
        }
    };
}

payload_header! {
    /// `ExecutionPayloadHeader` of Capella.
    CapellaPayloadHeader {}
}

payload_header! {
    /// `ExecutionPayloadHeader` of Deneb, Electra and Fulu. A payload of Capella has zeros at its end.
    ExecutionPayloadHeader {
        /// Gas that its blobs use.
        #[serde(with = "serde_utils::quoted_u64")]
        blob_gas_used: u64,
        /// What the price of blob gas is computed from.
        #[serde(with = "serde_utils::quoted_u64")]
        excess_blob_gas: u64,
    }
}

/// The header of a payload in one fork's form.
pub trait PayloadHeader:
    ssz::Encode
    + ssz::Decode
    + TreeHash
    + Serialize
    + DeserializeOwned
    + Debug
    + Clone
    + PartialEq
    + Default
{
    /// From the newest form.
    fn of(header: &ExecutionPayloadHeader) -> Self;
}

impl PayloadHeader for ExecutionPayloadHeader {
    fn of(header: &ExecutionPayloadHeader) -> Self {
        header.clone()
    }
}

impl PayloadHeader for CapellaPayloadHeader {
    fn of(header: &ExecutionPayloadHeader) -> Self {
        Self {
            parent_hash: header.parent_hash,
            fee_recipient: header.fee_recipient,
            state_root: header.state_root,
            receipts_root: header.receipts_root,
            logs_bloom: header.logs_bloom.clone(),
            prev_randao: header.prev_randao,
            block_number: header.block_number,
            gas_limit: header.gas_limit,
            gas_used: header.gas_used,
            timestamp: header.timestamp,
            extra_data: header.extra_data.clone(),
            base_fee_per_gas: header.base_fee_per_gas,
            block_hash: header.block_hash,
            transactions_root: header.transactions_root,
            withdrawals_root: header.withdrawals_root,
        }
    }
}
