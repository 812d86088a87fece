//! What identifies the exact ELF that a proof is of.

use serde::{Deserialize, Serialize};
use valence_coprocessor_protocol::VerifyingKeyHash;

/// A verifying key with its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyingKey {
    /// The key as `circuit/vk` serves it (bincode of SP1's `SP1VerifyingKey`).
    pub bytes: Vec<u8>,
    /// The hash of the key, as contracts and guests name it.
    #[serde(with = "hash_bytes")]
    pub hash: VerifyingKeyHash,
}

/// Serialises a [`VerifyingKeyHash`] as its 32 bytes; the protocol crate, which guests use, knows no serde.
pub(crate) mod hash_bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use valence_coprocessor_protocol::VerifyingKeyHash;

    pub(crate) fn serialize<S: Serializer>(
        hash: &VerifyingKeyHash,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        hash.as_bytes().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<VerifyingKeyHash, D::Error> {
        <[u8; 32]>::deserialize(deserializer).map(VerifyingKeyHash::from_bytes)
    }
}
