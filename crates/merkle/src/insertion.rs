//! `insert`: the roots before and after a key joins a tree, from one path.

use valence_coprocessor_protocol::sha256::Compression;

use crate::{InsertionError, Key, Node, NodeStates, PathRef};

/// The roots before and after an insertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Insertion {
    /// The root of the tree without the new key.
    pub before: Node,
    /// The root of the tree with it, and with nothing else changed.
    pub after: Node,
}

/// Inserts `key` beside `present`, whose leaf and path are shown.
///
/// Absence of `key` is proven by the path itself: all keys under a node agree on the bits before its
/// index, so a tree without a node at the bit where the two keys part has no key that agrees with
/// `key` further than `present` does.
pub fn insert<K: Key, const BITS: usize>(
    states: &NodeStates<BITS>,
    compression: &mut Compression,
    present: (&K, Node),
    path: &PathRef<'_>,
    key: &K,
    leaf: Node,
) -> Result<Insertion, InsertionError> {
    path.check::<K>().map_err(InsertionError::Path)?;
    let (present, present_leaf) = present;
    let parting = key.parting(present).ok_or(InsertionError::AlreadyPresent)?;
    let above = path.indices().partition_point(|index| *index < parting);
    if path.indices().get(above) == Some(&parting) {
        return Err(InsertionError::NodeWhereKeysPart { index: parting });
    }
    let (upper, lower) = path.split_at(above);
    let subtree = lower
        .fold(states, compression, present, present_leaf)
        .map_err(InsertionError::Path)?;
    let beside = PathRef::new(
        core::slice::from_ref(&parting),
        core::slice::from_ref(subtree.words()),
    );
    let joined = beside
        .fold(states, compression, key, leaf)
        .map_err(InsertionError::Path)?;
    let mut to_root = |node| {
        upper
            .fold(states, compression, present, node)
            .map_err(InsertionError::Path)
    };
    Ok(Insertion {
        before: to_root(subtree)?,
        after: to_root(joined)?,
    })
}
