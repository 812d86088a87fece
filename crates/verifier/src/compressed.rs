//! Compressed proofs: STARKs that bind the proofs verified inside.

use core::borrow::Borrow as _;
use std::sync::LazyLock;

use bincode::Options as _;
use sha2::{Digest as _, Sha256};
use slop_algebra::{AbstractField as _, PrimeField32 as _};
use sp1_primitives::SP1Field;
use sp1_recursion_executor::{RECURSIVE_PROOF_NUM_PV_ELTS, RecursionPublicValues};
use sp1_verifier::{SP1Proof, compressed::SP1CompressedVerifier};

use crate::{ProofKind, VerifyError};

const KIND: ProofKind = ProofKind::Compressed;

/// Building the verifier takes longer than verifying.
static VERIFIER: LazyLock<SP1CompressedVerifier> = LazyLock::new(SP1CompressedVerifier::new);

pub(crate) fn verify(
    proof: &[u8],
    public_values: &[u8],
    key: &[u32; 8],
) -> Result<(), VerifyError> {
    let SP1Proof::Compressed(recursion) = decode(proof)? else {
        return Err(malformed("an SP1 proof of another kind"));
    };
    let values = recursion.proof.public_values.as_slice();
    if values.len() != RECURSIVE_PROOF_NUM_PV_ELTS {
        return Err(malformed("not as many public values as SP1 has"));
    }
    let values: &RecursionPublicValues<SP1Field> = values.borrow();
    if values.exit_code != SP1Field::zero() {
        return Err(VerifyError::ExitCode { kind: KIND });
    }
    let committed = values
        .committed_value_digest
        .iter()
        .flatten()
        .map(SP1Field::as_canonical_u32);
    if !committed.eq(Sha256::digest(public_values).iter().copied().map(u32::from)) {
        return Err(VerifyError::PublicValues { kind: KIND });
    }
    VERIFIER
        .verify_compressed(&recursion, &key.map(SP1Field::from_canonical_u32))
        .map_err(|error| VerifyError::Rejected {
            kind: KIND,
            reason: error.to_string(),
        })
}

/// Decodes a proof that has one encoding: bytes left over, and elements that are not reduced, are refused.
fn decode(bytes: &[u8]) -> Result<SP1Proof, VerifyError> {
    let options = bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_limit(bytes.len() as u64);
    let proof: SP1Proof = options
        .deserialize(bytes)
        .map_err(|error| malformed(&error.to_string()))?;
    match options.serialize(&proof) {
        Ok(canonical) if canonical == bytes => Ok(proof),
        _ => Err(malformed("not in its canonical encoding")),
    }
}

fn malformed(reason: &str) -> VerifyError {
    VerifyError::Malformed {
        kind: KIND,
        reason: reason.to_owned(),
    }
}
