//! The file has one encoding, and every change of it has a name.

use sha2::{Digest as _, Sha256};
use valence_coprocessor_protocol::{CircuitId, VerifyingKeyHash};
use valence_coprocessor_verifier::{ProofFile, ProofFileError, ProofKind, VerifyError};

fn key() -> VerifyingKeyHash {
    let mut bytes = [7; 32];
    bytes[0] = 0;
    VerifyingKeyHash::from_bytes(bytes)
}

fn file(kind: ProofKind, proof: &[u8]) -> ProofFile {
    let public_values = (0..40).collect();
    ProofFile::new(
        kind,
        CircuitId::from_bytes([9; 32]),
        key(),
        public_values,
        proof.to_vec(),
    )
    .expect("a sound file")
}

/// Makes the checksum right again, as somebody who changes a file on purpose does.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let content = bytes.len() - 32;
    let checksum = Sha256::digest(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum);
    bytes
}

#[test]
fn the_layout_is_the_one_that_the_readme_draws() {
    let bytes = file(ProofKind::Compressed, b"proof").encode();
    let mut drawn = b"VALPROOF\x01\x02".to_vec();
    drawn.extend([9; 32]);
    drawn.push(0);
    drawn.extend([7; 31]);
    drawn.extend([40, 0, 0, 0, 0, 0, 0, 0]);
    drawn.extend(0..40);
    drawn.extend([5, 0, 0, 0, 0, 0, 0, 0]);
    drawn.extend(b"proof");
    drawn.extend(Sha256::digest(drawn.clone()));
    assert_eq!(bytes, drawn);
    assert_eq!(
        ProofFile::decode(&bytes),
        Ok(file(ProofKind::Compressed, b"proof"))
    );
}

#[test]
fn attack_a14_every_changed_byte_is_refused() {
    let sound = file(ProofKind::Compressed, &[3; 100]).encode();
    for position in 0..sound.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = sound.clone();
            changed[position] ^= change;
            assert!(ProofFile::decode(&changed).is_err(), "byte {position}");
        }
    }
    for length in 0..sound.len() {
        assert!(
            ProofFile::decode(&sound[..length]).is_err(),
            "cut to {length}"
        );
    }
    let longer = [sound.as_slice(), b"x"].concat();
    assert_eq!(
        ProofFile::decode(&longer),
        Err(ProofFileError::Trailing { got: 1 })
    );
}

#[test]
fn attack_a14_changes_with_a_right_checksum_have_names() {
    let sound = file(ProofKind::Compressed, b"proof").encode();
    let changed = |position: usize, value: u8| {
        let mut bytes = sound.clone();
        bytes[position] = value;
        ProofFile::decode(&sealed(bytes)).expect_err("changed")
    };
    assert_eq!(changed(0, b'v'), ProofFileError::Magic);
    assert_eq!(
        changed(8, 2),
        ProofFileError::Version {
            got: 2,
            expected: 1
        }
    );
    assert_eq!(changed(9, 5), ProofFileError::Kind { got: 5 });
    assert_eq!(
        changed(9, 0),
        ProofFileError::ProofLength {
            kind: ProofKind::Execute,
            got: 5
        }
    );
    assert_eq!(
        changed(74 + 7, 0x80),
        ProofFileError::Truncated {
            field: "public values"
        }
    );
    assert_eq!(
        changed(74 + 8 + 40 + 7, 0xff),
        ProofFileError::Truncated { field: "proof" }
    );
    assert_eq!(
        ProofFile::decode(b"VALPROOF"),
        Err(ProofFileError::Truncated { field: "header" })
    );
    let rootless = ProofFile::new(
        ProofKind::Core,
        CircuitId::ZERO,
        key(),
        vec![0; 31],
        vec![1],
    );
    assert_eq!(rootless, Err(ProofFileError::NoRoot { got: 31 }));
}

#[test]
fn what_proves_nothing_says_so() {
    let nothing = file(ProofKind::Execute, b"").verify(&key());
    assert_eq!(nothing, Err(VerifyError::NothingProven));
    let core = file(ProofKind::Core, b"proof").verify(&key());
    assert_eq!(core, Err(VerifyError::CoreOffline));
}

#[test]
fn the_key_is_the_callers_not_the_files() {
    let expected = VerifyingKeyHash::ZERO;
    let refused = file(ProofKind::Compressed, b"proof").verify(&expected);
    assert_eq!(
        refused,
        Err(VerifyError::OtherVerifyingKey {
            got: key(),
            expected
        })
    );
}

#[test]
fn garbage_is_a_malformed_proof_of_its_kind() {
    for proof in [
        b"p".as_slice(),
        &[0; 64],
        &[0xff; 64],
        &[1, 0, 0, 0, 0, 0, 0, 0],
    ] {
        let refused = file(ProofKind::Compressed, proof)
            .verify(&key())
            .expect_err("garbage");
        assert!(
            matches!(
                refused,
                VerifyError::Malformed {
                    kind: ProofKind::Compressed,
                    ..
                }
            ),
            "{refused}"
        );
    }
}
