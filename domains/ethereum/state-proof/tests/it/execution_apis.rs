//! Recorded exchanges of the execution APIs' test chain: proofs, what nodes say beside them, headers, and the genesis.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{
    Account, AccountState, Address, BlockHash, Header, encode_nodes, encode_state_proof, keccak256,
};
use valence_coprocessor_forged_chain::{hashed, list, prove};
use valence_coprocessor_protocol::StateRoot;

use crate::fixtures::{self, bytes, eth_get_proofs, exchange, fixed};
use crate::header::rebuilt;
use crate::hive_chain;
use crate::naive_trie::NaiveTrie;
use crate::world::decoded;

/// The contract of which everything is asked.
const CONTRACT: [u8; 20] = [
    0x7d, 0xcd, 0x17, 0x43, 0x37, 0x42, 0xf4, 0xc0, 0xca, 0x53, 0x12, 0x2a, 0xb5, 0x41, 0xd0, 0xba,
    0x67, 0xfc, 0x27, 0xdf,
];

/// What is proven is what other requests answer: balance, code, slot 0.
#[test]
fn proofs_agree_with_other_answers_under_the_newest_header() {
    let blocks = hive_chain::blocks();
    let Some(last) = blocks.len().checked_sub(1) else {
        return;
    };
    let root = hive_chain::header(&blocks, last).state_root;
    let answer = |file: &str| exchange(file).expect("the folder is there");
    let code = bytes(&answer("eth_getCode/get-code.io"));
    let mut slots = 0;
    let mut proofs = eth_get_proofs();
    proofs.retain(|proof| proof.path.starts_with("eth_getProof/"));
    assert_eq!(proofs.len(), 4);
    for recorded in proofs {
        assert_eq!(recorded.state_root, root, "{}", recorded.path);
        assert_eq!(recorded.address.as_bytes(), &CONTRACT);
        decoded(&recorded.encode(), |proof| {
            let account = proof.account(&root, &recorded.address)?;
            let state = account.present().expect("the account is there");
            let balance = fixed::<32>(&answer("eth_getBalance/get-balance.io"));
            assert_eq!(state.balance, balance);
            assert!(state.has_code() && state.is_code(&code) && !state.is_code(&code[1..]));
            for index in 0..recorded.slots().len() {
                let value = proof.slot(&account, &recorded.slot(index))?;
                let expected = answer("eth_getStorageAt/get-storage-default-block.io");
                assert_eq!(value.to_word(), fixed::<32>(&expected));
                slots += 1;
            }
            Ok(())
        })
        .expect("a recorded answer is proven");
    }
    assert_eq!(slots, 1);
}

/// Headers of each fork as JSON, and two as RLP, hash to the blocks that they are of.
#[test]
fn headers_hash_to_their_blocks() {
    if fixtures::folder().is_none() {
        return;
    }
    let block = |file: &str| exchange(file).expect("the folder is there");
    let names = [
        "genesis",
        "block-london-fork",
        "block-merge-fork",
        "block-shanghai-fork",
        "block-cancun-fork",
        "block-prague-fork",
        "latest",
        "safe",
        "finalized",
    ];
    let mut blocks: Vec<Value> = names
        .iter()
        .map(|name| block(&format!("eth_getBlockByNumber/get-{name}.io")))
        .collect();
    blocks.push(block("eth_getBlockByHash/get-block-by-hash.io"));
    for block in &blocks {
        let hash = BlockHash::from_bytes(fixed(&block["hash"]));
        let header = Header::verify(&rebuilt(block), &hash).expect("the header is the block's");
        assert_eq!(header.number.to_be_bytes(), fixed::<8>(&block["number"]));
        assert_eq!(
            header.state_root.as_bytes(),
            &fixed::<32>(&block["stateRoot"])
        );
    }
    let raw = |file: &str| bytes(&block(&format!("debug_getRawHeader/{file}.io")));
    assert_eq!(keccak256(&raw("get-genesis")), fixed(&blocks[0]["hash"]));
    let third = raw("get-block-n");
    let chain = hive_chain::blocks();
    assert_eq!(third, chain[2].header, "block 3, after the genesis");
    assert_eq!(hive_chain::header(&chain, 2).number, 3);
}

/// The genesis is given as a list of accounts: its state, built from that, has the header's root, and all are proven.
#[test]
fn accounts_of_the_genesis_are_proven() {
    let Some(genesis) = fixtures::json("09-execution-apis/genesis.json") else {
        return;
    };
    let number = |value: &Value| {
        let digits = value.as_str().map_or_else(Vec::new, fixtures::hex);
        let zeros = digits.iter().take_while(|byte| **byte == 0).count();
        digits[zeros..].to_vec()
    };
    let storage_root = |account: &Value| {
        let mut storage = NaiveTrie::default();
        for (slot, value) in account["storage"].as_object().into_iter().flatten() {
            let value = alloy_rlp::encode(number(value).as_slice());
            storage.insert(&hashed(&fixed::<32>(&Value::from(slot.as_str()))), &value);
        }
        storage.root()
    };
    let accounts = genesis["alloc"].as_object().expect("accounts");
    let state = accounts.iter().map(|(address, account)| {
        let code = account["code"]
            .as_str()
            .map_or_else(Vec::new, fixtures::hex);
        let fields = [
            alloy_rlp::encode(number(&account["nonce"]).as_slice()),
            alloy_rlp::encode(number(&account["balance"]).as_slice()),
            alloy_rlp::encode(storage_root(account).as_slice()),
            alloy_rlp::encode(keccak256(&code).as_slice()),
        ];
        (hashed(&address_of(address)), list(&fields))
    });
    let keys: Vec<_> = accounts
        .keys()
        .map(|address| hashed(&address_of(address)))
        .collect();
    let (root, paths) = prove(state.collect(), &keys);
    let header = exchange("eth_getBlockByNumber/get-genesis.io").expect("the folder is there");
    assert_eq!(root, fixed::<32>(&header["stateRoot"]));
    let root = StateRoot::from_bytes(root);
    for ((address, account), path) in accounts.iter().zip(paths) {
        let address = address_of(address).try_into().expect("20 bytes");
        let address = Address::from_bytes(address);
        let proven = decoded(&encode_nodes([path.as_slice()]), |proof| {
            proof.account(&root, &address)
        });
        let Ok(Account::Present(AccountState { balance, .. })) = proven else {
            panic!("{address:?}: {proven:?}")
        };
        assert_eq!(balance, fixed::<32>(&account["balance"]));
        let other = decoded(&encode_state_proof::<Vec<u8>>(&path, &[]), |proof| {
            proof.account(&StateRoot::from_bytes([7; 32]), &address)
        });
        other.expect_err("another root");
    }
}

/// Addresses of the genesis are written without `0x`.
fn address_of(text: &str) -> Vec<u8> {
    fixtures::hex(&format!("0x{text}"))
}
