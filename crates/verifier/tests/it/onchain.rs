//! Recorded Groth16 and PLONK proofs of several SP1 versions, and changed ones.

use sha2::{Digest as _, Sha256};
use sp1_verifier::{PLONK_VK_BYTES, VK_ROOT_BYTES};
use valence_coprocessor_verifier::{ProofKind, VerifyError, verify_proof};

use crate::fixtures::{Recorded, bytes, recorded};

const CURRENT: [&str; 2] = [
    "v6.1/memberships_fixture-groth16.derived.json",
    "v6.1/update_client_fixture-groth16.derived.json",
];

fn verify(kind: ProofKind, recorded: &Recorded) -> Result<(), VerifyError> {
    verify_proof(
        kind,
        &recorded.proof,
        &recorded.public_values,
        &recorded.key,
    )
}

#[test]
fn real_groth16_proofs_of_the_current_circuits_hold() {
    for name in CURRENT {
        let Some(recorded) = recorded(name) else {
            return;
        };
        assert_eq!(verify(ProofKind::Groth16, &recorded), Ok(()), "{name}");
    }
}

#[test]
fn real_proofs_of_older_circuits_are_refused_by_selector() {
    let older = [
        (
            ProofKind::Groth16,
            "v4/sp1-contracts-fibonacci-groth16.derived.json",
            "11b6a09d",
        ),
        (
            ProofKind::Groth16,
            "v4/valence-app-b91a684-groth16.derived.json",
            "11b6a09d",
        ),
        (
            ProofKind::Groth16,
            "v5/colibri_sync_period_1600-groth16.derived.json",
            "a4594c59",
        ),
        (
            ProofKind::Groth16,
            "v6.0/sp1-contracts-fibonacci-groth16.derived.json",
            "0e78f4db",
        ),
        (
            ProofKind::Plonk,
            "v6.0/sp1-contracts-fibonacci-plonk.derived.json",
            "bb1a6f29",
        ),
    ];
    for (kind, name, selector) in older {
        let Some(recorded) = recorded(name) else {
            return;
        };
        let refused = verify(kind, &recorded).expect_err("another circuit version");
        let VerifyError::Selector { got, .. } = refused else {
            panic!("{name}: {refused}")
        };
        assert_eq!(got, selector, "{name}");
    }
}

#[test]
fn a_proof_of_one_system_is_not_one_of_the_other() {
    let Some(recorded) = recorded(CURRENT[0]) else {
        return;
    };
    assert!(matches!(
        verify(ProofKind::Plonk, &recorded),
        Err(VerifyError::Selector { .. })
    ));
}

/// The row of contracts (exit code, recursion root, key, values) holds offline too.
#[test]
fn attack_e7_exit_code_root_key_and_values_are_bound() {
    const KIND: ProofKind = ProofKind::Groth16;
    let Some(honest) = recorded(CURRENT[0]) else {
        return;
    };

    let mut panicked = honest.proof.clone();
    panicked[4 + 31] = 1;
    assert_eq!(
        verify_proof(KIND, &panicked, &honest.public_values, &honest.key),
        Err(VerifyError::ExitCode { kind: KIND })
    );

    let mut other_root = honest.proof.clone();
    other_root[4 + 32 + 31] ^= 1;
    assert_eq!(
        verify_proof(KIND, &other_root, &honest.public_values, &honest.key),
        Err(VerifyError::RecursionRoot { kind: KIND })
    );

    let other = recorded(CURRENT[1]).expect("the other file lies beside it");
    let rejected =
        |outcome: Result<(), VerifyError>| matches!(outcome, Err(VerifyError::Rejected { .. }));
    assert!(rejected(verify_proof(
        KIND,
        &honest.proof,
        &honest.public_values,
        &other.key
    )));
    assert!(rejected(verify_proof(
        KIND,
        &honest.proof,
        &other.public_values,
        &honest.key
    )));
}

#[test]
fn attack_a14_every_changed_byte_of_a_groth16_proof_is_refused() {
    let Some(honest) = recorded(CURRENT[0]) else {
        return;
    };
    for position in 0..honest.proof.len() {
        let mut changed = honest.proof.clone();
        changed[position] ^= 1;
        let outcome = verify_proof(
            ProofKind::Groth16,
            &changed,
            &honest.public_values,
            &honest.key,
        );
        assert!(outcome.is_err(), "byte {position}");
    }
    for length in [0, 3, 4, 35, 99, 100, honest.proof.len() - 1] {
        let cut = &honest.proof[..length];
        let outcome = verify_proof(ProofKind::Groth16, cut, &honest.public_values, &honest.key);
        assert!(outcome.is_err(), "cut to {length}");
    }
}

/// Adds the order of the scalar field to a word: the same scalar, which contracts refuse.
fn add_order(word: &mut [u8]) {
    const ORDER: &str = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
    let mut carry = 0;
    for (byte, added) in word.iter_mut().zip(bytes(ORDER)).rev() {
        let sum = u16::from(*byte) + u16::from(added) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "a scalar and the order fit 32 bytes");
}

fn is_no_scalar(outcome: &Result<(), VerifyError>) -> bool {
    matches!(outcome, Err(VerifyError::Malformed { reason, .. }) if reason.contains("scalar field"))
}

/// Whoever proves must not be able to make a proof that holds offline and reverts on chain.
#[test]
fn attack_e7_a_nonce_above_the_field_is_refused() {
    let Some(honest) = recorded(CURRENT[0]) else {
        return;
    };
    let mut proof = honest.proof.clone();
    add_order(&mut proof[4 + 64..4 + 96]);
    let outcome = verify_proof(
        ProofKind::Groth16,
        &proof,
        &honest.public_values,
        &honest.key,
    );
    assert!(is_no_scalar(&outcome), "{outcome:?}");
}

#[test]
fn attack_e7_a_plonk_scalar_above_the_field_is_refused() {
    let Some(mut older) = recorded("v6.0/sp1-contracts-fibonacci-plonk.derived.json") else {
        return;
    };
    // No PLONK proof of the current circuits is recorded; one of older ones passes for one until the pairing.
    older.proof[..4].copy_from_slice(&Sha256::digest(*PLONK_VK_BYTES)[..4]);
    older.proof[36..68].copy_from_slice(&*VK_ROOT_BYTES);
    let outcome = verify(ProofKind::Plonk, &older);
    assert!(
        matches!(outcome, Err(VerifyError::Rejected { .. })),
        "{outcome:?}"
    );
    // The nonce, five claimed values, the shifted opening's and the commitment's.
    for at in [68, 484, 516, 548, 580, 612, 708, 868] {
        let honest = older.proof.clone();
        add_order(&mut older.proof[at..at + 32]);
        let outcome = verify(ProofKind::Plonk, &older);
        assert!(is_no_scalar(&outcome), "word at {at}: {outcome:?}");
        older.proof = honest;
    }
}
