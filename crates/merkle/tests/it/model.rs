//! A tree that is computed from scratch, with an independent SHA-256.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use valence_coprocessor_merkle::{Key, Node, Path};

/// The tag of the nodes in these tests.
pub(crate) const TAG: &[u8] = b"tests of merkle/";

/// Keys in order, with their leaves.
pub(crate) type Leaves<K> = BTreeMap<K, Node>;

/// SHA-256's state after `padded tag block ‖ left ‖ right`.
pub(crate) fn node(index: u8, left: &Node, right: &Node) -> Node {
    let tag = [TAG, &[index]].concat();
    let digest = Sha256::digest(&tag);
    let mut state = [0; 8];
    for (word, bytes) in state.iter_mut().zip(digest.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let halves = left.words().iter().chain(right.words());
    let block: Vec<u8> = halves.flat_map(|word| word.to_be_bytes()).collect();
    let block = <[u8; 64]>::try_from(block).expect("two halves are a block");
    sha2::compress256(&mut state, &[block.into()]);
    Node::from_words(state)
}

/// The root, and the path of `wanted`, of a tree that is not empty.
pub(crate) fn root_and_path<K: Key + Ord>(leaves: &Leaves<K>, wanted: &K) -> (Node, Path) {
    let mut path = Vec::new();
    let root = fold(leaves, wanted, &mut path);
    path.reverse();
    (root, path.into_iter().collect())
}

fn fold<K: Key + Ord>(leaves: &Leaves<K>, wanted: &K, path: &mut Vec<(u8, Node)>) -> Node {
    let first = leaves.first_key_value().expect("no empty side");
    let last = leaves.last_key_value().expect("no empty side");
    let Some(index) = (0..K::BITS)
        .filter_map(|index| u8::try_from(index).ok())
        .find(|index| first.0.bit(*index) != last.0.bit(*index))
    else {
        return *first.1;
    };
    let side = |right| -> Leaves<K> {
        let keys = leaves.iter().filter(|(key, _)| key.bit(index) == right);
        keys.map(|(key, leaf)| (*key, *leaf)).collect()
    };
    let (left, right) = (side(false), side(true));
    let (left_root, right_root);
    if left.contains_key(wanted) {
        left_root = fold(&left, wanted, path);
        right_root = fold(&right, wanted, &mut Vec::new());
        path.push((index, right_root));
    } else {
        left_root = fold(&left, wanted, &mut Vec::new());
        right_root = fold(&right, wanted, path);
        path.push((index, left_root));
    }
    node(index, &left_root, &right_root)
}
