//! `get_state_proof`: recorded answers are proofs under blocks of the history, however they come in pieces.

use std::cell::RefCell;
use std::rc::Rc;

use ethereum::{KEYS_IN_ONE_REQUEST, StateArguments, state_proof};
use serde_json::{Value, json};
use valence_coprocessor_controller_sdk::Block;
use valence_coprocessor_ethereum_state_proof as proof;
use valence_coprocessor_ethereum_state_proof::{Address, Slot, SlotValue};
use valence_coprocessor_protocol::AlignedBytes;

use crate::world::{CHAIN, Recorded, bytes, history, mainnet, recorded};

fn arguments(recorded: &Recorded, number: Option<u64>) -> StateArguments {
    StateArguments {
        address: Some(recorded.address()),
        slots: vec![recorded.slot()],
        number,
        ..StateArguments::default()
    }
}

#[test]
fn a_recorded_account_and_an_absent_slot_are_proven_under_the_recorded_block() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let (answer, params) = (
        recorded.proof.clone(),
        json!([recorded.address(), [recorded.slot()], "0x136ad94"]),
    );
    let _host = history(std::slice::from_ref(&recorded.block))
        .with_rpc(CHAIN, "eth_getProof", move |asked| {
            assert_eq!(asked, params);
            Ok(answer.clone())
        })
        .install();
    let found = state_proof(arguments(&recorded, None)).expect("it is mainnet's");
    assert_eq!((found.number, found.domain), (20_360_596, mainnet()));
    assert_eq!(found.payload, recorded.block.payload);
    assert_eq!(found.state_root.as_bytes(), &recorded.block.root);

    let aligned = AlignedBytes::new(&found.proof).expect("whole words");
    let mut decoded = proof::StateProof::decode(aligned.words()).expect("a proof");
    let address = Address::from_bytes(bytes(&recorded.proof["address"]));
    let account = decoded
        .account(&found.state_root, &address)
        .expect("proven");
    let state = account.present().expect("the contract exists");
    assert_eq!(state.nonce, 0x54835);
    assert_eq!(state.code_hash, bytes(&recorded.proof["codeHash"]));
    let slot = Slot::from_bytes(bytes(&Value::from(recorded.slot())));
    let value = decoded.slot(&account, &slot).expect("proven");
    assert_eq!(value, SlotValue::Absent);
}

#[test]
fn recorded_tokens_are_proven_slot_by_slot() {
    let path = "04-eip1186-mainnet/deneb-22196273-usdc-mapping-slots";
    let token = "eth_getProof_0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48.json";
    let Some(base) = Recorded::read() else { return };
    let Some(answer) = recorded(&format!("{path}/{token}")) else {
        return;
    };
    let Some(anchors) = recorded("04-eip1186-mainnet/anchors.derived.json") else {
        return;
    };
    let answer = answer.get("result").unwrap_or(&answer).clone();
    let anchor = anchors
        .as_array()
        .expect("a list")
        .iter()
        .find(|anchor| anchor["block_number"] == 22_196_273)
        .expect("the anchor of the folder");
    let block = Block {
        number: 22_196_273,
        root: bytes(&anchor["state_root"]),
        ..base.block.clone()
    };
    let keys = |answer: &Value| -> Vec<String> {
        let slots = answer["storageProof"].as_array().expect("a list");
        slots.iter().map(|slot| word(&slot["key"])).collect()
    };
    let slots = keys(&answer);
    assert!(slots.len() > 1, "the recording has several slots");
    let asked = answer.clone();
    let _host = history(&[base.block, block])
        .with_rpc(CHAIN, "eth_getProof", move |_| Ok(asked.clone()))
        .install();
    let address = answer["address"].as_str().expect("an address").to_owned();
    let found = state_proof(StateArguments {
        address: Some(address),
        slots,
        ..StateArguments::default()
    })
    .expect("mainnet's");
    assert_eq!(found.number, 22_196_273);
    let aligned = AlignedBytes::new(&found.proof).expect("whole words");
    let mut decoded = proof::StateProof::decode(aligned.words()).expect("a proof");
    let address = Address::from_bytes(bytes(&answer["address"]));
    let account = decoded
        .account(&found.state_root, &address)
        .expect("proven");
    for slot in answer["storageProof"].as_array().expect("a list") {
        let key = Slot::from_bytes(bytes(&Value::from(word(&slot["key"]))));
        let value = decoded.slot(&account, &key).expect("proven");
        assert_eq!(
            value.to_word(),
            bytes::<32>(&Value::from(word(&slot["value"])))
        );
    }
}

/// A number of any digits as 32 bytes in hexadecimal.
fn word(value: &Value) -> String {
    let digits = value.as_str().expect("a string").trim_start_matches("0x");
    format!("0x{digits:0>64}")
}

#[test]
fn many_keys_are_asked_for_in_parts_and_make_one_proof() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let one = &recorded.proof["storageProof"][0];
    let counts = Rc::new(RefCell::new(Vec::new()));
    let (seen, answer, slot) = (Rc::clone(&counts), recorded.proof.clone(), one.clone());
    let _host = history(std::slice::from_ref(&recorded.block))
        .with_rpc(CHAIN, "eth_getProof", move |params| {
            let count = params[1].as_array().expect("keys").len();
            seen.borrow_mut().push(count);
            let mut answer = answer.clone();
            answer["storageProof"] = Value::from(vec![slot.clone(); count]);
            Ok(answer)
        })
        .install();
    let mut arguments = arguments(&recorded, None);
    let single = state_proof(arguments.clone()).expect("one key");
    arguments.slots = vec![recorded.slot(); 2 * KEYS_IN_ONE_REQUEST + 1];
    let many = state_proof(arguments).expect("many keys");
    assert_eq!(*counts.borrow(), [1, 1_024, 1_024, 1]);
    // Nodes that slots share are in a proof once.
    assert_eq!(many.proof, single.proof);
}

#[test]
fn older_blocks_are_found_in_the_history_and_missing_ones_are_named() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let with_number = |number| Block {
        number,
        ..recorded.block.clone()
    };
    let other = Block {
        domain: [9; 32],
        number: 20_360_596,
        ..recorded.block.clone()
    };
    let blocks = [
        with_number(20_360_500),
        recorded.block.clone(),
        other,
        with_number(20_360_700),
    ];
    let answer = recorded.proof.clone();
    let _host = history(&blocks)
        .with_rpc(CHAIN, "eth_getProof", move |_| Ok(answer.clone()))
        .install();
    let found = state_proof(arguments(&recorded, Some(20_360_596))).expect("it is there");
    assert_eq!((found.number, found.domain), (20_360_596, mainnet()));
    for (number, named) in [
        (
            20_360_597,
            "the one before it is 20360596, the newest 20360700",
        ),
        (20_360_800, "the newest is 20360700"),
        (20_360_400, "begin after it and end with 20360700"),
    ] {
        let error = state_proof(arguments(&recorded, Some(number))).expect_err("missing");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_history_without_blocks_proves_nothing() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let _host = history(&[]).install();
    let error = state_proof(arguments(&recorded, None)).expect_err("no block");
    assert!(
        error.to_string().contains("no block of this domain"),
        "{error}"
    );
}
