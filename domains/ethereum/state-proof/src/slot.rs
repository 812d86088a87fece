//! Storage slots: their keys, and the typed fact that a proof gives.

use crate::rlp::Items;
use crate::{Address, StateProofError, keccak256};

/// The key of a slot, before it is hashed for the trie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot([u8; 32]);

impl Slot {
    /// Wraps 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The slot of the contract's variable number `index`.
    pub fn variable(index: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&index.to_be_bytes());
        Self(bytes)
    }

    /// The slot of an entry in the Solidity mapping at this slot: keccak of the padded key and the slot.
    #[must_use]
    pub fn entry(&self, key: &[u8; 32]) -> Self {
        let mut preimage = [0; 64];
        preimage[..32].copy_from_slice(key);
        preimage[32..].copy_from_slice(&self.0);
        Self(keccak256(&preimage))
    }

    /// The slot of an address in the Solidity mapping at this slot.
    #[must_use]
    pub fn entry_of(&self, address: &Address) -> Self {
        self.entry(&address.to_word())
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What is proven to be in a slot. Only a proof makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotValue {
    /// A value other than zero, big-endian.
    Present([u8; 32]),
    /// Proven: nothing is stored, which contracts read as zero.
    Absent,
}

impl SlotValue {
    pub(crate) fn decode(value: Option<&[u8]>) -> Result<Self, StateProofError> {
        let Some(bytes) = value else {
            return Ok(Self::Absent);
        };
        let read = || {
            let mut items = Items::of_items(bytes);
            let number = items.number()?;
            items.finish()?;
            Ok(number)
        };
        let number = read().map_err(StateProofError::SlotValue)?;
        if number == [0; 32] {
            return Err(StateProofError::ZeroSlot);
        }
        Ok(Self::Present(number))
    }

    /// The word that a contract reads.
    pub const fn to_word(&self) -> [u8; 32] {
        match self {
            Self::Present(word) => *word,
            Self::Absent => [0; 32],
        }
    }
}
