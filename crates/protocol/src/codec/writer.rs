//! `Writer`: the other direction of [`Reader`](crate::Reader).

use alloc::vec::Vec;

use crate::sha256::Words;

/// Appends values to a byte string.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Starts with nothing.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Starts with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
        }
    }

    /// Appends a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// Appends the length of something.
    pub fn length(&mut self, length: usize) -> &mut Self {
        self.number(length as u64)
    }

    /// Appends the 32 bytes of an identifier.
    pub fn identifier(&mut self, bytes: &[u8; 32]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends bytes and their padding.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self
    }

    /// Appends one node.
    pub fn node(&mut self, node: &Words) -> &mut Self {
        for word in node {
            self.bytes.extend_from_slice(&word.to_le_bytes());
        }
        self
    }

    /// What was appended; its length is a multiple of eight.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
