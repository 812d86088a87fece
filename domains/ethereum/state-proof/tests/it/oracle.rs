//! The walk against `alloy-trie`, over random tries: every key present, and absent ones.

use alloy_primitives::{B256, U256, keccak256};
use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use valence_coprocessor_ethereum_state_proof::TrieError;

use crate::naive_trie::NaiveTrie;
use crate::trie_vectors::prove_with;

/// Root and the proof of `key`, from `alloy-trie`.
fn built(
    entries: &std::collections::BTreeMap<B256, Vec<u8>>,
    key: B256,
) -> ([u8; 32], Vec<Vec<u8>>) {
    let mut builder =
        HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![Nibbles::unpack(key)]));
    for (key, value) in entries {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root().0;
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    let kept = nodes.into_iter().map(|(_, node)| node.to_vec()).enumerate();
    (
        root,
        kept.filter(|(index, node)| *index == 0 || node.len() >= 32)
            .map(|(_, node)| node)
            .collect(),
    )
}

/// What `alloy-trie` says of a claim.
fn alloy_accepts(root: &[u8; 32], key: &B256, value: Option<Vec<u8>>, nodes: &[Vec<u8>]) -> bool {
    let nodes: Vec<alloy_primitives::Bytes> = nodes.iter().cloned().map(Into::into).collect();
    alloy_trie::proof::verify_proof(root.into(), Nibbles::unpack(key), value, &nodes).is_ok()
}

/// Keys that share long prefixes now and then, so that there are extensions and deep branches.
fn key() -> impl Strategy<Value = B256> {
    (any::<[u8; 32]>(), 0_usize..=32, 0_u8..3).prop_map(|(mut bytes, shared, fill)| {
        bytes[..shared].fill(fill);
        B256::from(bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn walk_agrees_with_alloy(entries in btree_map(key(), vec(any::<u8>(), 1..40), 1..60), absent in vec(key(), 1..8)) {
        for key in entries.keys().chain(&absent) {
            let (root, nodes) = built(&entries, *key);
            prop_assert_eq!(prove_with(&root, key.as_slice(), &nodes), Ok(entries.get(key).cloned()));
            prop_assert!(alloy_accepts(&root, key, entries.get(key).cloned(), &nodes));
            // Both say the same of claims that are wrong.
            for wrong in [None, Some(b"wrong".to_vec()), entries.values().next().cloned()] {
                let ours = prove_with(&root, key.as_slice(), &nodes) == Ok(wrong.clone());
                prop_assert_eq!(alloy_accepts(&root, key, wrong, &nodes), ours);
            }
        }
    }

    #[test]
    fn naive_trie_agrees_with_alloy(entries in btree_map(key(), vec(any::<u8>(), 1..40), 1..16), absent in key()) {
        let mut naive = NaiveTrie::default();
        for (key, value) in &entries {
            naive.insert(key.as_slice(), value);
        }
        for key in entries.keys().chain([&absent]) {
            let (root, nodes) = built(&entries, *key);
            prop_assert_eq!(naive.root(), root);
            prop_assert_eq!(naive.proof(key.as_slice()), nodes);
        }
    }

    /// Wrong claims are never proven: any node changed in any byte is refused.
    #[test]
    fn changed_nodes_are_refused(entries in btree_map(key(), vec(any::<u8>(), 1..40), 2..40), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let key = *entries.keys().next().expect("there are entries");
        let (root, nodes) = built(&entries, key);
        let total: usize = nodes.iter().map(Vec::len).sum();
        let mut position = at.index(total);
        let mut changed = nodes;
        for node in &mut changed {
            if position < node.len() {
                node[position] ^= 1 << bit;
                break;
            }
            position -= node.len();
        }
        let ours = prove_with(&root, key.as_slice(), &changed);
        prop_assert!(ours.is_err());
        prop_assert!(!alloy_accepts(&root, &key, entries.get(&key).cloned(), &changed));
        prop_assert!(!alloy_accepts(&root, &key, None, &changed));
    }

    /// A proof without one of its nodes proves nothing, neither a value nor absence.
    #[test]
    fn missing_nodes_are_refused(entries in btree_map(key(), vec(any::<u8>(), 1..40), 2..40), asked in key(), present in any::<bool>(), at in any::<prop::sample::Index>()) {
        let key = if present { *entries.keys().next().expect("there are entries") } else { asked };
        let (root, mut nodes) = built(&entries, key);
        nodes.remove(at.index(nodes.len()));
        let ours = prove_with(&root, key.as_slice(), &nodes);
        let is_missing = matches!(ours, Err(TrieError::MissingNode { .. }));
        prop_assert!(is_missing, "{ours:?}");
        prop_assert!(!alloy_accepts(&root, &key, entries.get(&key).cloned(), &nodes));
    }

    /// Numbers of slots in their RLP, through a trie of storage.
    #[test]
    fn slot_values_are_read(value in any::<[u8; 32]>(), shift in 0_usize..256) {
        let number = U256::from_be_bytes(value) >> shift;
        prop_assume!(!number.is_zero());
        let slot = keccak256([7]);
        let mut storage = NaiveTrie::default();
        storage.insert(keccak256(slot).as_slice(), &alloy_rlp::encode(number));
        let account = crate::world::account_with(storage.root(), 1, U256::ZERO);
        let fact = account.slot(&storage.proof(keccak256(slot).as_slice()), slot.0).expect("the slot is proven");
        prop_assert_eq!(fact.to_word(), number.to_be_bytes::<32>());
    }
}
