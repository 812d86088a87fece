//! Solidity's values of more than one slot: `bytes`, `string` and the length of a dynamic array.
//!
//! <https://docs.soliditylang.org/en/latest/internals/layout_in_storage.html>

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Account, Slot, StateProof, StateProofError, ValueError};

/// A value of this many bytes or more does not fit beside its length.
const LONG: usize = 32;

/// How a `bytes` or `string` is stored, by the word in its own slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// At most 31 bytes, in the word itself.
    Short(usize),
    /// 32 bytes or more, in slots of their own.
    Long(usize),
}

impl StateProof<'_> {
    /// A Solidity `bytes` of at most `limit` bytes. Its own slot is proven, and each slot of its data.
    ///
    /// As the contract reads it: bytes beyond the length, which some compilers left behind, do not count.
    pub fn bytes(
        &mut self,
        account: &Account,
        slot: &Slot,
        limit: usize,
    ) -> Result<Vec<u8>, StateProofError> {
        let word = self.slot(account, slot)?.to_word();
        let length = match layout(&word, limit).map_err(StateProofError::Value)? {
            Layout::Short(length) => return Ok(word[..length].to_vec()),
            Layout::Long(length) => length,
        };
        let mut bytes = Vec::with_capacity(length.next_multiple_of(32));
        for part in slot.long_data(length) {
            bytes.extend_from_slice(&self.slot(account, &part)?.to_word());
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    /// A Solidity `string` of at most `limit` bytes, which must be UTF-8.
    pub fn string(
        &mut self,
        account: &Account,
        slot: &Slot,
        limit: usize,
    ) -> Result<String, StateProofError> {
        let bytes = self.bytes(account, slot, limit)?;
        String::from_utf8(bytes).map_err(|_| StateProofError::Value(ValueError::NotText))
    }

    /// How many elements the dynamic array at a slot has.
    ///
    /// An element's own slot says nothing about the length: slots beyond it may hold anything.
    pub fn array_length(&mut self, account: &Account, slot: &Slot) -> Result<u64, StateProofError> {
        let word = self.slot(account, slot)?.to_word();
        crate::Field::WORD
            .number(&word)
            .map_err(StateProofError::Value)
    }
}

fn layout(word: &[u8; 32], limit: usize) -> Result<Layout, ValueError> {
    let last = word[31];
    let layout = if last & 1 == 0 {
        Layout::Short(usize::from(last / 2))
    } else {
        let too_long = ValueError::TooLong { limit };
        let doubled = crate::Field::WORD.number(word).map_err(|_| too_long)?;
        Layout::Long(usize::try_from(doubled / 2).map_err(|_| too_long)?)
    };
    match layout {
        Layout::Short(length) if length >= LONG => Err(ValueError::BytesEncoding),
        Layout::Long(length) if length < LONG => Err(ValueError::BytesEncoding),
        Layout::Short(length) | Layout::Long(length) if length > limit => {
            Err(ValueError::TooLong { limit })
        }
        layout => Ok(layout),
    }
}
