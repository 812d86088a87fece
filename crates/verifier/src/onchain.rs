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

/// The order of BN254's scalar field, big-endian.
///
/// SP1's verifier reduces a word that is not below it, where contracts revert: what holds here must hold there.
const SCALAR_ORDER: [u8; 32] = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d,
    0x28, 0x33, 0xe8, 0x48, 0x79, 0xb9, 0x70, 0x91, 0x43, 0xe1, 0xf5, 0x93, 0xf0, 0x00, 0x00, 0x01,
];

/// Where a PLONK proof has scalars: five claimed values, the one of the shifted opening, the one of the commitment.
const PLONK_SCALARS: [usize; 7] = [384, 416, 448, 480, 512, 608, 768];

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
    for word in PLONK_SCALARS.map(|at| proof.get(at..at + 32)) {
        check_scalar(ProofKind::Plonk, word.unwrap_or_default())?;
    }
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
    check_scalar(kind, nonce)?;
    let inputs = [
        *key.as_bytes(),
        hash_public_inputs(public_values),
        *exit_code,
        *recursion_root,
        *nonce,
    ];
    Ok((inputs, rest))
}

/// Demands the one encoding of a scalar; a word that is not there at all is for the verifier to refuse.
fn check_scalar(kind: ProofKind, word: &[u8]) -> Result<(), VerifyError> {
    if *word < SCALAR_ORDER[..] {
        return Ok(());
    }
    Err(VerifyError::Malformed {
        kind,
        reason: "a word is not below the order of the scalar field".to_owned(),
    })
}

fn rejected(kind: ProofKind, error: &impl Display) -> VerifyError {
    VerifyError::Rejected {
        kind,
        reason: error.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all text");
        text
    })
}
