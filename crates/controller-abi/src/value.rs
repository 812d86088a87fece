//! The values that cross the boundary, with their two encodings: msgpack (as crate `msgpacker` 0.4 writes it: fields
//! one after another, a fixed array element by element, `None` as nil) for what imports return, and JSON with byte
//! arrays as arrays of numbers for what exports return. Raw arrays stand here for ids and roots because this is the codec.

use alloc::vec::Vec;

use msgpacker::{MsgPacker, Packable, Unpackable};
use serde::{Deserialize, Serialize};
use valence_coprocessor_protocol::{DomainId, Root, StateProof, StateRoot, Witness};

/// A block of a domain, as `get_latest_block` returns it.
#[derive(Clone, Debug, Default, PartialEq, Eq, MsgPacker, Serialize, Deserialize)]
pub struct Block {
    /// Identifier of the domain.
    pub domain: [u8; 32],
    /// Number of the block in its domain.
    pub number: u64,
    /// State root of the block.
    pub root: [u8; 32],
    /// What the domain's controller keeps of the block.
    pub payload: Vec<u8>,
}

/// One step of the history, as `get_historical_update` returns it.
#[derive(Clone, Debug, Default, PartialEq, Eq, MsgPacker, Serialize, Deserialize)]
pub struct HistoricalUpdate {
    /// Sequence number of the step, big-endian.
    pub uuid: [u8; 16],
    /// Co-processor root after the step.
    pub root: [u8; 32],
    /// Co-processor root before the step.
    pub previous: [u8; 32],
    /// The block that was appended.
    pub block: Block,
}

/// A state proof as it crosses the boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq, MsgPacker, Serialize, Deserialize)]
pub struct StateProofValue {
    /// Identifier of the domain.
    pub domain: [u8; 32],
    /// Number of the block.
    pub number: u64,
    /// State root of the block.
    pub state_root: [u8; 32],
    /// Payload of the block.
    pub payload: Vec<u8>,
    /// The domain's own proof.
    pub proof: Vec<u8>,
}

/// A witness as `get_witnesses` returns it, in JSON: `{"StateProof": …}` or `{"Data": [bytes]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WitnessValue {
    /// A proof of chain state.
    StateProof(StateProofValue),
    /// Plain bytes.
    Data(Vec<u8>),
}

/// What `validate_block` returns, in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidatedBlock {
    /// Number of the block.
    pub number: u64,
    /// State root of the block.
    pub root: [u8; 32],
    /// What the domain wants to keep of the block.
    #[serde(default)]
    pub payload: Vec<u8>,
}

impl Block {
    /// The domain's identifier.
    pub const fn domain(&self) -> DomainId {
        DomainId::from_bytes(self.domain)
    }

    /// The block's state root.
    pub const fn state_root(&self) -> StateRoot {
        StateRoot::from_bytes(self.root)
    }
}

impl HistoricalUpdate {
    /// The root after the step.
    pub const fn root(&self) -> Root {
        Root::from_bytes(self.root)
    }

    /// The root before the step.
    pub const fn previous(&self) -> Root {
        Root::from_bytes(self.previous)
    }
}

impl From<StateProof> for StateProofValue {
    fn from(proof: StateProof) -> Self {
        Self {
            domain: *proof.domain.as_bytes(),
            number: proof.number,
            state_root: *proof.state_root.as_bytes(),
            payload: proof.payload,
            proof: proof.proof,
        }
    }
}

impl From<StateProofValue> for StateProof {
    fn from(value: StateProofValue) -> Self {
        Self {
            domain: DomainId::from_bytes(value.domain),
            number: value.number,
            state_root: StateRoot::from_bytes(value.state_root),
            payload: value.payload,
            proof: value.proof,
        }
    }
}

impl From<Witness> for WitnessValue {
    fn from(witness: Witness) -> Self {
        match witness {
            Witness::Data(data) => Self::Data(data),
            Witness::StateProof(proof) => Self::StateProof(proof.into()),
        }
    }
}

impl From<WitnessValue> for Witness {
    fn from(value: WitnessValue) -> Self {
        match value {
            WitnessValue::Data(data) => Self::Data(data),
            WitnessValue::StateProof(proof) => Self::StateProof(proof.into()),
        }
    }
}

/// A msgpack value could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnpackError {
    /// The bytes are not an encoding of the value.
    Malformed,
    /// Bytes follow the value.
    Trailing,
}

impl core::fmt::Display for UnpackError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => "the msgpack bytes are malformed",
            Self::Trailing => "bytes follow the msgpack value",
        })
    }
}

impl core::error::Error for UnpackError {}

/// Encodes a value as msgpack.
pub fn pack<T: Packable>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.pack(&mut bytes);
    bytes
}

/// Encodes a value that may be missing: nil if it is.
pub fn pack_option<T: Packable>(value: Option<&T>) -> Vec<u8> {
    value.map_or_else(|| alloc::vec![NIL], pack)
}

/// Decodes a msgpack value; bytes may not follow it.
pub fn unpack<T: Unpackable>(bytes: &[u8]) -> Result<T, UnpackError> {
    let (read, value) = T::unpack(bytes).map_err(|_| UnpackError::Malformed)?;
    if read == bytes.len() {
        Ok(value)
    } else {
        Err(UnpackError::Trailing)
    }
}

/// Decodes a msgpack value that may be missing.
pub fn unpack_option<T: Unpackable>(bytes: &[u8]) -> Result<Option<T>, UnpackError> {
    if bytes == [NIL] {
        Ok(None)
    } else {
        unpack(bytes).map(Some)
    }
}

/// msgpack's nil.
const NIL: u8 = 0xc0;
