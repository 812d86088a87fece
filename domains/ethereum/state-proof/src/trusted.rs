//! The payload of the domain `ethereum-trusted`: what its blocks carry beside number and state root.

use crate::{BlockHash, Header, HeaderError, ReceiptsRoot};

/// The mark that stands first: whoever sees the payload sees that nobody proved the block.
const MARK: &[u8; 8] = b"trusted\x01";
const LENGTH: usize = 144;

/// What a trusted block says of itself. All of it follows from the header, and none of it is proven:
/// the operator chose the block hash.
///
/// ```text
/// "trusted" 0x01 (8) · block hash (32) · parent hash (32) · receipts root (32) · prev_randao (32) · timestamp (8, big-endian)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedPayload {
    /// The hash of the block, as the operator gave it.
    pub block_hash: BlockHash,
    /// The hash of the block before.
    pub parent: BlockHash,
    /// The root of the receipts' trie.
    pub receipts_root: ReceiptsRoot,
    /// The randomness of the beacon chain.
    pub prev_randao: [u8; 32],
    /// Seconds since 1970.
    pub timestamp: u64,
}

impl TrustedPayload {
    /// Of a header.
    pub const fn of(header: &Header) -> Self {
        Self {
            block_hash: header.hash,
            parent: header.parent,
            receipts_root: header.receipts_root,
            prev_randao: header.prev_randao,
            timestamp: header.timestamp,
        }
    }

    /// The bytes.
    pub fn encode(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..8].copy_from_slice(MARK);
        let hashes = [
            self.block_hash.as_bytes(),
            self.parent.as_bytes(),
            self.receipts_root.as_bytes(),
            &self.prev_randao,
        ];
        for (place, hash) in bytes[8..136].chunks_exact_mut(32).zip(hashes) {
            place.copy_from_slice(hash);
        }
        bytes[136..].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes
    }

    /// Reads the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let bytes: &[u8; LENGTH] = bytes.try_into().map_err(|_| HeaderError::Payload)?;
        if !bytes.starts_with(MARK) {
            return Err(HeaderError::Payload);
        }
        let hash = |index: usize| {
            let mut hash = [0; 32];
            hash.copy_from_slice(&bytes[8 + 32 * index..40 + 32 * index]);
            hash
        };
        let mut timestamp = [0; 8];
        timestamp.copy_from_slice(&bytes[136..]);
        Ok(Self {
            block_hash: BlockHash::from_bytes(hash(0)),
            parent: BlockHash::from_bytes(hash(1)),
            receipts_root: ReceiptsRoot::from_bytes(hash(2)),
            prev_randao: hash(3),
            timestamp: u64::from_be_bytes(timestamp),
        })
    }
}
