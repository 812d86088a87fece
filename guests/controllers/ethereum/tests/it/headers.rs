//! `{"header": true}`: the node's block is believed only if it hashes to the proven hash.

use ethereum::{StateArguments, state_proof};
use serde_json::{Value, json};
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::Block;
use valence_coprocessor_ethereum_state_proof::{BlockHash, BlockPayload, Header, ReceiptsRoot};

use crate::world::{CHAIN, bytes, history, mainnet};

const EMPTY_ROOT: &str = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
const GENESIS_HASH: &str = "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3";

fn zeros(count: usize) -> String {
    format!("0x{}", "00".repeat(count))
}

/// The header of mainnet's genesis, as nodes answer it. Its hash is known to everybody.
fn genesis() -> Value {
    json!({
        "hash": GENESIS_HASH,
        "parentHash": zeros(32),
        "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
        "miner": zeros(20),
        "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
        "transactionsRoot": EMPTY_ROOT,
        "receiptsRoot": EMPTY_ROOT,
        "logsBloom": zeros(256),
        "difficulty": "0x400000000",
        "number": "0x0",
        "gasLimit": "0x1388",
        "gasUsed": "0x0",
        "timestamp": "0x0",
        "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
        "mixHash": zeros(32),
        "nonce": "0x0000000000000042",
    })
}

fn hash() -> BlockHash {
    BlockHash::from_bytes(bytes(&json!(GENESIS_HASH)))
}

/// A history whose one block has the hash of the genesis, and a node with this block.
fn host(block: Value) -> MockHost {
    let payload = BlockPayload {
        block_hash: hash(),
        parent: BlockHash::from_bytes([0; 32]),
        receipts_root: ReceiptsRoot::from_bytes(bytes(&json!(EMPTY_ROOT))),
        prev_randao: [0; 32],
        beacon_block_root: [0; 32],
        slot: 0,
        timestamp: 0,
    };
    let known = block.clone();
    history(&[Block {
        domain: *mainnet().as_bytes(),
        number: 0,
        root: bytes(&genesis()["stateRoot"]),
        payload: payload.encode().to_vec(),
    }])
    .with_rpc(CHAIN, "eth_getBlockByHash", move |params| {
        assert_eq!(params, json!([GENESIS_HASH, false]));
        Ok(block.clone())
    })
    .with_rpc(CHAIN, "eth_getBlockByNumber", move |_| Ok(known.clone()))
}

fn arguments() -> StateArguments {
    serde_json::from_value(json!({"header": true})).expect("arguments")
}

#[test]
fn a_header_is_the_proof() {
    let _host = host(genesis()).install();
    let found = state_proof(arguments()).expect("the header is right");
    let header = Header::verify(&found.proof, &hash()).expect("it hashes to the block");
    assert_eq!((header.gas_limit, header.nonce[7]), (5_000, 0x42));
}

#[test]
fn every_field_of_the_header_counts() {
    let fields = genesis();
    let fields = fields.as_object().expect("an object");
    for field in fields.keys().filter(|field| *field != "hash") {
        let mut changed = genesis();
        let text = changed[field].as_str().expect("text").to_owned();
        let last = if text.ends_with('1') { "2" } else { "1" };
        changed[field] = json!(format!("{}{last}", &text[..text.len() - 1]));
        let _host = host(changed).install();
        let error = state_proof(arguments()).expect_err(field).to_string();
        assert!(
            error.contains("does not hash to the block hash"),
            "{field}: {error}"
        );
    }
}

#[test]
fn a_node_without_the_block_is_called_that() {
    let _host = host(Value::Null).install();
    let error = state_proof(arguments()).expect_err("no block").to_string();
    assert!(error.contains("does not have block 0"), "{error}");
}
