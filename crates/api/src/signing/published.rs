//! The form of published clients: `SHA-256(uuid text ‖ canonical JSON (RFC 8785))`, the key recovered from the signature.
//!
//! It binds neither route nor circuit nor root, and ECDSA is malleable, so whoever takes it must let each uuid count once
//! per recovered key.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{PublicKey, RequestSigner, SigningError};

/// Signs as published clients do; `body` is `null` for a request without one.
pub fn sign_published(
    signer: &RequestSigner,
    uuid: &str,
    body: &[u8],
) -> Result<Vec<u8>, SigningError> {
    let (signature, recovery) = signer
        .0
        .sign_prehash_recoverable(&digest(uuid, body)?)
        .map_err(|_| SigningError::Malformed)?;
    let mut bytes = signature.to_bytes().to_vec();
    bytes.push(recovery.to_byte());
    Ok(bytes)
}

/// The key that signed `uuid` and `body`. Every well-formed signature yields some key: what it may do is another question.
pub fn recover_published(
    signature: &[u8],
    uuid: &str,
    body: &[u8],
) -> Result<PublicKey, SigningError> {
    let Some((recovery, scalars)) = signature.split_last().filter(|(_, rest)| rest.len() == 64)
    else {
        return Err(SigningError::Length {
            got: signature.len(),
            expected: 65,
        });
    };
    // Some signers add 27 to the recovery id.
    let recovery = if *recovery > 3 {
        recovery.saturating_sub(27)
    } else {
        *recovery
    };
    let recovery = RecoveryId::from_byte(recovery).ok_or(SigningError::Malformed)?;
    let signature = Signature::from_slice(scalars).map_err(|_| SigningError::Malformed)?;
    VerifyingKey::recover_from_prehash(&digest(uuid, body)?, &signature, recovery)
        .map(|key| PublicKey::of(&key))
        .map_err(|_| SigningError::Mismatch)
}

fn digest(uuid: &str, body: &[u8]) -> Result<[u8; 32], SigningError> {
    let body: Value = serde_json::from_slice(body).map_err(SigningError::Body)?;
    let canonical = serde_json_canonicalizer::to_vec(&body).map_err(SigningError::Body)?;
    Ok(Sha256::new_with_prefix(uuid.as_bytes())
        .chain_update(canonical)
        .finalize()
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_recovered_however_the_json_is_written() -> Result<(), SigningError> {
        let signer = RequestSigner::from_secret(&[7; 32])?;
        let signature = sign_published(&signer, "ab", br#"{"b": "foo", "a": 42}"#)?;
        for body in [
            &br#"{"a":42,"b":"foo"}"#[..],
            br#"{ "b":"foo" , "a":42.0 }"#,
        ] {
            assert_eq!(
                recover_published(&signature, "ab", body)?,
                signer.public_key()
            );
        }
        assert_ne!(
            recover_published(&signature, "ab", br#"{"a":43,"b":"foo"}"#).ok(),
            Some(signer.public_key())
        );
        Ok(())
    }

    #[test]
    fn attack_c1_a_mirrored_signature_is_refused() -> Result<(), SigningError> {
        let signer = RequestSigner::from_secret(&[7; 32])?;
        let honest = sign_published(&signer, "ab", b"null")?;
        let (r, s) = Signature::from_slice(&honest[..64])
            .expect("just made")
            .split_scalars();
        let mirrored = Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).expect("in range");
        let mut bytes = mirrored.to_bytes().to_vec();
        bytes.push(honest[64] ^ 1);
        assert!(matches!(
            recover_published(&bytes, "ab", b"null"),
            Err(SigningError::Mismatch)
        ));
        Ok(())
    }
}
