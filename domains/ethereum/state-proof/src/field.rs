//! `Field`: a value that shares its slot with others, and what its bytes mean.

use crate::{Address, ValueError};

/// Where in a slot's word a value lies. Solidity packs from the least significant byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// Bytes between the value and the end of the word.
    offset: u8,
    /// Bytes of the value, 1 to 32.
    width: u8,
}

impl Field {
    /// The whole word.
    pub const WORD: Self = Self {
        offset: 0,
        width: 32,
    };

    /// The value of `width` bytes that lies `offset` bytes before the word's end, as `solc --storage-layout`
    /// names it; nothing if it does not fit a word. As a constant: `Field::new(20, 1).expect("fits a word")`.
    pub const fn new(offset: u8, width: u8) -> Option<Self> {
        if width == 0 || width > 32 || offset > 32 - width {
            return None;
        }
        Some(Self { offset, width })
    }

    /// Bytes between the value and the end of the word.
    pub const fn offset(&self) -> u8 {
        self.offset
    }

    /// Bytes of the value.
    pub const fn width(&self) -> u8 {
        self.width
    }

    /// The value's bytes, the most significant first. A `bytesN` is these.
    pub fn bytes<'w>(&self, word: &'w [u8; 32]) -> &'w [u8] {
        let end = 32 - usize::from(self.offset);
        &word[end - usize::from(self.width)..end]
    }

    /// An unsigned number, big-endian, with zeros in front.
    pub fn unsigned(&self, word: &[u8; 32]) -> [u8; 32] {
        self.extended(word, 0)
    }

    /// A signed number in two's complement, big-endian, with its sign in front.
    pub fn signed(&self, word: &[u8; 32]) -> [u8; 32] {
        let is_negative = self.bytes(word).first().is_some_and(|byte| byte >> 7 == 1);
        self.extended(word, if is_negative { 0xff } else { 0 })
    }

    /// An unsigned number that must fit 64 bits.
    pub fn number(&self, word: &[u8; 32]) -> Result<u64, ValueError> {
        match self.unsigned(word).split_last_chunk::<8>() {
            Some((front, number)) if front.iter().all(|byte| *byte == 0) => {
                Ok(u64::from_be_bytes(*number))
            }
            _ => Err(ValueError::Number),
        }
    }

    /// The address of an account or contract; the field must have 20 bytes.
    pub fn address(&self, word: &[u8; 32]) -> Result<Address, ValueError> {
        let bytes = self.bytes(word);
        bytes
            .try_into()
            .map(Address::from_bytes)
            .map_err(|_| ValueError::Width {
                got: bytes.len(),
                expected: 20,
            })
    }

    /// A `bool`; the field must have one byte, which is 0 or 1.
    pub fn boolean(&self, word: &[u8; 32]) -> Result<bool, ValueError> {
        match self.bytes(word) {
            [0] => Ok(false),
            [1] => Ok(true),
            [got] => Err(ValueError::Boolean { got: *got }),
            bytes => Err(ValueError::Width {
                got: bytes.len(),
                expected: 1,
            }),
        }
    }

    fn extended(self, word: &[u8; 32], fill: u8) -> [u8; 32] {
        let mut extended = [fill; 32];
        extended[32 - usize::from(self.width)..].copy_from_slice(self.bytes(word));
        extended
    }
}
