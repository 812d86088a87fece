//! Headers: one whose hash is known to everybody, and one of each newer fork, as a node answered it.

use serde_json::{Value, json};
use valence_coprocessor_ethereum_execution::{AnswerError, BlockHeader, hex};
use valence_coprocessor_ethereum_state_proof::{BlockHash, HeaderError};
use valence_coprocessor_recorded_data::folder;

const EMPTY_ROOT: &str = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/// The header of mainnet's genesis, as nodes answer it.
fn genesis() -> Value {
    let zeros = |count: usize| format!("0x{}", "00".repeat(count));
    json!({
        "hash": "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
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

fn hash(block: &Value) -> BlockHash {
    let text = block["hash"].as_str().expect("a hash");
    BlockHash::from_bytes(hex::fixed("hash", text).expect("32 bytes"))
}

#[test]
fn every_field_of_the_header_counts() {
    let genesis = genesis();
    let read = BlockHeader::verify(&genesis, &hash(&genesis)).expect("it is right");
    assert_eq!((read.header.gas_limit, read.header.nonce[7]), (5_000, 0x42));
    let fields = genesis.as_object().expect("an object");
    for field in fields.keys().filter(|field| *field != "hash") {
        let mut changed = genesis.clone();
        let text = changed[field].as_str().expect("text").to_owned();
        let last = if text.ends_with('1') { "2" } else { "1" };
        changed[field] = json!(format!("{}{last}", &text[..text.len() - 1]));
        let expected = AnswerError::Header {
            hash: hash(&genesis),
            error: HeaderError::Hash,
        };
        let refused = BlockHeader::verify(&changed, &hash(&genesis));
        assert_eq!(refused, Err(expected), "{field}");
        let mut missing = genesis.clone();
        missing.as_object_mut().expect("an object").remove(field);
        let refused = BlockHeader::verify(&missing, &hash(&genesis));
        assert!(
            matches!(refused, Err(AnswerError::NoField { of: "block", field: named }) if named == field),
            "{field}: {refused:?}"
        );
    }
}

/// The answer in a recorded exchange: the line that the node sent.
fn answer(file: &str) -> Option<Value> {
    let path = folder()?
        .join("09-execution-apis/eth_getBlockByNumber")
        .join(file);
    let text = std::fs::read_to_string(path).expect("the recorded exchange is readable");
    let line = text.lines().find_map(|line| line.strip_prefix("<< "));
    let mut answer: Value =
        serde_json::from_str(line.expect("the node answered")).expect("the answer is JSON");
    Some(answer["result"].take())
}

#[test]
fn recorded_headers_of_all_forks_hash_to_their_blocks() {
    for (file, has_cancun, has_requests) in [
        ("get-genesis.io", false, false),
        ("get-block-london-fork.io", false, false),
        ("get-block-merge-fork.io", false, false),
        ("get-block-shanghai-fork.io", false, false),
        ("get-block-cancun-fork.io", true, false),
        ("get-block-prague-fork.io", true, true),
        ("get-latest.io", true, true),
    ] {
        let Some(block) = answer(file) else { return };
        let read = BlockHeader::verify(&block, &hash(&block)).expect(file);
        let number = block["number"].as_str().expect("a number");
        assert_eq!(format!("{:#x}", read.header.number), number);
        assert_eq!(read.header.cancun.is_some(), has_cancun, "{file}");
        assert_eq!(read.header.requests_hash.is_some(), has_requests, "{file}");
    }
}
