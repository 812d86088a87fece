//! The history: roots, updates, openings, blocks.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateRoot, VerifyingKeyHash};

use crate::{Base64Bytes, text};

/// The newest root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RootAnswer {
    /// The root.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// A block as published clients read it: byte arrays are arrays of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockBytes {
    /// Domain id.
    pub domain: [u8; 32],
    /// Block number.
    pub number: u64,
    /// State root.
    pub root: [u8; 32],
    /// What the domain keeps beside the state root.
    pub payload: Vec<u8>,
}

/// The append that led to a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateAnswer {
    /// Sequence number of the append, 16 bytes big-endian, hexadecimal.
    pub uuid: String,
    /// The root after the append.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// The root before the append.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub previous: Root,
    /// The block.
    pub block: BlockBytes,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// An append with the proof that nothing else changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateWithProof {
    /// Sequence number of the append, 16 bytes big-endian, hexadecimal.
    pub uuid: String,
    /// The root after the append.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// The root before the append.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub previous: Root,
    /// The block.
    pub block: BlockBytes,
    /// The append proof (`BlockAppend` of docs/protocol.md).
    pub proof: Base64Bytes,
}

/// Which part of the appends to answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpdateRange {
    /// At most so many appends; the service has a limit of its own.
    pub limit: Option<u32>,
}

/// Consecutive appends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdatePage {
    /// The appends, oldest first.
    pub updates: Vec<UpdateWithProof>,
    /// If there are more: ask again with this root as `from`.
    #[serde(with = "text::option")]
    #[schema(value_type = Option<String>)]
    pub next: Option<Root>,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// Shows that a block is in the history under a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpeningAnswer {
    /// Domain id.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub domain: DomainId,
    /// Block number.
    pub number: u64,
    /// The root that the opening leads to.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// State root of the block.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub state_root: StateRoot,
    /// What the domain keeps beside the state root.
    pub payload: Base64Bytes,
    /// The encoded opening (docs/protocol.md).
    pub opening: Base64Bytes,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// What the domain's light client proves about a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepProofAnswer {
    /// Name of the domain.
    pub domain: String,
    /// Block number.
    pub number: u64,
    /// Hash of the light client's verifying key (bytes32).
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub verifying_key: VerifyingKeyHash,
    /// What the proof commits to, 144 bytes (docs/protocol.md).
    pub public_values: Base64Bytes,
    /// The compressed proof.
    pub proof: Base64Bytes,
}

/// The newest block of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LatestBlockAnswer {
    /// The root of the history under which this block is the newest of its domain.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub coprocessor: Root,
    /// Domain id.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub domain: DomainId,
    /// Block number.
    pub number: u64,
    /// State root of the block.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: StateRoot,
    /// What the domain keeps beside the state root, hexadecimal.
    pub payload: String,
    /// State of the domain's light client after the block; zero if no light client was asked.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub head: HeadState,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// A block was appended. Byte arrays are arrays of numbers, as published clients read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddedBlockAnswer {
    /// Domain id.
    pub domain: [u8; 32],
    /// Root of the history before.
    pub prev_smt: [u8; 32],
    /// Root of the history after.
    pub smt: [u8; 32],
    /// What the controller logged.
    pub log: Vec<String>,
    /// Block number.
    pub number: u64,
    /// State root of the block.
    pub root: [u8; 32],
    /// What the domain keeps beside the state root.
    pub payload: Vec<u8>,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}
