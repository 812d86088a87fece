//! The payload of a proven block of an Ethereum domain: what a light client proved beside number and state root.

use crate::{BlockHash, HeaderError, ReceiptsRoot};

/// Facts of a block that the history commits to, all of them proven with it.
///
/// ```text
/// block hash (32) · parent hash (32) · receipts root (32) · prev_randao (32) · beacon block root (32)
/// · slot (8, big-endian) · timestamp (8, big-endian)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPayload {
    /// The hash of the block's header, under which [`Header::verify`](crate::Header::verify) reads its fields.
    pub block_hash: BlockHash,
    /// The hash of the block before.
    pub parent: BlockHash,
    /// The root of the receipts' trie.
    pub receipts_root: ReceiptsRoot,
    /// The randomness of the beacon chain (EIP-4399).
    pub prev_randao: [u8; 32],
    /// The root of the beacon block that carries this block.
    pub beacon_block_root: [u8; 32],
    /// The slot of that beacon block.
    pub slot: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
}

impl BlockPayload {
    /// Bytes of a payload.
    pub const LENGTH: usize = 176;

    /// The bytes.
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let hashes = [
            self.block_hash.as_bytes(),
            self.parent.as_bytes(),
            self.receipts_root.as_bytes(),
            &self.prev_randao,
            &self.beacon_block_root,
        ];
        for (place, hash) in bytes.chunks_exact_mut(32).zip(hashes) {
            place.copy_from_slice(hash);
        }
        bytes[160..168].copy_from_slice(&self.slot.to_be_bytes());
        bytes[168..].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes
    }

    /// Reads the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let wrong = HeaderError::PayloadLength {
            got: bytes.len(),
            expected: Self::LENGTH,
        };
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().map_err(|_| wrong)?;
        let (hashes, numbers) = bytes.split_at(160);
        let (hashes, _) = hashes.as_chunks::<32>();
        let (numbers, _) = numbers.as_chunks::<8>();
        let (
            [
                block_hash,
                parent,
                receipts_root,
                prev_randao,
                beacon_block_root,
            ],
            [slot, timestamp],
        ) = (hashes, numbers)
        else {
            return Err(wrong);
        };
        Ok(Self {
            block_hash: BlockHash::from_bytes(*block_hash),
            parent: BlockHash::from_bytes(*parent),
            receipts_root: ReceiptsRoot::from_bytes(*receipts_root),
            prev_randao: *prev_randao,
            beacon_block_root: *beacon_block_root,
            slot: u64::from_be_bytes(*slot),
            timestamp: u64::from_be_bytes(*timestamp),
        })
    }
}
