//! Groth16 and PLONK proofs, in the bytes that SP1's verifier contracts take.
//!
//! ```text
//!   4  selector       first bytes of the SHA-256 of the wrapper's verifying key
//!  32  exit code
//!  32  recursion root names the recursion circuits that are allowed
//!  32  nonce
//!      proof          of five inputs: key, public values hash, exit code, recursion root, nonce
//! ```

use core::fmt::Display;

use sha2::{Digest as _, Sha256};
use sp1_verifier::{
    GROTH16_VK_BYTES, Groth16Verifier, PLONK_VK_BYTES, PlonkVerifier, VK_ROOT_BYTES,
    hash_public_inputs,
};
use valence_coprocessor_protocol::VerifyingKeyHash;

use crate::{ProofKind, VerifyError};

pub(crate) fn verify_groth16(
    proof: &[u8],
    public_values: &[u8],
    key: &VerifyingKeyHash,
) -> Result<(), VerifyError> {
    let (inputs, proof) = parse(
        ProofKind::Groth16,
        &GROTH16_VK_BYTES,
        proof,
        public_values,
        key,
    )?;
    Groth16Verifier::verify_gnark_proof(proof, &inputs, &GROTH16_VK_BYTES)
        .map_err(|error| rejected(ProofKind::Groth16, &error))
}

pub(crate) fn verify_plonk(
    proof: &[u8],
    public_values: &[u8],
    key: &VerifyingKeyHash,
) -> Result<(), VerifyError> {
    let (inputs, proof) = parse(ProofKind::Plonk, &PLONK_VK_BYTES, proof, public_values, key)?;
    PlonkVerifier::verify_gnark_proof(proof, &inputs, &PLONK_VK_BYTES)
        .map_err(|error| rejected(ProofKind::Plonk, &error))
}

/// Checks what stands before the proof proper, and gives the inputs that the proof must be of.
///
/// The published verifiers fall back to BLAKE3 for the public values; here they are SHA-256 or nothing.
fn parse<'proof>(
    kind: ProofKind,
    wrapper_key: &[u8],
    proof: &'proof [u8],
    public_values: &[u8],
    key: &VerifyingKeyHash,
) -> Result<([[u8; 32]; 5], &'proof [u8]), VerifyError> {
    let truncated = || VerifyError::Malformed {
        kind,
        reason: "too short".to_owned(),
    };
    let (selector, rest) = proof.split_first_chunk::<4>().ok_or_else(truncated)?;
    let expected = &Sha256::digest(wrapper_key)[..4];
    if selector != expected {
        return Err(VerifyError::Selector {
            kind,
            got: hex(selector),
            expected: hex(expected),
        });
    }
    let (exit_code, rest) = rest.split_first_chunk::<32>().ok_or_else(truncated)?;
    let (recursion_root, rest) = rest.split_first_chunk::<32>().ok_or_else(truncated)?;
    let (nonce, rest) = rest.split_first_chunk::<32>().ok_or_else(truncated)?;
    if *exit_code != [0; 32] {
        return Err(VerifyError::ExitCode { kind });
    }
    if *recursion_root != *VK_ROOT_BYTES {
        return Err(VerifyError::RecursionRoot { kind });
    }
    let inputs = [
        *key.as_bytes(),
        hash_public_inputs(public_values),
        *exit_code,
        *recursion_root,
        *nonce,
    ];
    Ok((inputs, rest))
}

fn rejected(kind: ProofKind, error: &impl Display) -> VerifyError {
    VerifyError::Rejected {
        kind,
        reason: error.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
