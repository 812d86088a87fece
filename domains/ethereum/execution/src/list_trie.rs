//! The trie of a list, such as a block's receipts: built from all of it, for the nodes on the way to some (Yellow
//! Paper, appendix D).

use alloc::vec::Vec;

use valence_coprocessor_ethereum_state_proof::keccak256;

use crate::rlp;

/// Nodes below this length stand in their parents.
const EMBEDDED_BELOW: usize = 32;

/// Nodes on the ways from the root to some numbers of a list, the root first. A number that is not there leads to the
/// nodes that prove it.
pub fn list_nodes(list: &[Vec<u8>], numbers: &[u64]) -> Vec<Vec<u8>> {
    let mut entries: Vec<_> = (0..)
        .zip(list)
        .map(|(index, value)| Entry {
            key: key(index),
            value,
        })
        .collect();
    entries.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    let mut walk = Walk {
        keys: numbers.iter().copied().map(key).collect(),
        nodes: Vec::new(),
    };
    walk.node(&entries, 0);
    // Each node was written after its children.
    walk.nodes.reverse();
    walk.nodes
}

struct Entry<'a> {
    key: Vec<u8>,
    value: &'a [u8],
}

struct Walk {
    keys: Vec<Vec<u8>>,
    /// On the way to a key, children first.
    nodes: Vec<Vec<u8>>,
}

impl Walk {
    /// The node over entries in order of their keys, which agree before `depth`.
    fn node(&mut self, entries: &[Entry<'_>], depth: usize) -> Vec<u8> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return rlp::string(&[]);
        };
        let shared = common(&first.key[depth..], &last.key[depth..]);
        let node = if entries.len() == 1 {
            rlp::list(&[path(&first.key[depth..], 2), rlp::string(first.value)])
        } else if shared > 0 {
            let way = path(&first.key[depth..depth + shared], 0);
            rlp::list(&[way, self.child(entries, depth + shared)])
        } else {
            self.branch(entries, depth)
        };
        let is_on_way = |key: &Vec<u8>| key.starts_with(&first.key[..depth]);
        if self.keys.iter().any(is_on_way) {
            self.nodes.push(node.clone());
        }
        node
    }

    /// No key ends where another goes on, so that no branch has a value of its own: RLP is free of prefixes.
    fn branch(&mut self, entries: &[Entry<'_>], depth: usize) -> Vec<u8> {
        let mut items: Vec<_> = (0..16)
            .map(|nibble| {
                let from = entries.partition_point(|entry| entry.key[depth] < nibble);
                let to = entries.partition_point(|entry| entry.key[depth] <= nibble);
                match &entries[from..to] {
                    [] => rlp::string(&[]),
                    some => self.child(some, depth + 1),
                }
            })
            .collect();
        items.push(rlp::string(&[]));
        rlp::list(&items)
    }

    /// A node as it stands in its parent.
    fn child(&mut self, entries: &[Entry<'_>], depth: usize) -> Vec<u8> {
        let node = self.node(entries, depth);
        if node.len() < EMBEDDED_BELOW {
            return node;
        }
        rlp::string(&keccak256(&node))
    }
}

/// What a list's entries are found by: the nibbles of the RLP of their numbers.
fn key(index: u64) -> Vec<u8> {
    let bytes = index.to_be_bytes();
    let zeros = index.leading_zeros() / 8;
    let significant = bytes.iter().skip(zeros as usize).copied();
    let encoded = rlp::string(&significant.collect::<Vec<_>>());
    encoded
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .collect()
}

/// How many nibbles two ways share.
fn common(one: &[u8], other: &[u8]) -> usize {
    let pairs = one.iter().zip(other);
    pairs.take_while(|(one, other)| one == other).count()
}

/// A way as a string: its flag, which is 2 for leaves, then its nibbles in pairs.
fn path(nibbles: &[u8], flag: u8) -> Vec<u8> {
    let (odd, pairs) = nibbles.split_at(nibbles.len() % 2);
    let first = match odd {
        [nibble] => ((flag + 1) << 4) | nibble,
        _ => flag << 4,
    };
    let pairs = pairs.as_chunks::<2>().0.iter();
    let bytes = pairs.map(|[high, low]| (high << 4) | low);
    rlp::string(&core::iter::once(first).chain(bytes).collect::<Vec<_>>())
}
