//! The factory, as recorded under a finalized header of mainnet.

use alloy_primitives::{U256, hex};
use serde_json::Value;
use valence_coprocessor_circuit_sdk::{StateProof, StateRoot, WitnessError};
use valence_coprocessor_ethereum_state_proof::{StateProofError, encode_state_proof};
use valence_coprocessor_protocol::{DomainId, DomainName};
use valence_coprocessor_recorded_data::folder;
use valence_coprocessor_statements::{FACTORY, MAINNET, StatementError, UNWRITTEN, factory};

use crate::world::{Witness, prove, refused};

const RECORDED: &str = "01-beacon-mainnet/deneb-1167-e2e-json";
const NUMBER: u64 = 20_360_596;

fn read(file: &str) -> Option<Value> {
    let path = folder()?.join(RECORDED).join(file);
    let text = std::fs::read_to_string(path).expect("the recorded file is readable");
    Some(serde_json::from_str(&text).expect("the recorded file is JSON"))
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal")
}

fn nodes(value: &Value) -> Vec<Vec<u8>> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(bytes)
        .collect()
}

/// The recorded answer, and the state proof that it makes.
fn recorded() -> Option<(Value, StateProof)> {
    let answer = read("EthGetProof.json")?["result"].take();
    let update = read("FinalityUpdateDeneb.json")?;
    let execution = &update["data"]["finalized_header"]["execution"];
    assert_eq!(execution["block_number"], NUMBER.to_string());
    let state_root = bytes(&execution["state_root"]);
    let slot = nodes(&answer["storageProof"][0]["proof"]);
    let proof = StateProof {
        domain: MAINNET,
        number: NUMBER,
        state_root: StateRoot::from_bytes(state_root.try_into().expect("32 bytes")),
        payload: Vec::new(),
        proof: encode_state_proof(&nodes(&answer["accountProof"]), &[slot]),
    };
    Some((answer, proof))
}

#[test]
fn the_recorded_factory_is_proven() {
    let Some((answer, proof)) = recorded() else {
        return;
    };
    assert_eq!(bytes(&answer["address"]), FACTORY.as_bytes());
    assert_eq!(
        bytes(&answer["storageProof"][0]["key"]),
        UNWRITTEN.as_bytes()
    );
    let output = prove(factory, &[Witness::StateProof(proof)]).expect("it is mainnet's");
    let nonce = answer["nonce"].as_str().expect("a nonce");
    let nonce = U256::from_str_radix(&nonce[2..], 16).expect("a number");
    let expected = [
        U256::from(NUMBER).to_be_bytes::<32>().to_vec(),
        nonce.to_be_bytes::<32>().to_vec(),
        bytes(&answer["codeHash"]),
        vec![0; 32],
    ];
    assert_eq!(output, expected.concat());
}

#[test]
fn the_constant_of_mainnet_is_its_id() {
    let name = DomainName::new("ethereum-mainnet").expect("a name");
    assert_eq!(MAINNET, DomainId::of(&name));
}

#[test]
fn attack_another_domain_or_another_root() {
    let Some((_, proof)) = recorded() else { return };
    let mut other = proof.clone();
    other.domain = DomainId::from_bytes([7; 32]);
    let wrong = WitnessError::WrongDomain {
        index: 0,
        expected: MAINNET,
        got: other.domain,
    };
    assert_eq!(
        refused(factory, &[Witness::StateProof(other)]),
        StatementError::Witness(wrong)
    );
    let mut other = proof;
    other.state_root = StateRoot::from_bytes([7; 32]);
    let error = refused(factory, &[Witness::StateProof(other)]);
    assert!(
        matches!(
            &error,
            StatementError::StateProof {
                error: StateProofError::Account(_)
            }
        ),
        "{error}"
    );
}

#[test]
fn attack_a_proof_without_the_slot_or_with_something_more() {
    let Some((answer, proof)) = recorded() else {
        return;
    };
    let account = nodes(&answer["accountProof"]);
    let slot = nodes(&answer["storageProof"][0]["proof"]);
    let mut short = proof.clone();
    short.proof = encode_state_proof(&account, &[slot[..slot.len() - 1].to_vec()]);
    let error = refused(factory, &[Witness::StateProof(short)]);
    assert!(
        matches!(
            &error,
            StatementError::StateProof {
                error: StateProofError::Slot(_)
            }
        ),
        "{error}"
    );
    let mut long = proof.clone();
    long.proof = encode_state_proof(&account, &[slot, vec![vec![0xc0; 40]]]);
    assert_eq!(
        refused(factory, &[Witness::StateProof(long)]),
        StatementError::StateProof {
            error: StateProofError::ExtraNodes { extra: 1 }
        }
    );
    let twice = [Witness::StateProof(proof), Witness::Data(Vec::new())];
    assert_eq!(
        refused(factory, &twice),
        StatementError::WitnessCount {
            got: 2,
            expected: 1
        }
    );
}
