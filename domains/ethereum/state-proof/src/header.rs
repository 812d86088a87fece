//! Block headers: what stands in one, once it is known to hash to the block's hash.

use alloc::vec::Vec;
use core::fmt;

use valence_coprocessor_protocol::StateRoot;

use crate::rlp::{self, Items};
use crate::{HeaderError, RlpError, keccak256};

/// Fields that headers of every fork have.
const FIELDS: usize = 15;

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

/// Fields of a header that hashes to a known block hash. Only [`Header::verify`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The hash of this header.
    pub hash: BlockHash,
    /// The hash of the block before.
    pub parent: BlockHash,
    /// The root of the state after the block.
    pub state_root: StateRoot,
    /// The root of the receipts' trie.
    pub receipts_root: [u8; 32],
    /// The block's number.
    pub number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// The randomness of the beacon chain; before the merge, the mix hash.
    pub prev_randao: [u8; 32],
}

impl Header {
    /// Reads a header that must hash to `hash`.
    pub fn verify(encoded: &[u8], hash: &BlockHash) -> Result<Self, HeaderError> {
        if keccak256(encoded) != *hash.as_bytes() {
            return Err(HeaderError::Hash);
        }
        let count = count_fields(encoded).map_err(HeaderError::Rlp)?;
        if count < FIELDS {
            return Err(HeaderError::Fields { got: count });
        }
        Self::read(encoded, *hash).map_err(HeaderError::Rlp)
    }

    fn read(encoded: &[u8], hash: BlockHash) -> Result<Self, RlpError> {
        let mut items = Items::of_list(encoded)?;
        let parent = *items.hash()?;
        skip(&mut items, 2)?; // ommers, beneficiary
        let state_root = *items.hash()?;
        skip(&mut items, 1)?; // transactions
        let receipts_root = *items.hash()?;
        skip(&mut items, 2)?; // bloom, difficulty
        let number = u64::from_be_bytes(items.number()?);
        skip(&mut items, 2)?; // gas limit, gas used
        let timestamp = u64::from_be_bytes(items.number()?);
        skip(&mut items, 1)?; // extra data
        let prev_randao = *items.hash()?;
        Ok(Self {
            hash,
            parent: BlockHash(parent),
            state_root: StateRoot::from_bytes(state_root),
            receipts_root,
            number,
            timestamp,
            prev_randao,
        })
    }
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

fn skip(items: &mut Items<'_>, count: usize) -> Result<(), RlpError> {
    (0..count).try_for_each(|_| items.take().map(|_| ()))
}
