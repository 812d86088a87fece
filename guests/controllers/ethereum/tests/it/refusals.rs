//! Nodes that have no proof, or a wrong one: what the error calls it.

use ethereum::{StateArguments, state_proof};
use serde_json::{Value, json};
use valence_coprocessor_controller_mock::MockHost;

use crate::world::{CHAIN, Recorded, history};

fn refused(recorded: &Recorded, host: MockHost) -> String {
    let _host = host.install();
    let arguments = StateArguments {
        address: Some(recorded.address()),
        slots: vec![recorded.slot()],
        ..StateArguments::default()
    };
    state_proof(arguments).expect_err("no proof").to_string()
}

fn hash(recorded: &Recorded) -> String {
    let bytes = recorded.payload.block_hash.as_bytes();
    bytes
        .iter()
        .fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// A node that refuses proofs with this text, and has this block at the number.
fn refusing(recorded: &Recorded, text: &str, block: Value) -> MockHost {
    let text = text.to_owned();
    history(std::slice::from_ref(&recorded.block))
        .with_rpc(CHAIN, "eth_getProof", move |_| Err(text.clone()))
        .with_rpc(CHAIN, "eth_getBlockByNumber", move |params| {
            assert_eq!(params, json!(["0x136ad94", false]));
            Ok(block.clone())
        })
}

/// As nodes word it in their public issue trackers.
#[test]
fn a_block_outside_the_window_is_called_that() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let block = json!({ "hash": hash(&recorded) });
    for text in [
        "error -32602: distance to target block exceeds maximum proof window",
        "error -32000: requested block is too old, block must be within 100000 blocks of the head block number (currently 13752981)",
        "error -32000: missing trie node ef7df5d88cb1614dc3f143879a653cd90717ee42e967c5fabbcd7505a968f314 (path )",
        "error -32000: historical state 02203acdaff3ded2e651dd63c59a232a088061567174dc9f50f76c71ef857a25 is not available",
        "error -32000: old data not available due to pruning",
        "error -32000: proofs are available only for the 'latest' block",
    ] {
        let error = refused(&recorded, refusing(&recorded, text, block.clone()));
        assert!(
            error.contains("keeps proofs of recent blocks only"),
            "{error}"
        );
        assert!(
            error.contains("20360596") && error.contains(text),
            "{error}"
        );
    }
}

#[test]
fn a_node_that_lacks_the_block_is_called_that() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    for text in [
        "error -32000: header not found",
        "error -32000: missing trie node",
    ] {
        let error = refused(&recorded, refusing(&recorded, text, Value::Null));
        assert!(error.contains("does not have block 20360596"), "{error}");
    }
}

#[test]
fn a_node_on_another_chain_is_called_that() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let other = format!("0x{}", "ab".repeat(32));
    let block = json!({ "hash": other });
    let host = refusing(
        &recorded,
        "error -32602: exceeds maximum proof window",
        block.clone(),
    );
    let error = refused(&recorded, host);
    assert!(error.contains("another chain or fork"), "{error}");
    assert!(
        error.contains(&other) && error.contains(&hash(&recorded)),
        "{error}"
    );

    // It may also answer a proof, of its own state.
    let mut answer = recorded.proof.clone();
    answer["accountProof"][0] = answer["accountProof"][1].clone();
    let host = history(std::slice::from_ref(&recorded.block))
        .with_rpc(CHAIN, "eth_getProof", move |_| Ok(answer.clone()))
        .with_rpc(CHAIN, "eth_getBlockByNumber", move |_| Ok(block.clone()));
    assert!(refused(&recorded, host).contains("another chain or fork"));
}

#[test]
fn any_other_refusal_keeps_the_nodes_words() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let block = json!({ "hash": hash(&recorded) });
    let error = refused(
        &recorded,
        refusing(&recorded, "error -32005: rate limit exceeded", block),
    );
    assert!(error.contains("no proof that holds"), "{error}");
    assert!(error.contains("rate limit exceeded"), "{error}");
}

/// Every node of the answer counts: flipping one bit of any makes it no proof.
#[test]
fn a_wrong_answer_is_never_passed_on() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let lists = ["/accountProof", "/storageProof/0/proof"];
    for list in lists {
        let length = recorded
            .proof
            .pointer(list)
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        assert!(length > 0, "{list} has nodes");
        for index in 0..length {
            let mut answer = recorded.proof.clone();
            let node = answer
                .pointer_mut(&format!("{list}/{index}"))
                .expect("a node");
            let mut text = node.as_str().expect("hexadecimal").to_owned();
            let last = text.pop().expect("a digit");
            text.push(if last == '0' { '1' } else { '0' });
            *node = Value::from(text);
            let host = history(std::slice::from_ref(&recorded.block)).with_rpc(
                CHAIN,
                "eth_getProof",
                move |_| Ok(answer.clone()),
            );
            let error = refused(&recorded, host);
            assert!(
                error.contains("no proof that holds"),
                "{list}/{index}: {error}"
            );
        }
    }
    for (slots, named) in [(0, "has 0 slots, 1 were asked for"), (2, "has 2 slots")] {
        let mut answer = recorded.proof.clone();
        let slot = answer["storageProof"][0].clone();
        answer["storageProof"] = Value::from(vec![slot; slots]);
        let host = history(std::slice::from_ref(&recorded.block)).with_rpc(
            CHAIN,
            "eth_getProof",
            move |_| Ok(answer.clone()),
        );
        let error = refused(&recorded, host);
        assert!(error.contains(named), "{error}");
    }
}
