//! `verify` without a service: where the key comes from, and what is refused.

use std::{fs, path::Path};

use tempfile::TempDir;
use valence_coprocessor_protocol::{CircuitId, VerifyingKeyHash};
use valence_coprocessor_verifier::{ProofFile, ProofKind};

use crate::{folder, refused, run};

const CIRCUIT: CircuitId = CircuitId::from_bytes([0x11; 32]);

/// A hash that is one: the first byte is 0, and all words are below the prime.
const KEY: VerifyingKeyHash = VerifyingKeyHash::from_bytes([0; 32]);

fn write(folder: &Path, kind: ProofKind, proof: &[u8]) -> Vec<u8> {
    let file = ProofFile::new(kind, CIRCUIT, KEY, vec![7; 40], proof.to_vec()).expect("a file");
    let bytes = file.encode();
    fs::write(folder.join("a.proof"), &bytes).expect("a file is written");
    bytes
}

fn with_proof(kind: ProofKind, proof: &[u8]) -> TempDir {
    let folder = folder();
    write(folder.path(), kind, proof);
    folder
}

#[test]
fn without_a_pin_nothing_is_verified() {
    let folder = with_proof(ProofKind::Compressed, b"proof");
    let output = run(folder.path(), &["verify", "a.proof"]);
    let circuit = CIRCUIT.to_string();
    refused(
        &output,
        1,
        &[
            "no verifying key is pinned",
            &circuit,
            "hint: pin it by --vk",
        ],
    );
}

#[test]
fn the_key_of_the_lock_file_is_demanded() {
    let folder = with_proof(ProofKind::Compressed, b"proof");
    let lock = |key: &str| {
        let text = format!("[circuit.one]\nid = \"{CIRCUIT}\"\nverifying_key = \"{key}\"\n");
        fs::write(folder.path().join("valence.lock"), text).expect("a file is written");
    };
    let other = VerifyingKeyHash::from_bytes([1; 32]).to_string();
    lock(&other);
    let output = run(folder.path(), &["verify", "a.proof"]);
    refused(
        &output,
        1,
        &[
            "is not a valid proof",
            &other,
            "hint: it proves another circuit",
        ],
    );
    // With the right key the proof itself is looked at, and is none.
    lock(&KEY.to_string());
    let output = run(folder.path(), &["verify", "a.proof"]);
    refused(
        &output,
        1,
        &["is not a valid proof", "malformed compressed proof"],
    );
    fs::write(folder.path().join("valence.lock"), "nonsense").expect("a file is written");
    refused(
        &run(folder.path(), &["verify", "a.proof"]),
        1,
        &["valence.lock cannot be read"],
    );
}

#[test]
fn kinds_that_prove_nothing_offline_are_refused_by_name() {
    let key = KEY.to_string();
    let folder = with_proof(ProofKind::Execute, b"");
    let output = run(folder.path(), &["verify", "a.proof", "--vk", &key]);
    refused(
        &output,
        1,
        &["proves nothing", "hint: prove again with --kind compressed"],
    );
    let folder = with_proof(ProofKind::Core, b"proof");
    let output = run(folder.path(), &["verify", "a.proof", "--vk", &key]);
    refused(&output, 1, &["a core proof cannot be verified offline"]);
}

#[test]
fn every_changed_byte_and_every_cut_is_noticed() {
    let folder = folder();
    let whole = write(folder.path(), ProofKind::Execute, b"");
    let key = KEY.to_string();
    // A run of the program for each byte would be slow, so one in seven is changed.
    for at in (0..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(folder.path().join("a.proof"), &changed).expect("a file is written");
        let output = run(folder.path(), &["verify", "a.proof", "--vk", &key]);
        refused(&output, 1, &["a.proof is not a proof file"]);
    }
    fs::write(folder.path().join("a.proof"), &whole[..whole.len() - 1]).expect("a file is written");
    let output = run(folder.path(), &["verify", "a.proof", "--vk", &key]);
    refused(&output, 1, &["the file ends within its checksum"]);
}

#[test]
fn a_key_that_is_none_and_a_file_that_is_missing_are_named() {
    let folder = with_proof(ProofKind::Compressed, b"proof");
    let output = run(folder.path(), &["verify", "a.proof", "--vk", "12"]);
    refused(
        &output,
        1,
        &["--vk `12` is no hash of a verifying key", "hint:"],
    );
    let output = run(folder.path(), &["verify", "b.proof"]);
    refused(&output, 1, &["b.proof cannot be read"]);
}
