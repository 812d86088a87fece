//! Keys: who signs, who signed.

use k256::ecdsa::{SigningKey, VerifyingKey};
use serde::Deserialize;

use super::SigningError;
use crate::hex;

/// A compressed secp256k1 point: the identity of a caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 33]);

impl PublicKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SigningError> {
        let compressed: [u8; 33] = bytes
            .try_into()
            .map_err(|_| SigningError::InvalidPublicKey)?;
        VerifyingKey::from_sec1_bytes(&compressed).map_err(|_| SigningError::InvalidPublicKey)?;
        Ok(Self(compressed))
    }

    /// The 33 bytes.
    pub const fn as_bytes(&self) -> &[u8; 33] {
        &self.0
    }

    pub(super) fn of(key: &VerifyingKey) -> Self {
        let point = key.to_encoded_point(true);
        Self(
            point
                .as_bytes()
                .try_into()
                .expect("a compressed point has 33 bytes"),
        )
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&hex::encode(&self.0))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PublicKey({self})")
    }
}

/// A secret key that signs requests.
#[derive(Clone)]
pub struct RequestSigner(pub(super) SigningKey);

impl RequestSigner {
    /// The signer with these 32 bytes.
    pub fn from_secret(secret: &[u8]) -> Result<Self, SigningError> {
        SigningKey::from_slice(secret)
            .map(Self)
            .map_err(|_| SigningError::InvalidSecret)
    }

    /// Reads hexadecimal, or the JSON that published clients keep in `VALENCE_SIGNER`.
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        #[derive(Deserialize)]
        enum Stored {
            SecretEccNistP256(String),
        }

        let text = text.trim();
        let secret = match serde_json::from_str(text) {
            Ok(Stored::SecretEccNistP256(secret)) => hex::decode(&secret),
            Err(_) => hex::decode(text),
        };
        Self::from_secret(&secret.ok_or(SigningError::InvalidSecret)?)
    }

    /// The identity that goes with it.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(self.0.verifying_key())
    }
}

impl std::fmt::Debug for RequestSigner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "RequestSigner({})", self.public_key())
    }
}
