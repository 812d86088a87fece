//! A persistent ordered map over byte strings: a path-compressed radix tree, four bits a step.
//!
//! A clone shares all nodes; a write copies the nodes on its path that are shared, and changes the others in place. A read
//! follows at most one branch per four bits in which stored keys part (five, for 100,000 consecutive numbers), compares one
//! key, and copies nothing: key and value lie in one allocation that the caller gets a share of.

use core::{cmp::Ordering, mem, ops::Bound};
use std::sync::Arc;

use crate::{KeyRange, Order, Value};

/// One child for "the key ends here", which sorts first, and one for each value of four bits.
const SLOTS: usize = 17;

/// The map.
#[derive(Clone, Default)]
pub(super) struct Tree {
    root: Node,
}

#[derive(Clone, Default)]
enum Node {
    #[default]
    Empty,
    Leaf {
        /// Key, then value.
        entry: Arc<[u8]>,
        key_length: u32,
    },
    /// A place where keys part: all keys below agree on the first `depth` slots, and at least two children are not empty.
    Branch {
        /// Beside the pointer, so that a read touches of each branch only the child that it takes.
        depth: u32,
        children: Arc<[Self; SLOTS]>,
    },
}

impl Tree {
    /// The value under `key`, shared.
    pub(super) fn get(&self, key: &[u8]) -> Option<Value> {
        let entry = self.entry(key)?;
        Some(Value::tail_of(Arc::clone(entry), key.len()))
    }

    /// The value under `key`, lent.
    pub(super) fn view(&self, key: &[u8]) -> Option<&[u8]> {
        let entry = self.entry(key)?;
        Some(&entry[key.len()..])
    }

    /// Key and value.
    fn entry(&self, key: &[u8]) -> Option<&Arc<[u8]>> {
        let mut node = &self.root;
        while let Node::Branch { depth, children } = node {
            node = &children[slot(key, *depth)];
        }
        match node {
            Node::Leaf { entry, key_length } if entry[..*key_length as usize] == *key => {
                Some(entry)
            }
            _ => None,
        }
    }

    /// Writes `value` under `key`, replacing what was there.
    pub(super) fn insert(&mut self, key: &[u8], value: &[u8]) {
        let leaf = Node::leaf(key, value);
        let parting = self.root.nearest(key).and_then(|near| {
            // Beyond the end of both keys their slots are equal: then they are one key.
            let depth = (0..=2 * longest(key, near))
                .find(|&depth| slot(key, depth) != slot(near, depth))?;
            Some((depth, slot(near, depth)))
        });
        self.root.insert(key, leaf, parting);
    }

    /// Removes `key`, if it is there.
    pub(super) fn remove(&mut self, key: &[u8]) {
        if self.entry(key).is_some() {
            self.root.remove(key);
        }
    }

    /// Up to `limit` entries of a range.
    pub(super) fn scan(
        &self,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Vec<(Vec<u8>, Value)> {
        let mut found = Vec::new();
        self.root.visit(range, order, limit, &mut found);
        found
    }
}

impl Node {
    fn leaf(key: &[u8], value: &[u8]) -> Self {
        let mut entry = Vec::with_capacity(key.len() + value.len());
        entry.extend_from_slice(key);
        entry.extend_from_slice(value);
        Self::Leaf {
            entry: entry.into(),
            key_length: u32::try_from(key.len()).expect("a batch holds only keys of MAX_KEY_BYTES"),
        }
    }

    const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The key of a leaf that shares with `key` as long a beginning as any does, or `None` in the empty tree.
    fn nearest(&self, key: &[u8]) -> Option<&[u8]> {
        let mut node = self;
        while let Self::Branch { depth, children } = node {
            let child = &children[slot(key, *depth)];
            if child.is_empty() {
                return node.first_key();
            }
            node = child;
        }
        node.first_key()
    }

    /// The smallest key below this node.
    fn first_key(&self) -> Option<&[u8]> {
        let mut node = self;
        loop {
            match node {
                Self::Empty => return None,
                Self::Leaf { entry, key_length } => return Some(&entry[..*key_length as usize]),
                Self::Branch { children, .. } => {
                    node = children.iter().find(|child| !child.is_empty())?;
                }
            }
        }
    }

    /// Puts a leaf where it parts from the nearest key (depth, and the slot of the near one), or in place of its own key.
    /// The depth of the recursion is bounded by the key's length.
    fn insert(&mut self, key: &[u8], leaf: Self, parting: Option<(u32, usize)>) {
        match (self, parting) {
            (Self::Branch { depth, children }, None) => {
                Arc::make_mut(children)[slot(key, *depth)].insert(key, leaf, parting);
            }
            (node, None) => *node = leaf,
            (
                Self::Branch {
                    depth: own,
                    children,
                },
                Some((depth, _)),
            ) if *own <= depth => {
                let child = &mut Arc::make_mut(children)[slot(key, *own)];
                if *own == depth {
                    *child = leaf;
                } else {
                    child.insert(key, leaf, parting);
                }
            }
            (node, Some((depth, near_slot))) => {
                let mut children: [Self; SLOTS] = Default::default();
                children[near_slot] = mem::take(node);
                children[slot(key, depth)] = leaf;
                let children = Arc::new(children);
                *node = Self::Branch { depth, children };
            }
        }
    }

    /// Removes a key that is there; the depth of the recursion is bounded by the key's length.
    fn remove(&mut self, key: &[u8]) {
        let Self::Branch { depth, children } = self else {
            *self = Self::Empty;
            return;
        };
        let children = Arc::make_mut(children);
        children[slot(key, *depth)].remove(key);
        let mut rest = children.iter_mut().filter(|child| !child.is_empty());
        if let (Some(only), None) = (rest.next(), rest.next()) {
            *self = mem::take(only);
        }
    }

    fn visit(
        &self,
        range: &KeyRange,
        order: Order,
        limit: usize,
        found: &mut Vec<(Vec<u8>, Value)>,
    ) {
        if found.len() >= limit {
            return;
        }
        match self {
            Self::Empty => {}
            Self::Leaf { entry, key_length } => {
                let length = *key_length as usize;
                let key = &entry[..length];
                if range.contains(key) {
                    let value = Value::tail_of(Arc::clone(entry), length);
                    found.push((key.to_vec(), value));
                }
            }
            Self::Branch { depth, children } => {
                if self.is_outside(*depth, range) {
                    return;
                }
                let visit = |child: &Self| child.visit(range, order, limit, found);
                match order {
                    Order::Ascending => children.iter().for_each(visit),
                    Order::Descending => children.iter().rev().for_each(visit),
                }
            }
        }
    }

    /// Whether the common beginning of all keys below already puts them outside the range.
    fn is_outside(&self, depth: u32, range: &KeyRange) -> bool {
        let Some(key) = self.first_key() else {
            return true;
        };
        let side = |bound: &[u8]| {
            (0..depth)
                .map(|depth| slot(key, depth).cmp(&slot(bound, depth)))
                .find(|order| order.is_ne())
        };
        let is_before = match range.start() {
            Bound::Included(start) | Bound::Excluded(start) => side(start) == Some(Ordering::Less),
            Bound::Unbounded => false,
        };
        let is_after = match range.end() {
            Bound::Included(end) | Bound::Excluded(end) => side(end) == Some(Ordering::Greater),
            Bound::Unbounded => false,
        };
        is_before || is_after
    }
}

/// The larger of two lengths; a batch holds only keys of `MAX_KEY_BYTES`.
fn longest(one: &[u8], other: &[u8]) -> u32 {
    u32::try_from(one.len().max(other.len())).unwrap_or(u32::MAX / 2)
}

/// The child that `key` takes at a branch of this depth: 0 where the key has ended.
fn slot(key: &[u8], depth: u32) -> usize {
    key.get(depth as usize / 2).map_or(0, |&byte| {
        let four_bits = if depth.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 0x0f
        };
        1 + usize::from(four_bits)
    })
}

#[cfg(test)]
mod tests {
    //! That clones really share nothing that a write changes; the order and content of scans are the conformance suite's.

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Vec<u8>> {
        // Few distinct bytes and lengths, so that keys collide, extend one another and share long beginnings.
        prop::collection::vec(prop::sample::select(vec![0u8, 1, 0x10, 0xff]), 0..5)
    }

    proptest! {
        #[test]
        fn every_clone_keeps_what_it_held(
            steps in prop::collection::vec((key(), prop::option::of(any::<u8>())), 1..80),
        ) {
            let mut tree = Tree::default();
            let mut model = BTreeMap::new();
            let mut history = Vec::new();
            for (key, value) in steps {
                if let Some(value) = value {
                    tree.insert(&key, &[value]);
                    model.insert(key, value);
                } else {
                    tree.remove(&key);
                    model.remove(&key);
                }
                history.push((tree.clone(), model.clone()));
            }
            for (tree, model) in history {
                let entries: Vec<_> = tree
                    .scan(&KeyRange::all(), Order::Ascending, usize::MAX)
                    .into_iter()
                    .map(|(key, value)| (key, value[0]))
                    .collect();
                prop_assert_eq!(entries, model.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
