//! Verification of every kind of proof.
//!
//! What a person can verify offline is verified by the same code; `core` needs SP1's machine and is checked here.

use core::borrow::Borrow as _;

use bincode::Options as _;
use sha2::{Digest as _, Sha256};
use slop_algebra::{AbstractField as _, PrimeField32 as _};
use sp1_hypercube::{PROOF_MAX_NUM_PVS, air::PublicValues};
use sp1_primitives::SP1Field;
use sp1_prover::worker::SP1LightNode;
use sp1_sdk::SP1Proof;
use valence_coprocessor_verifier::{self as offline, verify_proof};
use valence_coprocessor_zkvm::{Proof, ProofKind, VerifyingKey, ZkvmError};

use super::key;

type CoreValues = PublicValues<[SP1Field; 4], [SP1Field; 3], [SP1Field; 4], SP1Field>;

pub(crate) fn verify(
    node: &SP1LightNode,
    key: &VerifyingKey,
    proof: &Proof,
) -> Result<(), ZkvmError> {
    let decoded_key = key::decode(key)?;
    let kind = match proof.kind {
        ProofKind::Execute => return Err(ZkvmError::NoProof),
        ProofKind::Core => {
            let shards = check_core(&proof.bytes, &proof.public_values)?;
            return node
                .verify(&decoded_key, &shards)
                .map_err(|error| invalid(ProofKind::Core, &format!("{error:#}")));
        }
        ProofKind::Compressed => offline::ProofKind::Compressed,
        ProofKind::Groth16 => offline::ProofKind::Groth16,
        ProofKind::Plonk => offline::ProofKind::Plonk,
    };
    verify_proof(kind, &proof.bytes, &proof.public_values, &key.hash)
        .map_err(|error| invalid(proof.kind, &error.to_string()))
}

/// What SP1's verifier of core proofs does not check: exit code, public values, and that nothing is deferred.
///
/// A core proof only claims the proofs that its circuit verified; compression is what checks them.
fn check_core(bytes: &[u8], public_values: &[u8]) -> Result<SP1Proof, ZkvmError> {
    const KIND: ProofKind = ProofKind::Core;
    let options = bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_limit(bytes.len() as u64);
    let proof = options
        .deserialize(bytes)
        .map_err(|error| invalid(KIND, &error.to_string()))?;
    let SP1Proof::Core(shards) = &proof else {
        return Err(invalid(KIND, "it is an SP1 proof of another kind"));
    };
    let mut last: Option<&CoreValues> = None;
    for shard in shards {
        if shard.public_values.len() != PROOF_MAX_NUM_PVS {
            return Err(invalid(KIND, "it has not as many public values as SP1 has"));
        }
        let values: &CoreValues = shard.public_values.as_slice().borrow();
        if values.deferred_proofs_digest != [SP1Field::zero(); 8] {
            return Err(ZkvmError::DeferredCore);
        }
        last = Some(values);
    }
    let last = last.ok_or_else(|| invalid(KIND, "it is empty"))?;
    if last.exit_code != SP1Field::zero() {
        return Err(ZkvmError::ExitCode {
            kind: KIND,
            code: last.exit_code.as_canonical_u32(),
        });
    }
    let committed = last
        .committed_value_digest
        .iter()
        .flatten()
        .map(SP1Field::as_canonical_u32);
    if !committed.eq(Sha256::digest(public_values).iter().copied().map(u32::from)) {
        return Err(invalid(
            KIND,
            "it is not of these public values under SHA-256",
        ));
    }
    Ok(proof)
}

fn invalid(kind: ProofKind, reason: &str) -> ZkvmError {
    ZkvmError::InvalidProof {
        kind,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use core::borrow::BorrowMut as _;

    use sp1_hypercube::create_dummy_recursion_proof;
    use sp1_sdk::SP1VerifyingKey;
    use tokio::runtime::Runtime;

    use super::*;
    use crate::child::{elf::tests::spins, light::Light};

    const VALUES: &[u8] = b"public values";

    fn light() -> (Light, VerifyingKey, SP1VerifyingKey) {
        let light = Light::start(Runtime::new().expect("threads"));
        let key = light.verifying_key(&spins()).expect("a program");
        let decoded = key::decode(&key).expect("just encoded");
        (light, key, decoded)
    }

    /// A core proof whose claims are what `change` makes of honest ones, and whose cryptography is empty.
    fn forged(key: &SP1VerifyingKey, change: impl FnOnce(&mut CoreValues)) -> Proof {
        let mut shard = create_dummy_recursion_proof(key).proof;
        shard.public_values = vec![SP1Field::zero(); PROOF_MAX_NUM_PVS];
        let values: &mut CoreValues = shard.public_values.as_mut_slice().borrow_mut();
        for (element, byte) in values
            .committed_value_digest
            .iter_mut()
            .flatten()
            .zip(Sha256::digest(VALUES))
        {
            *element = SP1Field::from_canonical_u8(byte);
        }
        change(values);
        encoded(&SP1Proof::Core(vec![shard]))
    }

    fn encoded(proof: &SP1Proof) -> Proof {
        let bytes = bincode::serialize(proof).expect("a proof can be encoded");
        Proof {
            kind: ProofKind::Core,
            public_values: VALUES.to_vec(),
            bytes,
        }
    }

    #[test]
    fn attack_d8_a_core_proof_with_a_deferred_digest_is_refused() {
        let (light, key, decoded) = light();
        for position in 0..8 {
            let proof = forged(&decoded, |values| {
                values.deferred_proofs_digest[position] = SP1Field::one();
            });
            assert_eq!(light.verify(&key, &proof), Err(ZkvmError::DeferredCore));
        }
    }

    #[test]
    fn attack_d5_claims_of_a_core_proof_are_checked_before_its_cryptography() {
        let (light, key, decoded) = light();
        let panicked = forged(&decoded, |values| values.exit_code = SP1Field::one());
        assert_eq!(
            light.verify(&key, &panicked),
            Err(ZkvmError::ExitCode {
                kind: ProofKind::Core,
                code: 1
            })
        );

        let other = forged(&decoded, |values| {
            values.committed_value_digest[7][3] += SP1Field::one();
        });
        let refused = light.verify(&key, &other).expect_err("other values");
        assert!(refused.to_string().contains("public values"), "{refused}");

        let hollow = forged(&decoded, |_| ());
        let refused = light.verify(&key, &hollow).expect_err("nothing is proven");
        assert!(
            matches!(refused, ZkvmError::InvalidProof { .. }),
            "{refused}"
        );
    }

    #[test]
    fn attack_a14_core_proofs_that_are_not_canonical_are_refused() {
        let (light, key, decoded) = light();
        let mut longer = forged(&decoded, |_| ());
        longer.bytes.push(0);
        let empty = encoded(&SP1Proof::Core(Vec::new()));
        let compressed = encoded(&SP1Proof::Compressed(Box::new(
            create_dummy_recursion_proof(&decoded),
        )));
        for proof in [longer, empty, compressed] {
            let refused = light.verify(&key, &proof).expect_err("malformed");
            assert!(
                matches!(refused, ZkvmError::InvalidProof { .. }),
                "{refused}"
            );
        }
    }

    #[test]
    fn attack_d8_a_compressed_proof_that_proves_nothing_is_refused_for_its_claims() {
        let (light, key, decoded) = light();
        let hollow = SP1Proof::Compressed(Box::new(create_dummy_recursion_proof(&decoded)));
        let proof = Proof {
            kind: ProofKind::Compressed,
            ..encoded(&hollow)
        };
        let refused = light.verify(&key, &proof).expect_err("nothing is proven");
        assert!(
            matches!(
                refused,
                ZkvmError::InvalidProof {
                    kind: ProofKind::Compressed,
                    ..
                }
            ),
            "{refused}"
        );
    }

    #[test]
    fn attack_b13_a_key_whose_bytes_are_not_of_its_hash_is_refused() {
        let (_, mut key, _) = light();
        let last = key.bytes.len() - 1;
        for position in [0, last / 2, last] {
            key.bytes[position] ^= 1;
            let refused = key::decode(&key).map(drop);
            assert!(
                matches!(refused, Err(ZkvmError::InvalidVerifyingKey { .. })),
                "byte {position}: {refused:?}"
            );
            key.bytes[position] ^= 1;
        }
        key.bytes.push(0);
        assert!(matches!(
            key::decode(&key).map(drop),
            Err(ZkvmError::InvalidVerifyingKey { .. })
        ));
    }
}
