//! A state of a few accounts and a storage of a few slots, made entry by entry.

use alloy_primitives::{U256, keccak256};
use valence_coprocessor_ethereum_state_proof::{
    Account, Address, Slot, SlotValue, StateProof, StateProofError, encode_state_proof,
};
use valence_coprocessor_protocol::{AlignedBytes, StateRoot, Writer};

use crate::naive_trie::NaiveTrie;

/// Runs with the decoded proof, all of which must be needed.
pub(crate) fn decoded<T>(
    bytes: &[u8],
    check: impl FnOnce(&mut StateProof<'_>) -> Result<T, StateProofError>,
) -> Result<T, StateProofError> {
    let aligned = AlignedBytes::new(bytes).map_err(StateProofError::Decode)?;
    let mut proof = StateProof::decode(aligned.words())?;
    let checked = check(&mut proof)?;
    proof.finish()?;
    Ok(checked)
}

/// Nodes as they are, in the given order, which need not be that of a proof.
pub(crate) fn encode_as_given(nodes: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.length(nodes.len());
    for node in nodes {
        writer.length(node.len()).bytes(node);
    }
    writer.finish()
}

/// Nodes in order of their hashes, by another implementation of Keccak.
pub(crate) fn in_order(mut nodes: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    nodes.sort_by_key(|node| keccak256(node));
    nodes.dedup();
    nodes
}

/// What may be the refusal of a proof in which bytes were changed.
pub(crate) fn is_named(refused: &StateProofError) -> bool {
    use valence_coprocessor_ethereum_state_proof::TrieError::MissingNode;
    matches!(
        refused,
        StateProofError::Decode(_)
            | StateProofError::NodeOrder { .. }
            | StateProofError::ExtraNodes { .. }
            | StateProofError::Account(MissingNode { .. })
            | StateProofError::Slot(MissingNode { .. })
            | StateProofError::Receipt(MissingNode { .. })
    )
}

/// Flips bits of every byte of a good proof, and demands that each is refused by name.
pub(crate) fn every_byte_counts<T: core::fmt::Debug>(
    bytes: &[u8],
    masks: &[u8],
    check: impl Fn(&[u8]) -> Result<T, StateProofError>,
) {
    check(bytes).expect("the proof is good");
    for at in 0..bytes.len() {
        for mask in masks {
            let mut changed = bytes.to_vec();
            changed[at] ^= mask;
            let refused = check(&changed).expect_err("a changed byte is noticed");
            assert!(is_named(&refused), "byte {at} ^ {mask:#x}: {refused:?}");
        }
    }
    for length in (0..bytes.len()).step_by(8) {
        let refused = check(&bytes[..length]).expect_err("a proof cut short is refused");
        assert!(
            matches!(
                refused,
                StateProofError::Decode(_) | StateProofError::NodeOrder { .. }
            ),
            "{length}: {refused:?}"
        );
    }
    let extended = [bytes, &[0; 8]].concat();
    assert!(matches!(check(&extended), Err(StateProofError::Decode(_))));
}

pub(crate) const ADDRESS: Address = Address::from_bytes([0x11; 20]);
pub(crate) const CODE_HASH: [u8; 32] = [0xcc; 32];

/// A world of one account, at [`ADDRESS`], and a few others around it.
pub(crate) struct World {
    pub(crate) state: NaiveTrie,
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

pub(crate) fn account_value(storage_root: [u8; 32], nonce: u64, balance: U256) -> Vec<u8> {
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
    pub(crate) fn root(&self) -> StateRoot {
        StateRoot::from_bytes(self.state.root())
    }

    pub(crate) fn nodes(&self, address: &Address) -> Vec<Vec<u8>> {
        self.state.proof(keccak256(address.as_bytes()).as_slice())
    }

    pub(crate) fn account(&self, address: &Address) -> Result<Account, StateProofError> {
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
            proof.slot(&account, &Slot::from_bytes(slot))
        })
    }
}

pub(crate) fn storage_of(entries: &[([u8; 32], U256)]) -> NaiveTrie {
    let mut storage = NaiveTrie::default();
    for (slot, value) in entries {
        storage.insert(keccak256(slot).as_slice(), &alloy_rlp::encode(*value));
    }
    storage
}
