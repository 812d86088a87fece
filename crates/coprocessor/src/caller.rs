//! Who asks: nobody in particular, or the holder of a key.
//!
//! The engine trusts that whoever makes a [`Caller::Key`] has checked a signature under that key; it decides only
//! what that key may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A secp256k1 public key in compressed form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 33]);

impl PublicKey {
    /// The key with these compressed bytes.
    pub const fn from_bytes(bytes: [u8; 33]) -> Self {
        Self(bytes)
    }

    /// The compressed bytes.
    pub const fn as_bytes(&self) -> &[u8; 33] {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({self})")
    }
}

/// The text is not a public key: 66 hexadecimal digits are expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a compressed public key is 66 hexadecimal digits")]
pub struct PublicKeyError;

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 33];
        crate::text::decode_hex(text, &mut bytes).ok_or(PublicKeyError)?;
        Ok(Self(bytes))
    }
}

/// Who makes a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Caller {
    /// The request bears no signature.
    #[default]
    Anonymous,
    /// The request was signed by the holder of this key.
    Key(#[serde(with = "crate::text")] PublicKey),
}

impl Caller {
    /// The key, if the request was signed.
    pub const fn key(&self) -> Option<PublicKey> {
        match self {
            Self::Anonymous => None,
            Self::Key(key) => Some(*key),
        }
    }

    /// Whether this caller may change what `owner` owns; what nobody owns, anybody may change.
    pub fn may_change(&self, owner: Option<PublicKey>) -> bool {
        owner.is_none_or(|owner| self.key() == Some(owner))
    }
}
