//! A trie as the Yellow Paper's appendix D defines it, by recursion over all entries: slow and plain.

use std::collections::BTreeMap;

use alloy_primitives::keccak256;
use alloy_rlp::Header;

/// Entries by the nibbles of their keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct NaiveTrie {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl NaiveTrie {
    pub(crate) fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.entries.insert(nibbles(key), value.to_vec());
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        self.entries.remove(&nibbles(key));
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        if self.entries.is_empty() {
            keccak256([0x80]).0
        } else {
            keccak256(encode(&self.all(), 0)).0
        }
    }

    /// The nodes that a proof of `key` has: those from the root down that are named by a hash.
    pub(crate) fn proof(&self, key: &[u8]) -> Vec<Vec<u8>> {
        let key = nibbles(key);
        let mut proof = Vec::new();
        let (mut entries, mut depth) = (self.all(), 0);
        while !entries.is_empty() {
            let node = encode(&entries, depth);
            if depth == 0 || node.len() >= 32 {
                proof.push(node);
            }
            if entries.len() == 1 {
                break;
            }
            let shared = shared_prefix(&entries, depth);
            if shared > 0 {
                if !key[depth.min(key.len())..].starts_with(&entries[0].0[depth..depth + shared]) {
                    break;
                }
                depth += shared;
                let branch = encode(&entries, depth);
                if branch.len() >= 32 {
                    proof.push(branch);
                }
            }
            let Some(next) = key.get(depth) else { break };
            entries.retain(|(path, _)| path.get(depth) == Some(next));
            depth += 1;
        }
        proof
    }

    fn all(&self) -> Vec<(&[u8], &[u8])> {
        self.entries
            .iter()
            .map(|(path, value)| (path.as_slice(), value.as_slice()))
            .collect()
    }
}

fn nibbles(key: &[u8]) -> Vec<u8> {
    key.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
}

/// How many nibbles from `depth` on all paths share.
fn shared_prefix(entries: &[(&[u8], &[u8])], depth: usize) -> usize {
    let first = &entries[0].0[depth..];
    let agree = |path: &[u8]| {
        path.iter()
            .zip(first)
            .take_while(|(one, other)| one == other)
            .count()
    };
    entries
        .iter()
        .map(|(path, _)| agree(&path[depth..]))
        .min()
        .unwrap_or(0)
}

/// The RLP of the node over entries that agree before `depth`.
fn encode(entries: &[(&[u8], &[u8])], depth: usize) -> Vec<u8> {
    if let [(path, value)] = entries {
        return list(&[string(&compact(&path[depth..], true)), string(value)]);
    }
    let shared = shared_prefix(entries, depth);
    if shared > 0 {
        let path = compact(&entries[0].0[depth..depth + shared], false);
        return list(&[string(&path), child(entries, depth + shared)]);
    }
    let mut items = Vec::new();
    for nibble in 0..16 {
        let below: Vec<_> = entries
            .iter()
            .filter(|(path, _)| path.get(depth) == Some(&nibble))
            .copied()
            .collect();
        items.push(if below.is_empty() {
            string(&[])
        } else {
            child(&below, depth + 1)
        });
    }
    let value = entries
        .iter()
        .find(|(path, _)| path.len() == depth)
        .map_or(&[][..], |(_, value)| value);
    items.push(string(value));
    list(&items)
}

fn child(entries: &[(&[u8], &[u8])], depth: usize) -> Vec<u8> {
    let node = encode(entries, depth);
    if node.len() < 32 {
        node
    } else {
        string(keccak256(node).as_slice())
    }
}

fn compact(path: &[u8], leaf: bool) -> Vec<u8> {
    let flag = if leaf { 2 } else { 0 } + u8::from(path.len() % 2 == 1);
    let padded = if path.len() % 2 == 1 {
        vec![flag]
    } else {
        vec![flag, 0]
    };
    let all: Vec<u8> = padded.into_iter().chain(path.iter().copied()).collect();
    all.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    alloy_rlp::encode(bytes)
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let payload = items.concat();
    let mut encoded = Vec::new();
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut encoded);
    encoded.extend(payload);
    encoded
}
