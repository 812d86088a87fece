//! `Reader`: takes values from words and borrows what is long.

use crate::DecodeError;
use crate::sha256::Words;

/// Reads values from the front of a slice of words.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    words: &'a [u64],
}

impl<'a> Reader<'a> {
    /// Starts at the first word.
    pub const fn new(words: &'a [u64]) -> Self {
        Self { words }
    }

    /// Takes one number.
    pub fn number(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        match self.words.split_first() {
            Some((word, rest)) => {
                self.words = rest;
                Ok(u64::from_le(*word))
            }
            None => Err(self.truncated(field, 8)),
        }
    }

    /// Takes a length or a count, which must not exceed `limit`.
    pub fn length(&mut self, field: &'static str, limit: usize) -> Result<usize, DecodeError> {
        let got = self.number(field)?;
        match usize::try_from(got) {
            Ok(length) if length <= limit => Ok(length),
            _ => Err(DecodeError::TooLarge {
                field,
                got,
                limit: limit as u64,
            }),
        }
    }

    /// Takes four words of an identifier, in order of memory.
    pub fn identifier(&mut self, field: &'static str) -> Result<[u64; 4], DecodeError> {
        match self.words.split_first_chunk::<4>() {
            Some((words, rest)) => {
                self.words = rest;
                Ok(*words)
            }
            None => Err(self.truncated(field, 32)),
        }
    }

    /// Borrows `length` bytes and demands that the padding after them is zero.
    pub fn bytes(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], DecodeError> {
        let words = self.take(field, length.div_ceil(8))?;
        let bytes: &[u8] = bytemuck::cast_slice(words);
        if let (Some(last), used @ 1..) = (words.last(), length % 8)
            && u64::from_le(*last) >> (8 * used) != 0
        {
            return Err(DecodeError::Padding { field });
        }
        Ok(&bytes[..length])
    }

    /// Borrows `count` nodes, each the eight state words of SHA-256.
    pub fn nodes(&mut self, field: &'static str, count: usize) -> Result<&'a [Words], DecodeError> {
        let words = self.take(field, count.saturating_mul(4))?;
        Ok(bytemuck::cast_slice(words))
    }

    /// Demands that everything was read.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.words.is_empty() {
            return Ok(());
        }
        Err(DecodeError::Trailing {
            remaining: self.remaining(),
        })
    }

    /// Bytes that are left.
    pub const fn remaining(&self) -> u64 {
        self.words.len() as u64 * 8
    }

    fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u64], DecodeError> {
        match self.words.split_at_checked(count) {
            Some((words, rest)) => {
                self.words = rest;
                Ok(words)
            }
            None => Err(self.truncated(field, (count as u64).saturating_mul(8))),
        }
    }

    #[cold]
    const fn truncated(&self, field: &'static str, needed: u64) -> DecodeError {
        DecodeError::Truncated {
            field,
            needed,
            remaining: self.remaining(),
        }
    }
}
