//! Proofs of many slots and accounts: each node is there once, whatever is asked in whatever order.

use std::collections::BTreeSet;

use alloy_primitives::{U256, keccak256};
use proptest::prelude::*;
use valence_coprocessor_ethereum_state_proof::{
    Address, NodeSet, Slot, SlotValue, StateProof, StateProofError, TrieError, encode_nodes,
    encode_state_proof, prove,
};
use valence_coprocessor_protocol::{AlignedBytes, StateRoot};

use crate::fixtures::eth_get_proofs;
use crate::naive_trie::NaiveTrie;
use crate::world::{
    account_value, decoded, encode_as_given, every_byte_counts, in_order, storage_of,
};

/// Nodes that an encoded proof says it has.
fn count(encoded: &[u8]) -> u64 {
    u64::from_le_bytes(encoded[..8].try_into().expect("a word"))
}

/// Recorded answers for several slots repeat the nodes near the root; the proof has each once.
#[test]
fn recorded_answers_share_nodes() {
    let mut saved = 0;
    for answer in eth_get_proofs() {
        let mut listed = crate::fixtures::nodes(&answer.proof["accountProof"]);
        for slot in answer.slots() {
            listed.extend(crate::fixtures::nodes(&slot["proof"]));
        }
        listed.retain(|node| node.len() >= 32);
        let distinct: BTreeSet<_> = listed.iter().collect();
        assert_eq!(count(&answer.encode()), distinct.len() as u64);
        saved += listed.len() - distinct.len();
    }
    assert!(
        crate::fixtures::folder().is_none() || saved >= 9,
        "{saved} nodes saved"
    );
}

/// Two contracts with equal storage beside contracts with other storage, in one proof.
struct Contracts {
    state: NaiveTrie,
    storages: Vec<(Address, NaiveTrie)>,
}

impl Contracts {
    fn new() -> Self {
        let equal = storage_of(&[
            ([0; 32], U256::from(1)),
            ([1; 32], U256::MAX),
            ([9; 32], U256::from(3)),
        ]);
        let other = storage_of(&[
            ([0; 32], U256::from(2)),
            ([1; 32], U256::MAX),
            ([9; 32], U256::from(3)),
        ]);
        let mut state = NaiveTrie::default();
        let mut storages = Vec::new();
        for (index, storage) in [&equal, &other, &equal].into_iter().enumerate() {
            let address = [u8::try_from(index).expect("small") + 1; 20];
            let value = account_value(storage.root(), 1, U256::from(index));
            state.insert(keccak256(address).as_slice(), &value);
            storages.push((Address::from_bytes(address), storage.clone()));
        }
        Self { state, storages }
    }

    fn root(&self) -> StateRoot {
        StateRoot::from_bytes(self.state.root())
    }

    fn account_path(&self, index: usize) -> Vec<Vec<u8>> {
        self.state
            .proof(keccak256(self.storages[index].0.as_bytes()).as_slice())
    }

    fn slot_path(&self, index: usize, slot: [u8; 32]) -> Vec<Vec<u8>> {
        self.storages[index].1.proof(keccak256(slot).as_slice())
    }

    fn ask(
        &self,
        proof: &mut StateProof<'_>,
        index: usize,
        slot: [u8; 32],
    ) -> Result<SlotValue, StateProofError> {
        let account = proof.account(&self.root(), &self.storages[index].0)?;
        proof.slot(&account, &Slot::from_bytes(slot))
    }
}

#[test]
fn one_proof_serves_several_contracts_in_any_order() {
    let world = Contracts::new();
    let slots = [[0; 32], [1; 32], [9; 32], [5; 32]];
    let mut paths = Vec::new();
    for index in 0..3 {
        paths.push(world.account_path(index));
        paths.extend(slots.map(|slot| world.slot_path(index, slot)));
    }
    let bytes = encode_nodes(paths.iter().map(Vec::as_slice));
    let distinct: BTreeSet<_> = paths.iter().flatten().collect();
    assert_eq!(count(&bytes), distinct.len() as u64);
    let firsts = [1, 2, 1].map(|first| U256::from(first).to_be_bytes::<32>());
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        decoded(&bytes, |proof| {
            for index in order {
                for slot in slots.iter().rev() {
                    let expected = match slot[0] {
                        0 => firsts[index],
                        1 => [0xff; 32],
                        9 => U256::from(3).to_be_bytes(),
                        _ => [0; 32],
                    };
                    assert_eq!(world.ask(proof, index, *slot)?.to_word(), expected);
                }
            }
            Ok(())
        })
        .expect("all is proven");
    }
    every_byte_counts(&bytes, &[0x10], |bytes| {
        decoded(bytes, |proof| {
            (0..3).try_for_each(|index| {
                slots
                    .iter()
                    .try_for_each(|slot| world.ask(proof, index, *slot).map(|_| ()))
            })
        })
    });
}

/// The slot of one contract, beside a proven account of another, proves nothing of the other.
#[test]
fn attack_b8_slots_of_two_contracts_do_not_mix() {
    let world = Contracts::new();
    let paths = [
        world.account_path(0),
        world.account_path(1),
        world.slot_path(0, [0; 32]),
    ];
    let bytes = encode_nodes(paths.iter().map(Vec::as_slice));
    let refused = decoded(&bytes, |proof| {
        assert_eq!(world.ask(proof, 0, [0; 32])?.to_word()[31], 1);
        world.ask(proof, 1, [0; 32])
    });
    assert_eq!(
        refused,
        Err(StateProofError::Slot(TrieError::MissingNode { depth: 0 }))
    );
}

/// A proof of two slots is not one of the first alone: what is not asked for is too much.
#[test]
fn attack_b8_a_slot_nobody_asks_for() {
    let world = Contracts::new();
    let bytes = encode_state_proof(
        &world.account_path(0),
        &[world.slot_path(0, [0; 32]), world.slot_path(0, [1; 32])],
    );
    let refused = decoded(&bytes, |proof| world.ask(proof, 0, [0; 32]));
    assert_eq!(refused, Err(StateProofError::ExtraNodes { extra: 1 }));
}

/// A trie with leaves so small that they stand in their parents.
fn embedding() -> NaiveTrie {
    let mut trie = NaiveTrie::default();
    for key in 0..40_u8 {
        trie.insert(&[key % 3, key], &[key + 1]);
    }
    trie
}

#[test]
fn attack_b8_embedded_nodes_cannot_be_forged() {
    let trie = embedding();
    let key = [1, 4];
    let nodes = trie.proof(&key);
    let find = |nodes: &[Vec<u8>]| {
        let bytes = encode_as_given(&in_order(nodes.to_vec()));
        let aligned = AlignedBytes::new(&bytes).expect("whole words");
        let mut set = NodeSet::decode(aligned.words()).expect("a set");
        let found = prove(&trie.root(), &key, &mut set).map(|found| found.map(<[u8]>::to_vec));
        (found, set.finish())
    };
    assert_eq!(find(&nodes), (Ok(Some(vec![5])), Ok(())));
    // The leaf of value 5 stands in the last node: no node of its own.
    let holder = nodes.len() - 1;
    let at = nodes[holder]
        .iter()
        .rposition(|byte| *byte == 5)
        .expect("the value stands in the node");
    let mut forged = nodes.clone();
    forged[holder][at] = 6;
    assert!(matches!(
        find(&forged).0,
        Err(TrieError::MissingNode { .. })
    ));
    // Shown beside its parent, it is a node that nothing leads to.
    let leaf = alloy_rlp::encode(
        [vec![0x20_u8], vec![5]]
            .iter()
            .map(|part| alloy_primitives::Bytes::from(part.clone()))
            .collect::<Vec<_>>(),
    );
    let beside = [nodes.as_slice(), &[leaf]].concat();
    assert_eq!(
        find(&beside),
        (
            Ok(Some(vec![5])),
            Err(StateProofError::ExtraNodes { extra: 1 })
        )
    );
}

/// A hash that names a node of less than 32 bytes is in no trie.
#[test]
fn attack_b8_short_nodes_named_by_hash() {
    let leaf = vec![0xc4, 0x82, 0x20, 0x34, 0x05];
    let child = keccak256(&leaf);
    let root = [&[0xe4, 0x82, 0x00, 0x12, 0xa0], child.as_slice()].concat();
    let bytes = encode_as_given(&in_order(vec![leaf, root.clone()]));
    let aligned = AlignedBytes::new(&bytes).expect("whole words");
    let mut set = NodeSet::decode(aligned.words()).expect("a set");
    assert_eq!(
        prove(&keccak256(&root).0, &[0x12, 0x34], &mut set),
        Err(TrieError::ShortNode { depth: 2, got: 5 })
    );
}

proptest! {
    /// Any slots of any storage, present and absent, asked in any order, from one proof.
    #[test]
    fn many_slots_are_proven_together(
        values in proptest::collection::btree_map(0_u64..200, 1_u64.., 0..60),
        asked in proptest::collection::vec(0_u64..200, 0..20),
        order in any::<u64>(),
    ) {
        let word = |number: u64| U256::from(number).to_be_bytes::<32>();
        let entries: Vec<_> = values.iter().map(|(slot, value)| (word(*slot), U256::from(*value))).collect();
        let storage = storage_of(&entries);
        let address = Address::from_bytes([7; 20]);
        let mut state = NaiveTrie::default();
        state.insert(keccak256(address.as_bytes()).as_slice(), &account_value(storage.root(), 1, U256::ZERO));
        let root = StateRoot::from_bytes(state.root());
        let paths: Vec<_> = asked.iter().map(|slot| storage.proof(keccak256(word(*slot)).as_slice())).collect();
        let bytes = encode_state_proof(&state.proof(keccak256(address.as_bytes()).as_slice()), &paths);
        let mut shuffled = asked;
        shuffled.sort_by_key(|slot| keccak256((slot ^ order).to_be_bytes()));
        let proven = decoded(&bytes, |proof| {
            let account = proof.account(&root, &address)?;
            shuffled.iter().map(|slot| proof.slot(&account, &Slot::variable(*slot)).map(|value| value.to_word())).collect::<Result<Vec<_>, _>>()
        });
        let expected = shuffled.iter().map(|slot| word(values.get(slot).copied().unwrap_or(0))).collect();
        prop_assert_eq!(proven, Ok(expected));
    }
}
