//! `prove`: paths through a Merkle-Patricia trie that is built for it, by another implementation than ours.

use alloy_primitives::{B256, U256, keccak256};
use alloy_rlp::Decodable as _;
use alloy_rlp::Header;
use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, KECCAK_EMPTY, Nibbles, TrieAccount};

/// The nodes on the way from a root to a key, as nodes of the network answer them.
pub type NodePath = Vec<Vec<u8>>;

/// The root of a trie of these keys and values, and the paths of some keys, which need not be in it.
pub fn prove(mut entries: Vec<(Vec<u8>, Vec<u8>)>, keys: &[Vec<u8>]) -> ([u8; 32], Vec<NodePath>) {
    entries.sort();
    let targets: Vec<_> = keys.iter().map(Nibbles::unpack).collect();
    let mut builder =
        HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets.clone()));
    for (key, value) in &entries {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let all = builder.take_proof_nodes();
    let path = |target: &Nibbles| {
        all.matching_nodes_sorted(target)
            .into_iter()
            .map(|(_, node)| node.to_vec())
            .collect()
    };
    (root.0, targets.iter().map(path).collect())
}

/// The key of an address or a slot.
pub fn hashed(preimage: &[u8]) -> Vec<u8> {
    keccak256(preimage).to_vec()
}

/// An account without code, as it stands in the state's trie.
pub fn account(balance: U256, storage_root: [u8; 32]) -> Vec<u8> {
    list(&[
        alloy_rlp::encode(1_u8),
        alloy_rlp::encode(balance),
        alloy_rlp::encode(B256::from(storage_root)),
        alloy_rlp::encode(KECCAK_EMPTY),
    ])
}

/// The fields of an account that stands in the state's trie, as the circuit `state-proof-cycles` gives them: nonce
/// (8 bytes, big-endian), balance, storage root, code hash.
pub fn account_fields(encoded: &[u8]) -> Vec<u8> {
    let account = TrieAccount::decode(&mut &*encoded).expect("an account");
    let nonce = account.nonce.to_be_bytes();
    let balance = account.balance.to_be_bytes::<32>();
    [
        &nonce[..],
        &balance,
        &account.storage_root.0,
        &account.code_hash.0,
    ]
    .concat()
}

/// The RLP list of encoded items.
pub fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let payload = items.concat();
    let mut encoded = Vec::new();
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut encoded);
    [encoded, payload].concat()
}
