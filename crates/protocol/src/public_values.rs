//! `PublicValues`: what a program proof commits to.

use alloc::vec::Vec;

use crate::{DecodeError, Root};

/// `root ‖ output`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicValues {
    /// The co-processor root under which every state proof was opened.
    pub root: Root,
    /// What the circuit's function returned.
    pub output: Vec<u8>,
}

impl PublicValues {
    /// The bytes that a program proof commits to.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + self.output.len());
        bytes.extend_from_slice(self.root.as_bytes());
        bytes.extend_from_slice(&self.output);
        bytes
    }

    /// Splits the bytes that a program proof commits to.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let Some((root, output)) = bytes.split_first_chunk::<32>() else {
            return Err(DecodeError::Truncated {
                field: "root",
                needed: 32,
                remaining: bytes.len() as u64,
            });
        };
        Ok(Self {
            root: Root::from_bytes(*root),
            output: output.to_vec(),
        })
    }
}
