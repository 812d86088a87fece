//! The controller against a mock of the co-processor and of a node that lies now and then.

use serde_json::{Value, json};
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::Block;
use valence_coprocessor_ethereum_state_proof::keccak256;

use ethereum_trusted::{
    BlockArguments, CHAIN, DOMAIN, StateArguments, state_proof, validate_block,
};

/// A state of one account: the leaf that is the whole trie. Its key is the hash of [`ADDRESS`].
const ADDRESS: &str = "0x1111111111111111111111111111111111111111";
const EMPTY_ROOT: &str = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// RLP of the trie's one leaf: account (nonce 1, balance 0, no storage, code hash of zeros).
fn leaf() -> Vec<u8> {
    let empty: Vec<u8> = (2..66)
        .step_by(2)
        .map(|at| u8::from_str_radix(&EMPTY_ROOT[at..at + 2], 16).expect("hex"))
        .collect();
    let account = [
        &[0xf8, 0x44, 0x01, 0x80, 0xa0][..],
        &empty,
        &[0xa0],
        &[0; 32],
    ]
    .concat();
    let path = [&[0xa1, 0x20][..], &keccak256(&[0x11; 20])].concat();
    let value = [&[0xb8, 0x46][..], &account].concat();
    let length = u8::try_from(path.len() + value.len()).expect("short");
    [&[0xf8, length][..], &path, &value].concat()
}

fn answer(node: &[u8]) -> Value {
    json!({"accountProof": [hex(node)], "storageProof": []})
}

fn newest() -> Block {
    Block {
        domain: [7; 32],
        number: 12,
        root: keccak256(&leaf()),
        payload: vec![1, 2, 3],
    }
}

fn arguments() -> StateArguments {
    StateArguments {
        address: ADDRESS.to_owned(),
        slots: Vec::new(),
        number: None,
    }
}

#[test]
fn a_right_answer_is_a_state_proof_under_the_newest_block() {
    let _host = MockHost::new()
        .with_latest_block(DOMAIN, newest())
        .with_rpc(CHAIN, "eth_getProof", |params| {
            assert_eq!(params, json!([ADDRESS, [], "0xc"]));
            Ok(answer(&leaf()))
        })
        .install();
    let proof = state_proof(arguments()).expect("the proof is right");
    assert_eq!((proof.number, proof.payload), (12, vec![1, 2, 3]));
    assert_eq!(proof.domain.as_bytes(), &[7; 32]);
    assert_eq!(proof.state_root.as_bytes(), &keccak256(&leaf()));
}

#[test]
fn a_wrong_answer_is_refused_before_anybody_gets_it() {
    let mut lie = leaf();
    *lie.last_mut().expect("a leaf has bytes") ^= 1;
    let _host = MockHost::new()
        .with_latest_block(DOMAIN, newest())
        .with_rpc(CHAIN, "eth_getProof", move |_| Ok(answer(&lie)))
        .install();
    let refused = state_proof(arguments()).expect_err("a lie").to_string();
    assert!(
        refused.contains("block 12") && refused.contains("the proof lacks the node at depth 0"),
        "{refused}"
    );
}

#[test]
fn without_a_block_there_is_no_state() {
    let _host = MockHost::new().install();
    let refused = state_proof(arguments()).expect_err("no block").to_string();
    assert!(
        refused.contains("no block of ethereum-trusted was added yet"),
        "{refused}"
    );
}

/// The header of mainnet's genesis, as nodes answer it. Its hash is known to everybody.
fn genesis() -> Value {
    json!({
        "parentHash": hex(&[0; 32]),
        "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
        "miner": hex(&[0; 20]),
        "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
        "transactionsRoot": EMPTY_ROOT,
        "receiptsRoot": EMPTY_ROOT,
        "logsBloom": hex(&[0; 256]),
        "difficulty": "0x400000000",
        "number": "0x0",
        "gasLimit": "0x1388",
        "gasUsed": "0x0",
        "timestamp": "0x0",
        "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
        "mixHash": hex(&[0; 32]),
        "nonce": "0x0000000000000042",
    })
}

const GENESIS_HASH: &str = "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3";

fn block(hash: &str, number: Option<u64>, header: Option<Value>) -> BlockArguments {
    BlockArguments {
        hash: hash.to_owned(),
        number,
        header,
    }
}

#[test]
fn a_header_that_hashes_to_the_trusted_hash_is_a_block() {
    let _host = MockHost::new()
        .with_rpc(CHAIN, "eth_getBlockByHash", |_| Ok(genesis()))
        .install();
    for header in [None, Some(genesis())] {
        let block =
            validate_block(block(GENESIS_HASH, Some(0), header)).expect("the header is right");
        assert_eq!(
            hex(&block.root),
            "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"
        );
        assert!(block.payload.starts_with(b"trusted"));
    }
}

#[test]
fn every_field_of_the_header_counts() {
    let fields = genesis()
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    for field in fields {
        let mut changed = genesis();
        let text = changed[&field].as_str().expect("text").to_owned();
        let last = if text.ends_with('1') { "2" } else { "1" };
        changed[&field] = json!(format!("{}{last}", &text[..text.len() - 1]));
        let refused = validate_block(block(GENESIS_HASH, None, Some(changed)))
            .expect_err(&field)
            .to_string();
        assert!(
            refused.contains("does not hash to the block hash"),
            "{field}: {refused}"
        );
        let mut missing = genesis();
        missing.as_object_mut().expect("an object").remove(&field);
        let refused = validate_block(block(GENESIS_HASH, None, Some(missing)))
            .expect_err(&field)
            .to_string();
        assert!(
            refused.contains(&format!("no field `{field}`")),
            "{field}: {refused}"
        );
    }
}

#[test]
fn another_number_or_a_missing_block_is_refused() {
    let wrong = validate_block(block(GENESIS_HASH, Some(1), Some(genesis())))
        .expect_err("block 0")
        .to_string();
    assert!(wrong.contains("has number 0, expected 1"), "{wrong}");
    let _host = MockHost::new()
        .with_rpc(CHAIN, "eth_getBlockByHash", |_| Ok(Value::Null))
        .install();
    let none = validate_block(block(GENESIS_HASH, None, None))
        .expect_err("no block")
        .to_string();
    assert!(none.contains("the node has no block 0xd4e5"), "{none}");
    let short = validate_block(block("0x12", None, None))
        .expect_err("no hash")
        .to_string();
    assert!(short.contains("`hash` has 1 bytes, expected 32"), "{short}");
}
