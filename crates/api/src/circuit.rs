//! Calls of a circuit and its controller.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use valence_coprocessor_protocol::Root;

use crate::{Base64Bytes, ProofKind, text};

/// Asks for witnesses.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ComputeRequest {
    /// Arguments of `get_witnesses`.
    #[serde(default)]
    pub args: Value,
    /// Not used here; taken so that one body serves `witnesses` and `prove`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
}

/// Asks for a proof.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ProveRequest {
    /// Arguments of `get_witnesses`.
    #[serde(default)]
    pub args: Value,
    /// Handed to the controller's entry point with the proof, or with the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    /// Kind of proof; the configuration of the service decides when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProofKind>,
    /// Where to post the outcome, http or https, at most 2,048 bytes; see the schema `CallbackBody`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Seconds from now after which the job fails unless it is proven; the configuration of the service decides when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<u64>,
}

/// Witnesses and what the controller logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WitnessAnswer {
    /// The witnesses.
    pub witnesses: WitnessSet,
    /// What the controller logged.
    pub log: Vec<String>,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// Witnesses with the openings of their state proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WitnessSet {
    /// The root that every opening leads to.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// The encoded opening of each state proof, in their order.
    pub proofs: Vec<Base64Bytes>,
    /// The witnesses.
    pub witnesses: Vec<WitnessValue>,
}

/// One witness. Byte arrays are arrays of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum WitnessValue {
    /// Plain data.
    Data(Vec<u8>),
    /// A proof of chain state.
    StateProof {
        /// Domain id.
        domain: [u8; 32],
        /// Block number.
        number: u64,
        /// State root.
        state_root: [u8; 32],
        /// What the domain keeps beside the state root.
        payload: Vec<u8>,
        /// The proof, in the domain's own encoding.
        proof: Vec<u8>,
    },
}

/// What an entry point returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallAnswer {
    /// The returned value.
    pub ret: Value,
    /// What the controller logged.
    pub log: Vec<String>,
}

/// Bytes of a circuit or controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CircuitBytes {
    /// The bytes.
    pub base64: Base64Bytes,
}

/// Verifying key of a circuit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyingKeyAnswer {
    /// The key as the zkVM encodes it (bincode).
    pub base64: Base64Bytes,
    /// Hash of the key, as contracts know it (bytes32), hexadecimal.
    pub hash: String,
    /// Nothing is logged when a key is read; kept for published clients.
    pub log: Vec<String>,
}
