//! The binary form of a state proof: a set of trie nodes, each in it once, in order of their hashes.
//!
//! In words of eight bytes, numbers little-endian, as all of the protocol's codec:
//!
//! ```text
//! state proof = number of nodes · nodes, their hashes strictly rising
//! node        = length · bytes, zeros up to the next word
//! ```
//!
//! What the nodes prove is not written: the caller knows. Nodes that several walks come to are in the
//! set once and are hashed once, when it is decoded; the order makes the set's encoding the only one,
//! whatever order the caller asks in.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use valence_coprocessor_protocol::{DecodeError, Reader, Writer};

use crate::{StateProofError, keccak256};

/// Nodes in one proof: some thousand slots of one account.
const NODE_LIMIT: usize = 1 << 16;
/// The leaf of a receipt holds all of its logs; a block's gas does not pay for more than this.
const NODE_LENGTH_LIMIT: usize = 1 << 24;
/// Nodes below this length stand in their parents, unless they are the root.
pub(crate) const EMBEDDED_BELOW: usize = 32;

/// Distinct nodes, found by their hashes. Each remembers whether a walk came to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSet<'a> {
    /// In strictly rising order of hashes.
    entries: Vec<Entry<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<'a> {
    /// The hash's first eight bytes, big-endian: a search compares these alone.
    prefix: u64,
    hash: [u8; 32],
    node: &'a [u8],
    is_used: bool,
}

impl<'a> NodeSet<'a> {
    /// Decodes and hashes the nodes; [`AlignedBytes`](valence_coprocessor_protocol::AlignedBytes) gives words.
    pub fn decode(words: &'a [u64]) -> Result<Self, StateProofError> {
        let mut reader = Reader::new(words);
        let count = reader
            .length("nodes", NODE_LIMIT)
            .map_err(StateProofError::Decode)?;
        // The count is the prover's word; each node takes at least a word of the input.
        let mut entries: Vec<Entry<'a>> = Vec::with_capacity(count.min(words.len()));
        for index in 0..count {
            let node = read_node(&mut reader).map_err(StateProofError::Decode)?;
            let hash = keccak256(node);
            let prefix = prefix(&hash);
            if let Some(last) = entries.last()
                && (last.prefix, &last.hash) >= (prefix, &hash)
            {
                return Err(StateProofError::NodeOrder { index });
            }
            entries.push(Entry {
                prefix,
                hash,
                node,
                is_used: false,
            });
        }
        reader.finish().map_err(StateProofError::Decode)?;
        Ok(Self { entries })
    }

    /// Demands that walks came to every node: what is proven by less is not the same proof.
    pub fn finish(self) -> Result<(), StateProofError> {
        match self.entries.iter().filter(|entry| !entry.is_used).count() {
            0 => Ok(()),
            extra => Err(StateProofError::ExtraNodes { extra }),
        }
    }

    /// The node with a hash.
    pub(crate) fn take(&mut self, hash: &[u8; 32]) -> Option<&'a [u8]> {
        let prefix = prefix(hash);
        let first = self.entries.partition_point(|entry| entry.prefix < prefix);
        let found = self.entries[first..]
            .iter_mut()
            .take_while(|entry| entry.prefix == prefix)
            .find(|entry| entry.hash == *hash)?;
        found.is_used = true;
        Some(found.node)
    }
}

fn read_node<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = reader.length("node", NODE_LENGTH_LIMIT)?;
    reader.bytes("node", length)
}

fn prefix(hash: &[u8; 32]) -> u64 {
    hash.first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// Writes a proof of one account and its slots from the nodes as a node of the network answers them
/// (`eth_getProof`).
///
/// Some implementations list embedded nodes as well, and the empty trie's one node; both are left out.
pub fn encode_state_proof<N: AsRef<[u8]>>(account: &[N], slots: &[Vec<N>]) -> Vec<u8> {
    encode_nodes(core::iter::once(account).chain(slots.iter().map(Vec::as_slice)))
}

/// Writes a proof from any number of paths, of which each begins at the root of its trie.
pub fn encode_nodes<'n, N: AsRef<[u8]> + 'n>(paths: impl IntoIterator<Item = &'n [N]>) -> Vec<u8> {
    const EMPTY_TRIE: &[u8] = &[0x80];

    let mut nodes = BTreeMap::new();
    for path in paths {
        for (depth, node) in path.iter().map(AsRef::as_ref).enumerate() {
            let is_listed = match depth {
                0 => node != EMPTY_TRIE,
                _ => node.len() >= EMBEDDED_BELOW,
            };
            if is_listed {
                nodes.insert(keccak256(node), node);
            }
        }
    }
    let mut writer = Writer::new();
    writer.length(nodes.len());
    for node in nodes.values() {
        writer.length(node.len()).bytes(node);
    }
    writer.finish()
}
