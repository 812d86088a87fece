//! Storage slots: where Solidity puts a value, and the typed fact that a proof gives.
//!
//! <https://docs.soliditylang.org/en/latest/internals/layout_in_storage.html>

use crate::rlp::Items;
use crate::{Address, Field, StateProofError, keccak256};

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

    /// The slot `count` slots on: of a struct's member or of an element of an array of fixed length.
    #[must_use]
    pub fn plus(&self, count: u64) -> Self {
        self.advance(u128::from(count))
    }

    /// The slot of an entry in the mapping at this slot: keccak of the key, padded to 32 bytes, and the slot.
    ///
    /// Numbers and addresses are padded in front (negative ones with ones), `bytesN` behind.
    #[must_use]
    pub fn entry(&self, key: &[u8; 32]) -> Self {
        let mut preimage = [0; 64];
        preimage[..32].copy_from_slice(key);
        preimage[32..].copy_from_slice(&self.0);
        Self(keccak256(&preimage))
    }

    /// The slot of an address in the mapping at this slot.
    #[must_use]
    pub fn entry_of(&self, address: &Address) -> Self {
        self.entry(&address.to_word())
    }

    /// The slot of an unsigned number in the mapping at this slot.
    #[must_use]
    pub fn entry_at(&self, number: u64) -> Self {
        self.entry(&Self::variable(number).0)
    }

    /// The slot of a `bytes` or `string` in the mapping at this slot; such keys are not padded.
    #[must_use]
    pub fn entry_named(&self, key: &[u8]) -> Self {
        Self(keccak256(&[key, &self.0].concat()))
    }

    /// The first slot of the data of the dynamic array, long `bytes` or long `string` at this slot.
    #[must_use]
    pub fn data(&self) -> Self {
        Self(keccak256(&self.0))
    }

    /// The first slot of element `index` in the dynamic array at this slot, whose elements take `slots` slots each.
    ///
    /// Whether the array is that long, [`StateProof::array_length`](crate::StateProof::array_length) proves.
    #[must_use]
    pub fn element(&self, index: u64, slots: u64) -> Self {
        self.data().advance(u128::from(index) * u128::from(slots))
    }

    /// Slot and place of element `index` in the dynamic array at this slot, whose elements have `width` bytes
    /// each and share slots; nothing if no element can be so wide.
    pub fn packed_element(&self, index: u64, width: u8) -> Option<(Self, Field)> {
        let per_slot = 32_u8.checked_div(width).filter(|count| *count > 0)?;
        let place = u8::try_from(index % u64::from(per_slot)).ok()?;
        let field = Field::new(place * width, width)?;
        Some((self.element(index / u64::from(per_slot), 1), field))
    }

    /// The slots that hold the data of the `bytes` or `string` of `length` bytes at this slot; none if it
    /// is short enough to stand beside its length.
    pub fn long_data(&self, length: usize) -> impl Iterator<Item = Self> {
        let count = if length < 32 { 0 } else { length.div_ceil(32) };
        let first = self.data();
        (0..count as u64).map(move |index| first.plus(index))
    }

    /// The slot `count` slots on. Slots are numbers modulo 2^256, for contracts too.
    fn advance(&self, count: u128) -> Self {
        let mut sum = self.0;
        let mut carry = count;
        for byte in sum.iter_mut().rev() {
            if carry == 0 {
                break;
            }
            carry += u128::from(*byte);
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        Self(sum)
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
