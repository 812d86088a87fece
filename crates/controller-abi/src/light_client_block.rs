//! A block of a domain with a light client, as it is posted to a service: the body of `/api/registry/domain/{name}`.

use alloc::vec::Vec;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A block with what shows that the domain's light client accepts it: `{"payload": …, "evidence": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightClientBlock {
    /// The payload of the block, whose SHA-256 the step publishes.
    pub payload: Base64,
    /// What shows that the step is one.
    pub evidence: StepEvidence,
}

/// `{"proof": {"public_values": …, "proof": …}}` or `{"input": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StepEvidence {
    /// A compressed proof of the light client.
    Proof {
        /// What the proof commits to, 144 bytes (docs/protocol.md).
        public_values: Base64,
        /// The proof, as the zkVM encodes it.
        proof: Base64,
    },
    /// What the light client reads, for development services: they run it, and nothing is proven.
    Input(Base64),
}

/// Bytes that are one string of standard base64 in JSON.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl core::fmt::Debug for Base64 {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // A proof of megabytes must not end up in a log line.
        write!(formatter, "Base64({} bytes)", self.0.len())
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        STANDARD
            .decode(text.as_bytes())
            .map(Self)
            .map_err(D::Error::custom)
    }
}
