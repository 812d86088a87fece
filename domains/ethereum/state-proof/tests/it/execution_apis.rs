//! Recorded answers of the execution APIs' test chain, under the state root of its newest block's header.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{Account, Address, Slot, encode_state_proof};

use crate::fixtures::{self, bytes, fixed, nodes};
use crate::hive_chain;
use crate::world::decoded;

/// The answer in a recorded exchange: the line that the node sent.
fn answer(file: &str) -> Value {
    let folder = fixtures::folder().expect("the caller has seen the folder");
    let text = std::fs::read_to_string(folder.join("09-execution-apis").join(file))
        .expect("the recorded exchange is readable");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("<< "))
        .expect("the node answered");
    let mut answer: Value = serde_json::from_str(line).expect("the answer is JSON");
    answer["result"].take()
}

#[test]
fn proofs_are_right_under_the_newest_header() {
    let blocks = hive_chain::blocks();
    let Some(last) = blocks.len().checked_sub(1) else {
        return;
    };
    let root = hive_chain::header(&blocks, last).state_root;
    let code = bytes(&answer("eth_getCode/get-code.io"));
    for (file, slots) in [
        ("get-account-proof-blockhash.io", 0),
        ("get-account-proof-default-block.io", 0),
        ("get-account-proof-latest.io", 0),
        ("get-account-proof-with-storage.io", 1),
    ] {
        let recorded = answer(&format!("eth_getProof/{file}"));
        let storage = recorded["storageProof"]
            .as_array()
            .expect("slots are a list");
        assert_eq!(storage.len(), slots, "{file}");
        let paths: Vec<_> = storage.iter().map(|slot| nodes(&slot["proof"])).collect();
        let proof = encode_state_proof(&nodes(&recorded["accountProof"]), &paths);
        decoded(&proof, |proof| {
            let account =
                proof.account(&root, &Address::from_bytes(fixed(&recorded["address"])))?;
            let Account::Present(state) = account else {
                panic!("{file}: the account is recorded as present")
            };
            assert_eq!(state.balance, fixed::<32>(&recorded["balance"]));
            assert_eq!(state.nonce.to_be_bytes(), fixed::<8>(&recorded["nonce"]));
            assert_eq!(state.storage_root, fixed::<32>(&recorded["storageHash"]));
            assert_eq!(state.code_hash, fixed::<32>(&recorded["codeHash"]));
            assert!(
                state.has_code() && state.is_code(&code) && !state.is_code(&code[1..]),
                "{file}"
            );
            for slot in storage {
                let value = proof.slot(&account, &Slot::from_bytes(fixed(&slot["key"])))?;
                assert_eq!(value.to_word(), fixed::<32>(&slot["value"]));
            }
            Ok(())
        })
        .expect("a recorded answer is proven");
    }
}
