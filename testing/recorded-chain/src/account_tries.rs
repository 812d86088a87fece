//! Ethereum's trie tests whose entries are accounts: those that a state proof can be asked for.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::encode_nodes;
use valence_coprocessor_forged_chain::{Asked, account_fields, hashed, prove};

use crate::{fixed, hex, json};

/// Each account of each trie: what the circuit is asked, and the fields that it must give.
pub fn account_tries() -> Vec<(Asked, Vec<u8>)> {
    let Some(Value::Object(cases)) = json("05-trie-tests/hex_encoded_securetrie_test.json") else {
        return Vec::new();
    };
    cases
        .iter()
        .flat_map(|(name, case)| {
            let entries = case["in"].as_object().expect("entries");
            let value = |value: &Value| hex(value.as_str().expect("an account"));
            let state: Vec<_> = entries
                .iter()
                .map(|(address, account)| (hashed(&hex(address)), value(account)))
                .collect();
            let keys: Vec<_> = state.iter().map(|(key, _)| key.clone()).collect();
            let (root, paths) = prove(state, &keys);
            assert_eq!(root, fixed::<32>(&case["root"]), "{name}");
            entries
                .iter()
                .zip(paths)
                .map(|((address, account), path)| {
                    let address = hex(address).try_into().expect("an address");
                    let proof = encode_nodes([path.as_slice()]);
                    let asked = Asked::slots(root, address, &[], proof);
                    (asked, account_fields(&value(account)))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}
