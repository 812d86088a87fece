//! Attacks b7 and b8: extreme values proven right, foreign and damaged proofs refused by name.

use alloy_primitives::{U256, keccak256};
use valence_coprocessor_ethereum_state_proof::{
    Account, Address, RlpError, Slot, SlotValue, StateProofError, TrieError, encode_state_proof,
};
use valence_coprocessor_protocol::{DecodeError, StateRoot};

use crate::mainnet::{Answer, answers, decoded};
use crate::naive_trie::NaiveTrie;

const ADDRESS: Address = Address::from_bytes([0x11; 20]);
const CODE_HASH: [u8; 32] = [0xcc; 32];

/// A world of one account, at [`ADDRESS`], and a few others around it.
pub(crate) struct World {
    state: NaiveTrie,
}

pub(crate) fn account_with(storage_root: [u8; 32], nonce: u64, balance: U256) -> World {
    let mut state = NaiveTrie::default();
    for other in 0..40_u8 {
        let key = keccak256([other; 20]);
        state.insert(
            key.as_slice(),
            &account_value([other; 32], 1, U256::from(other)),
        );
    }
    state.insert(
        keccak256(ADDRESS.as_bytes()).as_slice(),
        &account_value(storage_root, nonce, balance),
    );
    World { state }
}

fn account_value(storage_root: [u8; 32], nonce: u64, balance: U256) -> Vec<u8> {
    let fields = [
        alloy_rlp::encode(nonce),
        alloy_rlp::encode(balance),
        alloy_rlp::encode(storage_root.as_slice()),
        alloy_rlp::encode(CODE_HASH.as_slice()),
    ]
    .concat();
    let mut value = Vec::new();
    alloy_rlp::Header {
        list: true,
        payload_length: fields.len(),
    }
    .encode(&mut value);
    value.extend(fields);
    value
}

impl World {
    fn root(&self) -> StateRoot {
        StateRoot::from_bytes(self.state.root())
    }

    fn nodes(&self, address: &Address) -> Vec<Vec<u8>> {
        self.state.proof(keccak256(address.as_bytes()).as_slice())
    }

    fn account(&self, address: &Address) -> Result<Account, StateProofError> {
        let bytes = encode_state_proof(&self.nodes(address), &[]);
        decoded(&bytes, |proof| proof.account(&self.root(), address))
    }

    pub(crate) fn slot(
        &self,
        nodes: &[Vec<u8>],
        slot: [u8; 32],
    ) -> Result<SlotValue, StateProofError> {
        let bytes = encode_state_proof(&self.nodes(&ADDRESS), &[nodes.to_vec()]);
        decoded(&bytes, |proof| {
            let account = proof.account(&self.root(), &ADDRESS)?;
            proof.slot(&account, 0, &Slot::from_bytes(slot))
        })
    }
}

fn storage_of(entries: &[([u8; 32], U256)]) -> NaiveTrie {
    let mut storage = NaiveTrie::default();
    for (slot, value) in entries {
        storage.insert(keccak256(slot).as_slice(), &alloy_rlp::encode(*value));
    }
    storage
}

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
            Err(StateProofError::Account(
                TrieError::NodeHash { .. } | TrieError::MissingNode { .. }
            ))
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
        Err(StateProofError::Slot(TrieError::NodeHash { depth: 0 }))
    );
}

#[test]
fn attack_b8_another_slot_of_the_contract() {
    let storage = storage_of(&[([0; 32], U256::from(1)), ([1; 32], U256::from(2))]);
    let world = account_with(storage.root(), 1, U256::ZERO);
    // Both leaves are below 32 bytes of path apart: the branch alone is the proof of neither.
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
        Err(StateProofError::Account(TrieError::NodeHash { depth: 0 }))
    );
}

#[test]
fn attack_b8_extra_and_missing_nodes() {
    let world = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    let nodes = world.nodes(&ADDRESS);
    let account = |nodes: &[Vec<u8>]| {
        decoded(&encode_state_proof(nodes, &[]), |proof| {
            proof.account(&world.root(), &ADDRESS)
        })
    };
    let extra = [nodes.as_slice(), &[nodes[0].clone()]].concat();
    assert_eq!(
        account(&extra),
        Err(StateProofError::Account(TrieError::ExtraNodes { extra: 1 }))
    );
    let missing = account(&nodes[..nodes.len() - 1]);
    assert!(
        matches!(
            missing,
            Err(StateProofError::Account(TrieError::MissingNode { .. }))
        ),
        "{missing:?}"
    );
    assert_eq!(
        account(&[]),
        Err(StateProofError::Account(TrieError::MissingNode {
            depth: 0
        }))
    );
    let mut swapped = nodes;
    swapped.swap(0, 1);
    assert_eq!(
        account(&swapped),
        Err(StateProofError::Account(TrieError::NodeHash { depth: 0 }))
    );
}

#[test]
fn attack_b8_nodes_shown_for_an_empty_trie() {
    let storage = storage_of(&[([0; 32], U256::from(1))]);
    let world = account_with(NaiveTrie::default().root(), 1, U256::ZERO);
    let refused = world.slot(&storage.proof(keccak256([0; 32]).as_slice()), [0; 32]);
    assert_eq!(
        refused,
        Err(StateProofError::Slot(TrieError::ExtraNodes { extra: 1 }))
    );
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

/// Each byte of a recorded proof, flipped, is refused: by the codec's own errors or by a node's hash.
#[test]
fn attack_b8_every_byte_counts() {
    let small = |answer: &&Answer| answer.slots().len() == 1;
    let all = answers();
    let Some(answer) = all.iter().find(small) else {
        assert!(all.is_empty(), "an answer with one slot is recorded");
        return;
    };
    let bytes = answer.encode();
    let check = |bytes: &[u8]| {
        decoded(bytes, |proof| {
            proof.expect_slots(1)?;
            let account = proof.account(&answer.state_root, &answer.address)?;
            proof.slot(&account, 0, &answer.slot(0))
        })
    };
    check(&bytes).expect("the recorded proof is good");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x01;
        let refused = check(&changed).expect_err("a changed byte is noticed");
        let named = matches!(
            refused,
            StateProofError::Decode(_)
                | StateProofError::Account(
                    TrieError::NodeHash { .. }
                        | TrieError::MissingNode { .. }
                        | TrieError::ExtraNodes { .. }
                )
                | StateProofError::Slot(
                    TrieError::NodeHash { .. }
                        | TrieError::MissingNode { .. }
                        | TrieError::ExtraNodes { .. }
                )
                | StateProofError::SlotCount { .. }
        );
        assert!(named, "byte {at}: {refused}");
    }
    for length in (0..bytes.len()).step_by(8) {
        let refused = check(&bytes[..length]).expect_err("a proof cut short is refused");
        assert!(
            matches!(
                refused,
                StateProofError::Decode(DecodeError::Truncated { .. })
            ),
            "{length}: {refused:?}"
        );
    }
    let extended = [bytes.as_slice(), &[0; 8]].concat();
    assert_eq!(
        check(&extended),
        Err(StateProofError::Decode(DecodeError::Trailing {
            remaining: 8
        }))
    );
}
