//! What identifies the exact ELF that a proof is of.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A verifying key with its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyingKey {
    /// The key as `circuit/vk` serves it (bincode of SP1's `SP1VerifyingKey`).
    pub bytes: Vec<u8>,
    /// The hash of the key, as contracts and guests name it.
    pub hash: VerifyingKeyHash,
}

/// The 32-byte hash of a verifying key, the form that contracts pin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VerifyingKeyHash([u8; 32]);

impl VerifyingKeyHash {
    /// Wraps the 32 bytes of `bytes32`.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of `bytes32`.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for VerifyingKeyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for VerifyingKeyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyingKeyHash({self})")
    }
}

/// A text that is no [`VerifyingKeyHash`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a verifying key hash: expected 64 hex digits, with or without 0x, got `{got}`")]
pub struct InvalidVerifyingKeyHash {
    got: String,
}

impl FromStr for VerifyingKeyHash {
    type Err = InvalidVerifyingKeyHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidVerifyingKeyHash {
            got: text.to_owned(),
        };
        let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return Err(invalid());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16).ok_or_else(invalid)?;
            let low = char::from(pair[1]).to_digit(16).ok_or_else(invalid)?;
            *byte = u8::try_from(high << 4 | low).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}
