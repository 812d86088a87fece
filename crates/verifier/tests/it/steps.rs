//! Two real proofs of Ethereum's light client: what they publish follows from the recorded updates, and nothing else verifies.

use std::{fs, path::Path};

use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_recorded_chain::consecutive_steps;
use valence_coprocessor_verifier::{ProofFile, VerifyError, verify_proof};

/// The key of `ethereum-step.elf` in guests/ARTIFACTS.lock.
const KEY: &str = "005ba4df1a5f477cc49e03fb177596675ef3dfa3564b0b9ea85b55f42304bdd4";

fn recorded(number: usize) -> ProofFile {
    let name = format!("../../testing/proofs/ethereum-step-{number}.compressed.proof");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let bytes = fs::read(path).expect("the recorded proof is part of the project");
    ProofFile::decode(&bytes).expect("the file is sound")
}

fn key() -> VerifyingKeyHash {
    KEY.parse().expect("a hash in hexadecimal")
}

#[test]
fn the_second_proven_step_goes_on_from_the_first() {
    let Some(steps) = consecutive_steps() else {
        return;
    };
    assert_eq!(steps[1].step.output.previous, steps[0].step.output.state);
    for (number, step) in (1..).zip(&steps) {
        let file = recorded(number);
        let values = file.public_values().to_vec();
        assert_eq!(values, step.step.output.public_values().encode());
        drop(file.verify(&key()).expect("the proof holds"));
    }
}

#[test]
fn attack_b12_a_proven_step_holds_for_no_other_values() {
    let (first, second) = (recorded(1), recorded(2));
    let refused = |values: &[u8], proof: &[u8]| {
        let verified = verify_proof(first.kind(), proof, values, &key());
        assert!(
            matches!(verified, Err(VerifyError::PublicValues { .. })),
            "{verified:?}"
        );
    };
    refused(second.public_values(), first.proof());
    refused(first.public_values(), second.proof());
    for position in 0..first.public_values().len() {
        let mut values = first.public_values().to_vec();
        values[position] ^= 1;
        refused(&values, first.proof());
    }
}
