//! `{"receipts": […]}`: all receipts that a node answers, of which the asked ones are proven. That they are encoded and
//! arranged as other implementations do, is tested where that is done.

use ethereum::{StateArguments, state_proof};
use serde_json::{Value, json};
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::{Block, Error, StateProof};
use valence_coprocessor_ethereum_execution::{encode_receipt, list_nodes};
use valence_coprocessor_ethereum_state_proof as proof;
use valence_coprocessor_ethereum_state_proof::{
    BlockHash, BlockPayload, ReceiptsRoot, SlotValue, keccak256,
};
use valence_coprocessor_protocol::AlignedBytes;

use crate::world::{CHAIN, Recorded, bytes, history, mainnet};

const NUMBER: u64 = 77;
const COUNT: u64 = 12;

/// A node's answer: receipts with one log each.
fn answer() -> Value {
    let receipt = |index: u64| {
        json!({
            "type": "0x2",
            "status": "0x1",
            "cumulativeGasUsed": format!("{:#x}", 21_000 * (index + 1)),
            "logsBloom": format!("0x{}", "00".repeat(256)),
            "logs": [{
                "address": format!("0x{}", "42".repeat(20)),
                "topics": [format!("0x{index:064x}")],
                "data": "0x0102",
            }],
        })
    };
    (0..COUNT).map(receipt).collect()
}

fn root() -> ReceiptsRoot {
    let answer = answer();
    let receipts = answer.as_array().expect("a list").iter();
    let receipts: Vec<_> = receipts
        .map(|receipt| encode_receipt(receipt).expect("a receipt"))
        .collect();
    ReceiptsRoot::from_bytes(keccak256(&list_nodes(&receipts, &[0])[0]))
}

/// A history whose one block has the receipts, and a node that answers this.
fn host(answer: Value) -> MockHost {
    let payload = BlockPayload {
        block_hash: BlockHash::from_bytes([0xbb; 32]),
        parent: BlockHash::from_bytes([0; 32]),
        receipts_root: root(),
        prev_randao: [0; 32],
        beacon_block_root: [0; 32],
        slot: 0,
        timestamp: 0,
    };
    history(&[Block {
        domain: *mainnet().as_bytes(),
        number: NUMBER,
        root: [0; 32],
        payload: payload.encode().to_vec(),
    }])
    .with_rpc(CHAIN, "eth_getBlockReceipts", move |params| {
        assert_eq!(params, json!(["0x4d"]));
        Ok(answer.clone())
    })
    .with_rpc(CHAIN, "eth_getBlockByNumber", |_| {
        Ok(json!({"hash": format!("0x{}", "bb".repeat(32))}))
    })
}

fn ask(arguments: Value) -> Result<StateProof, Error> {
    state_proof(serde_json::from_value::<StateArguments>(arguments).expect("arguments"))
}

#[test]
fn receipts_are_proven_under_the_root_of_the_block() {
    let _host = host(answer()).install();
    for numbers in [&[0][..], &[4, 11, 4], &[COUNT], &[7, 1_000_000]] {
        let found = ask(json!({"receipts": numbers})).expect("the node is honest");
        assert_eq!((found.number, found.domain), (NUMBER, mainnet()));
        let aligned = AlignedBytes::new(&found.proof).expect("whole words");
        let mut decoded = proof::StateProof::decode(aligned.words()).expect("a proof");
        for number in numbers {
            let receipt = decoded.receipt(&root(), *number).expect("proven");
            let expected = (*number < COUNT).then_some(21_000 * (number + 1));
            assert_eq!(receipt.map(|receipt| receipt.cumulative_gas_used), expected);
        }
        decoded.finish().expect("nothing is left over");
    }
}

#[test]
fn an_account_and_receipts_make_one_proof() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let payload = BlockPayload {
        receipts_root: root(),
        ..recorded.payload
    };
    let block = Block {
        payload: payload.encode().to_vec(),
        ..recorded.block.clone()
    };
    let account = recorded.proof.clone();
    let _host = history(&[block])
        .with_rpc(CHAIN, "eth_getProof", move |_| Ok(account.clone()))
        .with_rpc(CHAIN, "eth_getBlockReceipts", |_| Ok(answer()))
        .install();
    let found = ask(json!({
        "address": recorded.address(),
        "slots": [recorded.slot()],
        "receipts": [3, 11],
    }))
    .expect("both are right");
    let aligned = AlignedBytes::new(&found.proof).expect("whole words");
    let mut decoded = proof::StateProof::decode(aligned.words()).expect("a proof");
    let address = proof::Address::from_bytes(bytes(&recorded.proof["address"]));
    let account = decoded
        .account(&found.state_root, &address)
        .expect("proven");
    let slot = proof::Slot::from_bytes(bytes(&Value::from(recorded.slot())));
    let value = decoded.slot(&account, &slot).expect("proven");
    assert_eq!(value, SlotValue::Absent);
    for number in [3, 11] {
        let receipt = decoded.receipt(&root(), number).expect("proven");
        let receipt = receipt.expect("it is there");
        assert_eq!(receipt.cumulative_gas_used, 21_000 * (number + 1));
    }
    decoded.finish().expect("nothing is left over");
}

/// Whatever is changed in any receipt, and in their order, makes another root.
#[test]
fn a_wrong_answer_is_never_passed_on() {
    let honest = answer();
    let mut lies = Vec::new();
    for at in 0..12 {
        for field in [
            "status",
            "cumulativeGasUsed",
            "logs/0/topics/0",
            "logs/0/data",
        ] {
            let mut answer = honest.clone();
            let value = answer.pointer_mut(&format!("/{at}/{field}"));
            let value = value.expect("a field");
            let mut text = value.as_str().expect("text").to_owned();
            let last = text.pop().expect("a digit");
            text.push(if last == '5' { '6' } else { '5' });
            *value = Value::from(text);
            lies.push((format!("{at}/{field}"), answer));
        }
    }
    let list = honest.as_array().expect("a list");
    lies.push(("reversed".to_owned(), list.iter().rev().cloned().collect()));
    lies.push(("one less".to_owned(), list[..11].to_vec().into()));
    lies.push((
        "one more".to_owned(),
        [&list[..], &list[..1]].concat().into(),
    ));
    for (shown, answer) in lies {
        let _host = host(answer).install();
        let error = ask(json!({"receipts": [4]})).expect_err(&shown).to_string();
        assert!(
            error.contains("no proof that holds") && error.contains("the receipt is not proven"),
            "{shown}: {error}"
        );
    }
}

#[test]
fn what_is_no_list_of_receipts_is_refused_by_name() {
    for (answer, named) in [
        (Value::Null, "is null"),
        (json!({}), "no list of receipts"),
        (json!([{"type": "0x2"}]), "the receipt has no list `logs`"),
    ] {
        let _host = host(answer).install();
        let error = ask(json!({"receipts": [0]})).expect_err(named).to_string();
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    let _host = host(answer()).install();
    let address = format!("0x{}", "11".repeat(20));
    let own = "a state proof of its own";
    for (arguments, named) in [
        (json!({}), "nothing to prove"),
        (json!({ "number": NUMBER }), "nothing to prove"),
        (json!({"header": true, "receipts": [0]}), own),
        (json!({"header": true, "address": address}), own),
        (
            json!({"receipts": [0], "slots": ["0x00"]}),
            "those of an `address`",
        ),
    ] {
        let error = ask(arguments).expect_err(named).to_string();
        assert!(error.contains(named), "{error}");
    }
}
