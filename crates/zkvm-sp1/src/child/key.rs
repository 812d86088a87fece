//! Verifying keys and their encodings.

use bincode::Options as _;
use sp1_sdk::{HashableKey as _, SP1VerifyingKey};
use valence_coprocessor_verifier::{hash_from_words, hash_to_words};
use valence_coprocessor_zkvm::{VerifyingKey, ZkvmError};

fn options(limit: u64) -> impl bincode::Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_limit(limit)
}

/// The port's form of a key.
///
/// The hash is packed from the eight words here, each checked to be a field element: SP1's own `bytes32_raw` panics on
/// one key in 128.
pub(crate) fn encode(key: &SP1VerifyingKey) -> Result<VerifyingKey, ZkvmError> {
    let words = key.hash_u32();
    let hash =
        hash_from_words(&words).ok_or_else(|| invalid("its hash is not made of field elements"))?;
    let bytes = options(u64::MAX)
        .serialize(key)
        .map_err(|error| invalid(&error.to_string()))?;
    Ok(VerifyingKey { bytes, hash })
}

/// SP1's form of a key, which must be the one that the hash names.
pub(crate) fn decode(key: &VerifyingKey) -> Result<SP1VerifyingKey, ZkvmError> {
    let words = hash_to_words(&key.hash).map_err(|error| invalid(&error.to_string()))?;
    let decoded: SP1VerifyingKey = options(key.bytes.len() as u64)
        .deserialize(&key.bytes)
        .map_err(|error| invalid(&error.to_string()))?;
    if decoded.hash_u32() != words {
        return Err(invalid("its bytes are not of its hash"));
    }
    Ok(decoded)
}

fn invalid(reason: &str) -> ZkvmError {
    ZkvmError::InvalidVerifyingKey {
        reason: reason.to_owned(),
    }
}
