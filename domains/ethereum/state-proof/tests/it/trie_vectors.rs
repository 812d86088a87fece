//! Ethereum's own trie tests: each gives entries and a root. Under that root, all entries and many
//! absent keys must be provable by the walk.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{NodeSet, TrieError, encode_nodes, prove};
use valence_coprocessor_protocol::AlignedBytes;

use crate::fixtures::{self, hex};
use crate::naive_trie::NaiveTrie;

/// Proves with nodes that are still to be encoded. All must be needed.
pub(crate) fn prove_with(
    root: &[u8; 32],
    key: &[u8],
    nodes: &[Vec<u8>],
) -> Result<Option<Vec<u8>>, TrieError> {
    let encoded = encode_nodes([nodes]);
    let aligned = AlignedBytes::new(&encoded).expect("the writer writes whole words");
    let mut set =
        NodeSet::decode(aligned.words()).expect("the writer writes what the reader reads");
    let found = prove(root, key, &mut set)?.map(<[u8]>::to_vec);
    assert_eq!(set.finish(), Ok(()), "all nodes are needed");
    Ok(found)
}

fn text(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("keys and values are strings");
    if text.starts_with("0x") {
        hex(text)
    } else {
        text.as_bytes().to_vec()
    }
}

fn operations(given: &Value) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    match given {
        Value::Array(list) => list
            .iter()
            .map(|pair| (text(&pair[0]), (!pair[1].is_null()).then(|| text(&pair[1]))))
            .collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (text(&Value::from(key.as_str())), Some(text(value))))
            .collect(),
        other => panic!("entries are a list or an object: {other}"),
    }
}

fn check_file(name: &str, secure: bool) -> usize {
    let Some(Value::Object(cases)) = fixtures::json(&format!("05-trie-tests/{name}")) else {
        return 0;
    };
    for (case, given) in &cases {
        let hashed = |key: &[u8]| {
            if secure {
                alloy_primitives::keccak256(key).to_vec()
            } else {
                key.to_vec()
            }
        };
        let operations = operations(&given["in"]);
        let mut trie = NaiveTrie::default();
        let mut present = std::collections::BTreeMap::new();
        for (key, value) in &operations {
            if let Some(value) = value {
                trie.insert(&hashed(key), value);
            } else {
                trie.remove(&hashed(key));
            }
            present.insert(key.clone(), value.clone());
        }
        let root: [u8; 32] = fixtures::fixed(&given["root"]);
        assert_eq!(
            trie.root(),
            root,
            "{name}: {case}: the naive trie has the root of the vector"
        );
        for (key, value) in &present {
            let longer = [key.as_slice(), &[0x10]].concat();
            let shorter = &key[..key.len() - 1];
            for key in [key, &longer, shorter] {
                let expected = if present.contains_key(key) {
                    present[key].clone()
                } else {
                    None
                };
                let key = hashed(key);
                let proven = prove_with(&root, &key, &trie.proof(&key));
                assert_eq!(proven, Ok(expected), "{name}: {case}");
            }
            assert!(value.is_none() || !trie.proof(&hashed(key)).is_empty());
        }
    }
    cases.len()
}

#[test]
fn ethereum_trie_tests() {
    let files = [
        ("hex_encoded_securetrie_test.json", true),
        ("trieanyorder.json", false),
        ("trieanyorder_secureTrie.json", true),
        ("trietest.json", false),
        ("trietest_secureTrie.json", true),
    ];
    let cases: usize = files
        .into_iter()
        .map(|(name, secure)| check_file(name, secure))
        .sum();
    assert!(fixtures::folder().is_none() || cases >= 25, "{cases} cases");
}
