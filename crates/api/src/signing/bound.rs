//! Our own signed form: nothing that gives the request its meaning can be changed.
//!
//! ```text
//! digest = SHA-256( tag ‖ method ‖ path ‖ circuit ‖ root ‖ expiry (8) ‖ public key (33) ‖ uuid (16) ‖ SHA-256(body) )
//! ```
//!
//! `tag` is `valence-coprocessor/1/request`; method and path (with its query) are each preceded by their length as 8
//! bytes; circuit and root are a byte 0, or a byte 1 and 32 bytes; numbers are little-endian.

use k256::ecdsa::{
    Signature, VerifyingKey,
    signature::hazmat::{PrehashSigner as _, PrehashVerifier as _},
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use valence_coprocessor_protocol::{CircuitId, Root};

use super::{PublicKey, RequestSigner, SigningError};
use crate::{headers, hex};

/// How far ahead an expiry may lie, in seconds.
pub const MAX_EXPIRY_SECONDS: u64 = 600;

const TAG: &[u8] = b"valence-coprocessor/1/request";

/// What a signature of our own form covers.
#[derive(Debug, Clone, Copy)]
pub struct BoundRequest<'a> {
    /// Method, upper case.
    pub method: &'a str,
    /// Path and query, exactly as sent.
    pub path: &'a str,
    /// The circuit header, if it is sent.
    pub circuit: Option<CircuitId>,
    /// The root header, if it is sent.
    pub root: Option<Root>,
    /// Seconds since the Unix epoch after which the request is void.
    pub expiry: u64,
    /// Makes the request count once.
    pub uuid: Uuid,
    /// The body, exactly as sent.
    pub body: &'a [u8],
}

/// A signature of our own form, with what must be sent beside it.
#[derive(Debug, Clone)]
pub struct BoundSignature {
    public_key: PublicKey,
    expiry: u64,
    uuid: Uuid,
    signature: Vec<u8>,
}

impl BoundSignature {
    /// The headers to send.
    pub fn headers(&self) -> [(&'static str, String); 4] {
        [
            (headers::SIGNATURE, hex::encode(&self.signature)),
            (headers::UUID, self.uuid.simple().to_string()),
            (headers::PUBLIC_KEY, self.public_key.to_string()),
            (headers::EXPIRY, self.expiry.to_string()),
        ]
    }
}

impl BoundRequest<'_> {
    /// Signs the request.
    pub fn sign(&self, signer: &RequestSigner) -> BoundSignature {
        let public_key = signer.public_key();
        let signature: Signature = signer
            .0
            .sign_prehash(&self.digest(&public_key))
            .unwrap_or_else(|_| unreachable!("a digest of 32 bytes can be signed"));
        let signature = signature.normalize_s().unwrap_or(signature);
        BoundSignature {
            public_key,
            expiry: self.expiry,
            uuid: self.uuid,
            signature: signature.to_bytes().to_vec(),
        }
    }

    /// Demands that `public_key` signed exactly this request. Expiry and uuid are the caller's to check.
    pub fn verify(&self, public_key: &PublicKey, signature: &[u8]) -> Result<(), SigningError> {
        if signature.len() != 64 {
            return Err(SigningError::Length {
                got: signature.len(),
                expected: 64,
            });
        }
        let signature = Signature::from_slice(signature).map_err(|_| SigningError::Malformed)?;
        if signature.normalize_s().is_some() {
            return Err(SigningError::Malformed);
        }
        VerifyingKey::from_sec1_bytes(public_key.as_bytes())
            .map_err(|_| SigningError::InvalidPublicKey)?
            .verify_prehash(&self.digest(public_key), &signature)
            .map_err(|_| SigningError::Mismatch)
    }

    fn digest(&self, public_key: &PublicKey) -> [u8; 32] {
        let mut hasher = Sha256::new_with_prefix(TAG);
        for text in [self.method, self.path] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
        for id in [
            self.circuit.as_ref().map(CircuitId::as_bytes),
            self.root.as_ref().map(Root::as_bytes),
        ] {
            match id {
                Some(id) => {
                    hasher.update([1]);
                    hasher.update(id);
                }
                None => hasher.update([0]),
            }
        }
        hasher.update(self.expiry.to_le_bytes());
        hasher.update(public_key.as_bytes());
        hasher.update(self.uuid.as_bytes());
        hasher.update(Sha256::digest(self.body));
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> BoundRequest<'static> {
        BoundRequest {
            method: "POST",
            path: "/api/circuit/prove?a=b",
            circuit: Some(CircuitId::from_bytes([1; 32])),
            root: Some(Root::from_bytes([2; 32])),
            expiry: 1_000,
            uuid: Uuid::from_bytes([3; 16]),
            body: b"{}",
        }
    }

    #[test]
    fn attack_c1_no_part_of_a_bound_request_can_be_changed() -> Result<(), SigningError> {
        let signer = RequestSigner::from_secret(&[7; 32])?;
        let other = RequestSigner::from_secret(&[8; 32])?;
        let honest = request();
        let signature = honest.sign(&signer).signature;
        honest.verify(&signer.public_key(), &signature)?;

        let changed = [
            BoundRequest {
                method: "GET",
                ..honest
            },
            BoundRequest {
                path: "/api/circuit/prove",
                ..honest
            },
            BoundRequest {
                circuit: None,
                ..honest
            },
            BoundRequest {
                circuit: Some(CircuitId::from_bytes([9; 32])),
                ..honest
            },
            BoundRequest {
                root: None,
                ..honest
            },
            BoundRequest {
                root: Some(Root::from_bytes([9; 32])),
                ..honest
            },
            BoundRequest {
                expiry: 1_001,
                ..honest
            },
            BoundRequest {
                uuid: Uuid::from_bytes([4; 16]),
                ..honest
            },
            BoundRequest {
                body: b"[]",
                ..honest
            },
        ];
        for request in changed {
            assert!(
                matches!(
                    request.verify(&signer.public_key(), &signature),
                    Err(SigningError::Mismatch)
                ),
                "{request:?}"
            );
        }
        assert!(matches!(
            honest.verify(&other.public_key(), &signature),
            Err(SigningError::Mismatch)
        ));
        Ok(())
    }

    #[test]
    fn attack_c1_the_mirrored_signature_is_refused() -> Result<(), SigningError> {
        let signer = RequestSigner::from_secret(&[7; 32])?;
        let honest = request();
        let signature = Signature::from_slice(&honest.sign(&signer).signature).expect("just made");
        let (r, s) = signature.split_scalars();
        let mirrored = Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).expect("in range");
        assert!(matches!(
            honest.verify(&signer.public_key(), &mirrored.to_bytes()),
            Err(SigningError::Malformed)
        ));
        Ok(())
    }
}
