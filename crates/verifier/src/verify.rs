//! Verification of a proof of any kind under a pinned key.

use std::panic::{AssertUnwindSafe, catch_unwind};

use valence_coprocessor_protocol::VerifyingKeyHash;

use crate::{ProofKind, VerifyError, compressed, onchain, words::hash_to_words};

/// Checks that under `key` a run that ended with exit code 0 committed exactly `public_values`.
///
/// `proof` is in the form that the file of its kind holds.
pub fn verify_proof(
    kind: ProofKind,
    proof: &[u8],
    public_values: &[u8],
    key: &VerifyingKeyHash,
) -> Result<(), VerifyError> {
    let words = hash_to_words(key)?;
    match kind {
        ProofKind::Execute => Err(VerifyError::NothingProven),
        ProofKind::Core => Err(VerifyError::CoreOffline),
        ProofKind::Compressed => {
            contained(kind, || compressed::verify(proof, public_values, &words))
        }
        ProofKind::Groth16 => {
            contained(kind, || onchain::verify_groth16(proof, public_values, key))
        }
        ProofKind::Plonk => contained(kind, || onchain::verify_plonk(proof, public_values, key)),
    }
}

/// SP1's verifiers index shapes that the prover chose: what panics there is a malformed proof here.
fn contained(
    kind: ProofKind,
    verify: impl FnOnce() -> Result<(), VerifyError>,
) -> Result<(), VerifyError> {
    catch_unwind(AssertUnwindSafe(verify)).unwrap_or_else(|_| {
        Err(VerifyError::Malformed {
            kind,
            reason: "its shape is not that of a proof".to_owned(),
        })
    })
}
