//! `ExecutionPayloadHeader`: what a beacon block says of the execution layer's block.

use crate::Fork;
use crate::ssz::{Chunk, Hasher, merkleize, number_chunk};

/// A payload's header with its branch to the body of a beacon block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution<'a> {
    /// The header.
    pub header: ExecutionPayloadHeader,
    /// From `execution_payload` (generalized index 25) to the body's root: 4 nodes, lowest first.
    pub branch: &'a [Chunk],
}

/// `ExecutionPayloadHeader` (consensus specifications, `capella` and `deneb/beacon-chain.md`) as a summary:
/// fields that are no number and no hash stand as their own `hash_tree_root`, which leaves the
/// header's root as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionPayloadHeader {
    /// The hash of the block before.
    pub parent_hash: Chunk,
    /// The chunk of the 20 bytes that fees go to.
    pub fee_recipient: Chunk,
    /// The root of the state after the block.
    pub state_root: Chunk,
    /// The root of the receipts' trie.
    pub receipts_root: Chunk,
    /// `hash_tree_root` of the 256 bytes of the bloom filter.
    pub logs_bloom_root: Chunk,
    /// The randomness of the beacon chain.
    pub prev_randao: Chunk,
    /// The block's number.
    pub block_number: u64,
    /// Gas that the block may use.
    pub gas_limit: u64,
    /// Gas that it used.
    pub gas_used: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// `hash_tree_root` of the at most 32 bytes of extra data.
    pub extra_data_root: Chunk,
    /// The chunk of the `uint256`, little-endian, in wei.
    pub base_fee_per_gas: Chunk,
    /// The hash of the block.
    pub block_hash: Chunk,
    /// `hash_tree_root` of the transactions.
    pub transactions_root: Chunk,
    /// `hash_tree_root` of the withdrawals.
    pub withdrawals_root: Chunk,
    /// Gas used by blobs, from Deneb; zero before.
    pub blob_gas_used: u64,
    /// Blob gas above the target, from Deneb; zero before.
    pub excess_blob_gas: u64,
}

impl ExecutionPayloadHeader {
    /// `hash_tree_root`, with the fields that the fork has: 15 in Capella, 17 from Deneb on.
    #[must_use]
    pub fn hash_tree_root(&self, hasher: &mut Hasher, fork: Fork) -> Chunk {
        let mut chunks = [
            self.parent_hash,
            self.fee_recipient,
            self.state_root,
            self.receipts_root,
            self.logs_bloom_root,
            self.prev_randao,
            number_chunk(self.block_number),
            number_chunk(self.gas_limit),
            number_chunk(self.gas_used),
            number_chunk(self.timestamp),
            self.extra_data_root,
            self.base_fee_per_gas,
            self.block_hash,
            self.transactions_root,
            self.withdrawals_root,
            number_chunk(self.blob_gas_used),
            number_chunk(self.excess_blob_gas),
        ];
        if fork < Fork::Deneb {
            merkleize(hasher, &mut chunks[..15], 4)
        } else {
            merkleize(hasher, &mut chunks, 5)
        }
    }
}
