//! A real STARK, as the demo made it: accepted as it is, refused after any change.

use std::{fs, path::Path};

use sha2::{Digest as _, Sha256};
use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_verifier::{ProofFile, ProofFileError, ProofKind, VerifyError};

/// What the demo printed beside the proof, as `testing/proofs/README.md` records it.
const KEY: &str = "00f9f57e17e6c5c4ee87f3ba195e71a768f2c313f3846c44b01ab394656154bc";
const ROOT: &str = "8bb1755bf60f6d9342676772b242829309f268d152d47ae9662a1cbc268448fb";
/// 1,200 tokens, which the demo compared with what the node said.
const BALANCE: u64 = 1_200;

/// Where the file, drawn in the crate's README, has its parts.
const VERIFYING_KEY: usize = 42;
const PUBLIC_VALUES: usize = 82;

fn recorded() -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testing/proofs/balance.compressed.proof");
    fs::read(&path).expect("the recorded proof is part of the project")
}

fn key() -> VerifyingKeyHash {
    KEY.parse().expect("a hash in hexadecimal")
}

/// Makes the checksum right again, as somebody who changes a file on purpose does.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let content = bytes.len() - 32;
    let checksum = Sha256::digest(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum);
    bytes
}

#[test]
fn a_real_stark_is_accepted_and_says_what_was_proven() {
    let file = ProofFile::decode(&recorded()).expect("the file is sound");
    assert_eq!(file.kind(), ProofKind::Compressed);
    let verified = file.verify(&key()).expect("the proof holds");
    assert_eq!(verified.root().to_string(), ROOT);
    let (_, balance) = verified
        .output()
        .split_last_chunk::<8>()
        .expect("an ABI-encoded message");
    assert_eq!(u64::from_be_bytes(*balance), BALANCE);
}

#[test]
fn attack_a14_every_changed_byte_of_a_real_stark_is_refused() {
    let sound = recorded();
    // The checksum refuses each of them; a prime step visits every part in reasonable time.
    for position in (0..sound.len()).step_by(9_973) {
        let mut changed = sound.clone();
        changed[position] ^= 1;
        assert!(ProofFile::decode(&changed).is_err(), "byte {position}");
    }
}

#[test]
fn attack_d5_a_real_stark_holds_for_no_other_key_and_no_other_values() {
    let sound = recorded();
    let mut other_key = [0; 32];
    other_key[31] = 1;
    let file = ProofFile::decode(&sound).expect("the file is sound");
    assert!(matches!(
        file.verify(&VerifyingKeyHash::from_bytes(other_key)),
        Err(VerifyError::OtherVerifyingKey { .. })
    ));

    let mut claimed = sound.clone();
    claimed[VERIFYING_KEY + 31] ^= 1;
    let claimed = ProofFile::decode(&sealed(claimed)).expect("the checksum is right");
    let claimed_key = *claimed.verifying_key();
    assert!(claimed.verify(&key()).is_err(), "a key of the file's own");
    let mut claimed = sound.clone();
    claimed[VERIFYING_KEY + 31] ^= 1;
    let claimed = ProofFile::decode(&sealed(claimed)).expect("the checksum is right");
    assert!(
        claimed.verify(&claimed_key).is_err(),
        "the proof is not of that key"
    );

    let values = ProofFile::decode(&sound)
        .expect("sound")
        .public_values()
        .len();
    for position in (PUBLIC_VALUES..PUBLIC_VALUES + values).step_by(16) {
        let mut changed = sound.clone();
        changed[position] ^= 1;
        let changed = ProofFile::decode(&sealed(changed)).expect("the checksum is right");
        assert!(changed.verify(&key()).is_err(), "public value {position}");
    }
}

#[test]
fn attack_d5_a_real_stark_with_a_changed_proof_and_a_right_checksum_is_refused() {
    let sound = recorded();
    let values = ProofFile::decode(&sound)
        .expect("sound")
        .public_values()
        .len();
    let proof = PUBLIC_VALUES + values + 8;
    let end = sound.len() - 32;
    for position in (proof..end).step_by((end - proof) / 40) {
        let mut changed = sound.clone();
        changed[position] ^= 1;
        let refused = match ProofFile::decode(&sealed(changed)) {
            Err(_) => true,
            Ok(file) => file.verify(&key()).is_err(),
        };
        assert!(refused, "byte {position}");
    }
}

#[test]
fn a_real_stark_that_is_cut_short_is_refused_by_name() {
    let sound = recorded();
    let cut = ProofFile::decode(&sound[..sound.len() / 2]);
    assert!(
        matches!(cut, Err(ProofFileError::Truncated { .. })),
        "{cut:?}"
    );
}
