//! `StepPublicValues`: what the circuit of any light client commits to.

use crate::{DecodeError, HeadState, PayloadHash, StateRoot};

/// One step of a domain's light client, from a state to the next, and the block that it proves.
///
/// ```text
/// previous (32) · state (32) · number (8) · time (8) · state root (32) · payload hash (32)     numbers big-endian
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepPublicValues {
    /// The state that the step starts from: the domain's head, or its genesis.
    pub previous: HeadState,
    /// The state that it leads to.
    pub state: HeadState,
    /// The number of the proven block.
    pub number: u64,
    /// Its time, in seconds since 1970.
    pub time: u64,
    /// The root of the state after it.
    pub state_root: StateRoot,
    /// SHA-256 of its payload.
    pub payload_hash: PayloadHash,
}

impl StepPublicValues {
    /// Bytes of the encoding.
    pub const LENGTH: usize = 144;

    /// The bytes that a step's proof commits to.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..32].copy_from_slice(self.previous.as_bytes());
        bytes[32..64].copy_from_slice(self.state.as_bytes());
        bytes[64..72].copy_from_slice(&self.number.to_be_bytes());
        bytes[72..80].copy_from_slice(&self.time.to_be_bytes());
        bytes[80..112].copy_from_slice(self.state_root.as_bytes());
        bytes[112..].copy_from_slice(self.payload_hash.as_bytes());
        bytes
    }

    /// Reads the bytes that a step's proof commits to.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let length = bytes.len();
        let (Some(bytes), Some(remaining)) = (
            bytes.first_chunk::<{ Self::LENGTH }>(),
            length.checked_sub(Self::LENGTH),
        ) else {
            return Err(DecodeError::Truncated {
                field: "public values of a step",
                needed: Self::LENGTH as u64,
                remaining: length as u64,
            });
        };
        if remaining != 0 {
            return Err(DecodeError::Trailing {
                remaining: remaining as u64,
            });
        }
        let hash = |at: usize| {
            let mut hash = [0; 32];
            hash.copy_from_slice(&bytes[at..at + 32]);
            hash
        };
        let (words, _) = bytes.as_chunks::<8>();
        Ok(Self {
            previous: HeadState::from_bytes(hash(0)),
            state: HeadState::from_bytes(hash(32)),
            number: u64::from_be_bytes(words[8]),
            time: u64::from_be_bytes(words[9]),
            state_root: StateRoot::from_bytes(hash(80)),
            payload_hash: PayloadHash::from_bytes(hash(112)),
        })
    }
}
