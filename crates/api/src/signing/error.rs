//! Why a request cannot be signed, or its signature is refused.

/// Why a request cannot be signed, or its signature is refused.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The secret is no key.
    #[error(
        "the secret is no secp256k1 key; give 32 bytes in hexadecimal, or {{\"SecretEccNistP256\": \"…\"}}"
    )]
    InvalidSecret,
    /// The public key is not a compressed point.
    #[error("the public key is no compressed secp256k1 point (33 bytes in hexadecimal)")]
    InvalidPublicKey,
    /// The signature has another length.
    #[error("the signature has {got} bytes; expected {expected}")]
    Length {
        /// Length of the signature.
        got: usize,
        /// Length that the form has.
        expected: usize,
    },
    /// The signature's numbers are out of range, or its second half is not the smaller one.
    #[error("the signature is malformed")]
    Malformed,
    /// No key made this signature over this request.
    #[error("the signature does not belong to this request")]
    Mismatch,
    /// The body that the signature covers is not JSON.
    #[error("the signed body is not JSON")]
    Body(#[source] serde_json::Error),
}
