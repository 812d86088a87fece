//! The binary form of a state proof: the nodes of one account, then those of each slot.
//!
//! In words of eight bytes, numbers little-endian, as all of the protocol's codec:
//!
//! ```text
//! state proof = nodes · number of slots · slots × nodes
//! nodes       = number of nodes · (length · bytes, zeros up to the next word)…
//! ```
//!
//! Which account and which slots these are is not written: the caller knows.

use alloc::vec::Vec;

use valence_coprocessor_protocol::{DecodeError, Reader, StateRoot, Writer};

use crate::account::Account;
use crate::slot::{Slot, SlotValue};
use crate::{Address, StateProofError, keccak256, trie};

/// A key has 64 nibbles: one node for each, and the leaf.
const NODE_LIMIT: usize = 65;
/// The largest node is a branch of 16 hashes and a value; leaves of accounts are smaller.
const NODE_LENGTH_LIMIT: usize = 1024;
/// Slots in one proof.
const SLOT_LIMIT: usize = 256;
/// Nodes below this length stand in their parents.
const EMBEDDED_BELOW: usize = 32;

/// Nodes from a root to what one key leads to, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeList<'a> {
    /// The encoded nodes, checked to be well-formed when this was made.
    words: &'a [u64],
    count: usize,
}

/// A decoded proof. Nothing of it is proven before [`StateProof::account`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateProof<'a> {
    account: NodeList<'a>,
    slots: Vec<NodeList<'a>>,
}

impl<'a> StateProof<'a> {
    /// Decodes a proof from words; [`AlignedBytes`](valence_coprocessor_protocol::AlignedBytes) gives them.
    pub fn decode(words: &'a [u64]) -> Result<Self, StateProofError> {
        Self::read(&mut Reader::new(words), words).map_err(StateProofError::Decode)
    }

    /// The account at an address under a state root.
    pub fn account(
        &self,
        state_root: &StateRoot,
        address: &Address,
    ) -> Result<Account, StateProofError> {
        let key = keccak256(address.as_bytes());
        let value = trie::prove(state_root.as_bytes(), &key, self.account)
            .map_err(StateProofError::Account)?;
        Account::decode(value)
    }

    /// The value of a slot of a proven account, by the nodes at `index`.
    pub fn slot(
        &self,
        account: &Account,
        index: usize,
        slot: &Slot,
    ) -> Result<SlotValue, StateProofError> {
        let available = self.slots.len();
        let nodes = *self
            .slots
            .get(index)
            .ok_or(StateProofError::NoSuchSlot { index, available })?;
        let key = keccak256(slot.as_bytes());
        let value =
            trie::prove(&account.storage_root(), &key, nodes).map_err(StateProofError::Slot)?;
        SlotValue::decode(value)
    }

    /// Demands that the proof has as many slots as the caller is going to use.
    pub fn expect_slots(&self, expected: usize) -> Result<(), StateProofError> {
        match self.slots.len() {
            got if got == expected => Ok(()),
            got => Err(StateProofError::SlotCount { got, expected }),
        }
    }

    fn read(reader: &mut Reader<'a>, words: &'a [u64]) -> Result<Self, DecodeError> {
        let account = NodeList::read(reader, words)?;
        let count = reader.length("slots", SLOT_LIMIT)?;
        let slots = (0..count)
            .map(|_| NodeList::read(reader, words))
            .collect::<Result<_, _>>()?;
        reader.clone().finish()?;
        Ok(Self { account, slots })
    }
}

impl<'a> NodeList<'a> {
    /// Takes words that hold nodes alone.
    pub fn decode(words: &'a [u64]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(words);
        let nodes = Self::read(&mut reader, words)?;
        reader.finish()?;
        Ok(nodes)
    }

    fn read(reader: &mut Reader<'a>, all: &'a [u64]) -> Result<Self, DecodeError> {
        let count = reader.length("nodes", NODE_LIMIT)?;
        let start = position(reader, all);
        for _ in 0..count {
            read_node(reader)?;
        }
        Ok(Self {
            words: &all[start..position(reader, all)],
            count,
        })
    }
}

impl<'a> IntoIterator for NodeList<'a> {
    type Item = &'a [u8];
    type IntoIter = Nodes<'a>;

    fn into_iter(self) -> Nodes<'a> {
        Nodes {
            reader: Reader::new(self.words),
            left: self.count,
        }
    }
}

/// The nodes of a [`NodeList`], root first.
#[derive(Clone, Debug)]
pub struct Nodes<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'a> Iterator for Nodes<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        Some(read_node(&mut self.reader).expect("the list was read once when it was decoded"))
    }
}

/// Writes a proof from the nodes as a node of the network answers them (`eth_getProof`).
///
/// Some implementations list embedded nodes as well, and the empty trie's one node; both are left out.
pub fn encode_state_proof<N: AsRef<[u8]>>(account: &[N], slots: &[Vec<N>]) -> Vec<u8> {
    let mut writer = Writer::new();
    write_nodes(&mut writer, account);
    writer.length(slots.len());
    for slot in slots {
        write_nodes(&mut writer, slot);
    }
    writer.finish()
}

fn write_nodes<N: AsRef<[u8]>>(writer: &mut Writer, nodes: &[N]) {
    const EMPTY_TRIE: &[u8] = &[0x80];

    let listed = |(index, node): &(usize, &[u8])| match index {
        0 => *node != EMPTY_TRIE,
        _ => node.len() >= EMBEDDED_BELOW,
    };
    let kept: Vec<_> = nodes
        .iter()
        .map(AsRef::as_ref)
        .enumerate()
        .filter(listed)
        .collect();
    writer.length(kept.len());
    for (_, node) in kept {
        writer.length(node.len()).bytes(node);
    }
}

fn read_node<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = reader.length("node", NODE_LENGTH_LIMIT)?;
    reader.bytes("node", length)
}

fn position(reader: &Reader<'_>, all: &[u64]) -> usize {
    let left = usize::try_from(reader.remaining() / 8).expect("what is left was a slice of words");
    all.len() - left
}
