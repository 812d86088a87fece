//! Block headers: what stands in one, once it is known to hash to the block's hash.

use alloc::vec::Vec;
use core::fmt;

use valence_coprocessor_protocol::StateRoot;

use crate::rlp::{self, Items};
use crate::{Address, HeaderError, ReceiptsRoot, RlpError, keccak256};

/// Fields that headers of every fork have.
const FIELDS: usize = 15;
/// Fields of the last fork that is known here (Prague; Osaka adds none). Later forks append to them.
const KNOWN_FIELDS: usize = 21;

/// The hash of a block's header.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockHash([u8; 32]);

impl BlockHash {
    /// Wraps 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BlockHash(")?;
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))?;
        formatter.write_str(")")
    }
}

/// A header that hashes to a known block hash. Only [`Header::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The hash of this header.
    pub hash: BlockHash,
    /// The hash of the block before.
    pub parent: BlockHash,
    /// The hash of the list of ommers.
    pub ommers_hash: [u8; 32],
    /// Who gets the fees.
    pub beneficiary: Address,
    /// The root of the state after the block.
    pub state_root: StateRoot,
    /// The root of the transactions' trie.
    pub transactions_root: [u8; 32],
    /// The root of the receipts' trie.
    pub receipts_root: ReceiptsRoot,
    /// The Bloom filter over all logs of the block.
    pub logs_bloom: [u8; 256],
    /// The difficulty, big-endian; zero since the merge.
    pub difficulty: [u8; 32],
    /// The block's number.
    pub number: u64,
    /// Gas that the block may use.
    pub gas_limit: u64,
    /// Gas that its transactions used.
    pub gas_used: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// What the proposer wrote; on proof-of-authority networks more than 32 bytes.
    pub extra_data: Vec<u8>,
    /// The randomness of the beacon chain (EIP-4399); before the merge, the mix hash.
    pub prev_randao: [u8; 32],
    /// The nonce of the proof of work; zero since the merge.
    pub nonce: [u8; 8],
    /// Wei per gas that is burnt, big-endian; since London (EIP-1559).
    pub base_fee_per_gas: Option<[u8; 32]>,
    /// The root of the withdrawals' trie; since Shanghai (EIP-4895).
    pub withdrawals_root: Option<[u8; 32]>,
    /// What Cancun added.
    pub cancun: Option<CancunFields>,
    /// The hash of the requests to the consensus layer; since Prague (EIP-7685).
    pub requests_hash: Option<[u8; 32]>,
}

/// The fields of a header that Cancun added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CancunFields {
    /// Gas of the blobs (EIP-4844).
    pub blob_gas_used: u64,
    /// What the price of blobs follows (EIP-4844).
    pub excess_blob_gas: u64,
    /// The root of the parent's beacon block (EIP-4788).
    pub parent_beacon_block_root: [u8; 32],
}

impl Header {
    /// Reads a header that must hash to `hash`.
    pub fn verify(encoded: &[u8], hash: &BlockHash) -> Result<Self, HeaderError> {
        if keccak256(encoded) != *hash.as_bytes() {
            return Err(HeaderError::Hash);
        }
        let count = count_fields(encoded).map_err(HeaderError::Rlp)?;
        // One field each since London and Shanghai, three since Cancun, one since Prague.
        let is_known = matches!(count, FIELDS | 16 | 17 | 20 | KNOWN_FIELDS);
        if !is_known && count < KNOWN_FIELDS {
            return Err(HeaderError::Fields { got: count });
        }
        Self::read(encoded, *hash).map_err(HeaderError::Rlp)
    }

    /// Reads the fields; the header's hash vouches for those of later forks, which are not read.
    fn read(encoded: &[u8], hash: BlockHash) -> Result<Self, RlpError> {
        let mut items = Items::of_list(encoded)?;
        Ok(Self {
            hash,
            parent: BlockHash(*items.hash()?),
            ommers_hash: *items.hash()?,
            beneficiary: Address::from_bytes(*items.fixed()?),
            state_root: StateRoot::from_bytes(*items.hash()?),
            transactions_root: *items.hash()?,
            receipts_root: ReceiptsRoot::from_bytes(*items.hash()?),
            logs_bloom: *items.fixed()?,
            difficulty: items.number()?,
            number: u64::from_be_bytes(items.number()?),
            gas_limit: u64::from_be_bytes(items.number()?),
            gas_used: u64::from_be_bytes(items.number()?),
            timestamp: u64::from_be_bytes(items.number()?),
            extra_data: items.string()?.to_vec(),
            prev_randao: *items.hash()?,
            nonce: *items.fixed()?,
            base_fee_per_gas: appended(&mut items, Items::number)?,
            withdrawals_root: appended(&mut items, |items| items.hash().copied())?,
            cancun: appended(&mut items, CancunFields::read)?,
            requests_hash: appended(&mut items, |items| items.hash().copied())?,
        })
    }
}

impl CancunFields {
    fn read(items: &mut Items<'_>) -> Result<Self, RlpError> {
        Ok(Self {
            blob_gas_used: u64::from_be_bytes(items.number()?),
            excess_blob_gas: u64::from_be_bytes(items.number()?),
            parent_beacon_block_root: *items.hash()?,
        })
    }
}

/// A field that a fork appended, if the header is of that fork or a later one.
fn appended<'a, T>(
    items: &mut Items<'a>,
    read: impl FnOnce(&mut Items<'a>) -> Result<T, RlpError>,
) -> Result<Option<T>, RlpError> {
    if items.is_empty() {
        return Ok(None);
    }
    read(items).map(Some)
}

/// Writes a header from its fields in order. A number is its bytes without leading zeros.
pub fn encode_header(fields: &[&[u8]]) -> Vec<u8> {
    rlp::encode_strings(fields)
}

fn count_fields(encoded: &[u8]) -> Result<usize, RlpError> {
    let mut items = Items::of_list(encoded)?;
    let mut count = 0;
    while !items.is_empty() {
        items.take()?;
        count += 1;
    }
    Ok(count)
}
