//! Attacks b7 and b8 on accounts and slots: extreme values proven right, foreign and damaged proofs refused by name.

use alloy_primitives::{U256, keccak256};
use valence_coprocessor_ethereum_state_proof::{
    Account, Address, RlpError, Slot, SlotValue, StateProofError, TrieError, encode_state_proof,
};

use crate::fixtures::{EthGetProof, eth_get_proofs};
use crate::naive_trie::NaiveTrie;
use crate::world::{
    ADDRESS, CODE_HASH, account_with, decoded, encode_as_given, every_byte_counts, in_order,
    storage_of,
};

#[test]
fn attack_b7_extreme_balances_are_proven() {
    let empty = NaiveTrie::default().root();
    let balances = [
        U256::ZERO,
        U256::from(1_u64),
        U256::from(0x80_u64),
        U256::from(u64::MAX) + U256::from(1),
        U256::MAX,
    ];
    for balance in balances {
        for nonce in [0, 1, 0x7f, 0x80, u64::MAX] {
            let account = account_with(empty, nonce, balance)
                .account(&ADDRESS)
                .expect("the account is proven");
            let Account::Present(state) = account else {
                panic!("the account is there")
            };
            assert_eq!(
                (state.nonce, state.balance),
                (nonce, balance.to_be_bytes::<32>())
            );
            assert_eq!((state.storage_root, state.code_hash), (empty, CODE_HASH));
        }
    }
}

#[test]
fn attack_b7_absence_is_proven() {
    let world = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    let mut absent = 0;
    for first in 0xa0..=0xff_u8 {
        let address = Address::from_bytes([first; 20]);
        assert_eq!(world.account(&address), Ok(Account::Absent));
        absent += 1;
    }
    assert_eq!(absent, 96);
    // No account, no storage: every slot of it is absent, by no nodes at all.
    assert_eq!(Account::Absent.storage_root(), NaiveTrie::default().root());
}

#[test]
fn attack_b7_empty_storage_and_slot_zero() {
    let empty = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    assert_eq!(empty.slot(&[], [0; 32]), Ok(SlotValue::Absent));
    // Some nodes of the network answer the empty trie's own node.
    assert_eq!(empty.slot(&[vec![0x80]], [0; 32]), Ok(SlotValue::Absent));

    let storage = storage_of(&[([0; 32], U256::MAX), ([1; 32], U256::from(5))]);
    let world = account_with(storage.root(), 1, U256::ZERO);
    let proof = |slot: [u8; 32]| storage.proof(keccak256(slot).as_slice());
    assert_eq!(
        world.slot(&proof([0; 32]), [0; 32]),
        Ok(SlotValue::Present([0xff; 32]))
    );
    assert_eq!(world.slot(&proof([2; 32]), [2; 32]), Ok(SlotValue::Absent));
}

/// An account that holds nothing is there all the same, and one that is not there has no fields.
#[test]
fn attack_b7_an_empty_account_is_not_an_absent_one() {
    let empty = NaiveTrie::default().root();
    let mut world = account_with(empty, 0, U256::ZERO);
    let account = world.account(&ADDRESS).expect("the account is proven");
    let state = account.present().expect("the account is there");
    assert_eq!(
        (state.nonce, state.balance, state.storage_root),
        (0, [0; 32], empty)
    );

    world.state.remove(keccak256(ADDRESS.as_bytes()).as_slice());
    let absent = world.account(&ADDRESS).expect("absence is proven");
    assert_eq!((absent, absent.present()), (Account::Absent, None));
    let bytes = encode_state_proof::<Vec<u8>>(&world.nodes(&ADDRESS), &[]);
    let slot = decoded(&bytes, |proof| {
        let account = proof.account(&world.root(), &ADDRESS)?;
        proof.slot(&account, &Slot::variable(0))
    });
    assert_eq!(slot, Ok(SlotValue::Absent));
}

#[test]
fn attack_b7_a_stored_zero_is_refused() {
    let storage = storage_of(&[([0; 32], U256::ZERO)]);
    let world = account_with(storage.root(), 1, U256::ZERO);
    assert_eq!(
        world.slot(&storage.proof(keccak256([0; 32]).as_slice()), [0; 32]),
        Err(StateProofError::ZeroSlot)
    );
}

#[test]
fn attack_b8_proof_of_another_address() {
    let world = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    let other = Address::from_bytes([3; 20]);
    let bytes = encode_state_proof(&world.nodes(&other), &[]);
    let refused = decoded(&bytes, |proof| proof.account(&world.root(), &ADDRESS));
    assert!(
        matches!(
            refused,
            Err(StateProofError::Account(TrieError::MissingNode { .. }))
        ),
        "{refused:?}"
    );
}

#[test]
fn attack_b8_slot_of_another_contract() {
    let mine = storage_of(&[([0; 32], U256::from(1))]);
    let theirs = storage_of(&[([0; 32], U256::from(1_000_000))]);
    let world = account_with(mine.root(), 1, U256::ZERO);
    let refused = world.slot(&theirs.proof(keccak256([0; 32]).as_slice()), [0; 32]);
    assert_eq!(
        refused,
        Err(StateProofError::Slot(TrieError::MissingNode { depth: 0 }))
    );
}

#[test]
fn attack_b8_another_slot_of_the_contract() {
    let storage = storage_of(&[([0; 32], U256::from(1)), ([1; 32], U256::from(2))]);
    let world = account_with(storage.root(), 1, U256::ZERO);
    let refused = world.slot(&storage.proof(keccak256([1; 32]).as_slice()), [0; 32]);
    assert!(
        matches!(refused, Err(StateProofError::Slot(_))),
        "{refused:?}"
    );
}

#[test]
fn attack_b8_proof_under_another_root() {
    let world = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    let later = account_with(NaiveTrie::default().root(), 2, U256::ZERO);
    let bytes = encode_state_proof(&world.nodes(&ADDRESS), &[]);
    let refused = decoded(&bytes, |proof| proof.account(&later.root(), &ADDRESS));
    assert_eq!(
        refused,
        Err(StateProofError::Account(TrieError::MissingNode {
            depth: 0
        }))
    );
}

#[test]
fn attack_b8_extra_and_missing_nodes() {
    let world = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    let nodes = in_order(world.nodes(&ADDRESS));
    assert!(nodes.len() > 2, "{} nodes", nodes.len());
    let account = |nodes: &[Vec<u8>]| {
        decoded(&encode_as_given(nodes), |proof| {
            proof.account(&world.root(), &ADDRESS)
        })
    };
    account(&nodes).expect("the proof is good");

    let all = [
        world.nodes(&ADDRESS),
        world.nodes(&Address::from_bytes([3; 20])),
    ]
    .concat();
    let extra = in_order(all).len() - nodes.len();
    let foreign = in_order(
        [
            world.nodes(&ADDRESS),
            world.nodes(&Address::from_bytes([3; 20])),
        ]
        .concat(),
    );
    assert!(extra > 0, "the other account has nodes of its own");
    assert_eq!(
        account(&foreign),
        Err(StateProofError::ExtraNodes { extra })
    );
    let empty = in_order([nodes.clone(), vec![Vec::new()]].concat());
    assert_eq!(
        account(&empty),
        Err(StateProofError::ExtraNodes { extra: 1 })
    );

    for index in 0..nodes.len() {
        let mut missing = nodes.clone();
        missing.remove(index);
        let refused = account(&missing);
        assert!(
            matches!(
                refused,
                Err(StateProofError::Account(TrieError::MissingNode { .. }))
            ),
            "{index}: {refused:?}"
        );
        let mut twice = nodes.clone();
        twice.insert(index, nodes[index].clone());
        assert_eq!(
            account(&twice),
            Err(StateProofError::NodeOrder { index: index + 1 })
        );
    }
    for index in 1..nodes.len() {
        let mut swapped = nodes.clone();
        swapped.swap(index - 1, index);
        let refused = account(&swapped);
        assert!(
            matches!(refused, Err(StateProofError::NodeOrder { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(
        account(&[]),
        Err(StateProofError::Account(TrieError::MissingNode {
            depth: 0
        }))
    );
}

#[test]
fn attack_b8_nodes_shown_for_an_empty_trie() {
    let storage = storage_of(&[([0; 32], U256::from(1))]);
    let world = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    let refused = world.slot(&storage.proof(keccak256([0; 32]).as_slice()), [0; 32]);
    assert_eq!(refused, Err(StateProofError::ExtraNodes { extra: 1 }));
}

/// Nodes that hash right and are no nodes: only a broken chain could have them under its root.
#[test]
fn attack_b8_malformed_nodes() {
    let list = |items: &[&[u8]]| {
        let payload: Vec<u8> = items.iter().flat_map(|item| item.iter().copied()).collect();
        let mut node = Vec::new();
        alloy_rlp::Header {
            list: true,
            payload_length: payload.len(),
        }
        .encode(&mut node);
        node.extend(payload);
        node
    };
    let string = |bytes: &[u8]| alloy_rlp::encode(bytes);
    let prove = |node: &[u8]| {
        crate::trie_vectors::prove_with(&keccak256(node).0, &[0x12, 0x34], &[node.to_vec()])
    };
    let rlp = |source| Err(TrieError::Rlp { depth: 0, source });
    assert_eq!(prove(&[0x01]), rlp(RlpError::NotList));
    assert_eq!(
        prove(&[0xc0]),
        rlp(RlpError::Truncated {
            needed: 1,
            remaining: 0
        })
    );
    assert_eq!(
        prove(&[0xc1, 0x80]),
        rlp(RlpError::Truncated {
            needed: 1,
            remaining: 0
        })
    );
    assert_eq!(
        prove(&[0xc3, 0x80, 0x80, 0x80]),
        Err(TrieError::NodeItems { depth: 0, got: 3 })
    );
    assert_eq!(
        prove(&list(&[&[0x80; 18]])),
        Err(TrieError::NodeItems { depth: 0, got: 18 })
    );
    assert_eq!(
        prove(&list(&[&string(&[0x41, 0x23]), &string(b"value")])),
        Err(TrieError::NodePath { depth: 0 })
    );
    assert_eq!(
        prove(&list(&[&string(&[0x21, 0x23]), &[0x80]])),
        Err(TrieError::NodePath { depth: 0 })
    );
    assert_eq!(
        prove(&list(&[&string(&[0x20, 0x12, 0x34]), &[0x80]])),
        Err(TrieError::EmptyValue { depth: 0 })
    );
    assert_eq!(
        prove(&list(&[&string(&[0x00]), &string(&[7; 32])])),
        Err(TrieError::NodePath { depth: 0 })
    );
    assert_eq!(
        prove(&list(&[&string(&[0x05]), &string(&[7; 32])])),
        Err(TrieError::NodePath { depth: 0 })
    );
    assert_eq!(
        prove(&list(&[&string(&[0x00, 0x12]), &string(&[7; 31])])),
        Err(TrieError::Child { depth: 0 })
    );
    assert_eq!(
        prove(&list(&[&[0x81, 0x20], &string(b"value")])),
        rlp(RlpError::NotShortest)
    );
    let mut long = list(&[&string(&[0x20, 0x12, 0x34]), &string(b"value")]);
    long.push(0);
    assert_eq!(prove(&long), rlp(RlpError::Trailing { remaining: 1 }));
}

/// Bits of each byte of recorded proofs, flipped, are refused: by the codec's own errors or by a node that is missing.
#[test]
fn attack_b8_every_byte_counts() {
    let all = eth_get_proofs();
    for count in [0, 1, 3] {
        let recorded = |answer: &&EthGetProof| answer.slots().len() == count;
        let Some(answer) = all.iter().find(recorded) else {
            assert!(all.is_empty(), "an answer with {count} slots is recorded");
            return;
        };
        every_byte_counts(&answer.encode(), &[0x01], |bytes| {
            decoded(bytes, |proof| {
                let account = proof.account(&answer.state_root, &answer.address)?;
                (0..count)
                    .try_for_each(|index| proof.slot(&account, &answer.slot(index)).map(|_| ()))
            })
        });
    }
}

/// All bits of all bytes, where the proof is small.
#[test]
fn attack_b8_every_bit_counts() {
    let storage = storage_of(&[
        ([0; 32], U256::from(1)),
        ([1; 32], U256::MAX),
        ([2; 32], U256::from(9)),
    ]);
    let world = account_with(storage.root(), 1, U256::from(u64::MAX));
    let slots = [[0; 32], [1; 32], [7; 32]];
    let paths: Vec<_> = slots
        .iter()
        .map(|slot| storage.proof(keccak256(slot).as_slice()))
        .collect();
    let bytes = encode_state_proof(&world.nodes(&ADDRESS), &paths);
    let masks = [1, 2, 4, 8, 16, 32, 64, 128, 255];
    every_byte_counts(&bytes, &masks, |bytes| {
        decoded(bytes, |proof| {
            let account = proof.account(&world.root(), &ADDRESS)?;
            slots
                .iter()
                .try_for_each(|slot| proof.slot(&account, &Slot::from_bytes(*slot)).map(|_| ()))
        })
    });
}
