//! What the store keeps of a circuit and of a domain.

use serde::{Deserialize, Serialize};
use valence_coprocessor_protocol::{CircuitId, DomainId, DomainName};
use valence_coprocessor_zkvm::{VerifyingKey, VerifyingKeyHash};

use crate::{ModuleHash, PublicKey};

/// A circuit, as the store keeps it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CircuitRecord {
    #[serde(with = "crate::text")]
    pub(crate) id: CircuitId,
    #[serde(with = "crate::text::optional")]
    pub(crate) owner: Option<PublicKey>,
    #[serde(with = "crate::text")]
    pub(crate) controller: ModuleHash,
    #[serde(with = "crate::text")]
    pub(crate) elf: ModuleHash,
    pub(crate) nonce: u64,
    pub(crate) verifying_key: KeyRecord,
}

/// A domain, as the store keeps it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DomainRecord {
    #[serde(with = "crate::text")]
    pub(crate) id: DomainId,
    #[serde(with = "crate::text")]
    pub(crate) name: DomainName,
    #[serde(with = "crate::text::optional")]
    pub(crate) owner: Option<PublicKey>,
    #[serde(with = "crate::text")]
    pub(crate) controller: ModuleHash,
    /// The light client; a domain of a development service may have none.
    pub(crate) light_client: Option<LightClientRecord>,
}

/// The circuit of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LightClientRecord {
    #[serde(with = "crate::text")]
    pub(crate) elf: ModuleHash,
    /// Demanded at the deployment of an elected domain; a development service computes it when a proof first comes.
    pub(crate) verifying_key: Option<KeyRecord>,
}

/// A verifying key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    #[serde(with = "crate::text::base64")]
    pub(crate) bytes: Vec<u8>,
    #[serde(with = "crate::text")]
    pub(crate) hash: VerifyingKeyHash,
}

impl From<VerifyingKey> for KeyRecord {
    fn from(key: VerifyingKey) -> Self {
        Self {
            bytes: key.bytes,
            hash: key.hash,
        }
    }
}

impl KeyRecord {
    pub(crate) fn to_key(&self) -> VerifyingKey {
        VerifyingKey {
            bytes: self.bytes.clone(),
            hash: self.hash,
        }
    }
}

/// The key of a circuit in the registry's table.
pub(crate) fn circuit_key(id: &CircuitId) -> Vec<u8> {
    [CIRCUIT_PREFIX, id.as_bytes()].concat()
}

/// The key of a domain in the registry's table.
pub(crate) fn domain_key(id: &DomainId) -> Vec<u8> {
    [DOMAIN_PREFIX, id.as_bytes()].concat()
}

const CIRCUIT_PREFIX: &[u8] = b"circuit/";

/// What the keys of all domains begin with.
pub(crate) const DOMAIN_PREFIX: &[u8] = b"domain/";
