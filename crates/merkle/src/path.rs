//! `Path`: the nodes between the root and a leaf, and how they fold to the root.

use alloc::vec::Vec;

use valence_coprocessor_protocol::sha256::{Compression, Words};
use valence_coprocessor_protocol::{DecodeError, Reader, Writer};

use crate::{Key, Node, NodeStates, PathError};

/// A path from the root down: where each node branches, and the hash of the child that the path leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path {
    indices: Vec<u8>,
    siblings: Vec<Words>,
}

impl Path {
    /// The path of the only leaf of a tree.
    pub const EMPTY: Self = Self {
        indices: Vec::new(),
        siblings: Vec::new(),
    };

    /// The empty path, with room for `nodes` nodes.
    pub fn with_capacity(nodes: usize) -> Self {
        Self {
            indices: Vec::with_capacity(nodes),
            siblings: Vec::with_capacity(nodes),
        }
    }

    /// Appends a node below the others; the order is checked when the path is used.
    pub fn push(&mut self, index: u8, sibling: Node) {
        self.indices.push(index);
        self.siblings.push(*sibling.words());
    }

    /// The path, borrowed.
    pub fn as_path_ref(&self) -> PathRef<'_> {
        PathRef {
            indices: &self.indices,
            siblings: &self.siblings,
        }
    }
}

impl FromIterator<(u8, Node)> for Path {
    fn from_iter<I: IntoIterator<Item = (u8, Node)>>(nodes: I) -> Self {
        let mut path = Self::default();
        for (index, sibling) in nodes {
            path.push(index, sibling);
        }
        path
    }
}

/// A [`Path`] that is borrowed from the input of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathRef<'a> {
    indices: &'a [u8],
    siblings: &'a [Words],
}

impl<'a> PathRef<'a> {
    /// The path of the only leaf of a tree.
    pub const EMPTY: Self = Self {
        indices: &[],
        siblings: &[],
    };

    /// Takes bit indices and siblings, both from the root down; checked when the path is used.
    pub const fn new(indices: &'a [u8], siblings: &'a [Words]) -> Self {
        Self { indices, siblings }
    }

    /// Reads a path in a tree with keys of `bits` bits.
    pub fn read(reader: &mut Reader<'a>, bits: usize) -> Result<Self, DecodeError> {
        let count = reader.length("path length", bits)?;
        let indices = reader.bytes("bit indices", count)?;
        let siblings = reader.nodes("siblings", count)?;
        Ok(Self { indices, siblings })
    }

    /// Appends the encoding of the path.
    pub fn write(&self, writer: &mut Writer) {
        writer.length(self.indices.len()).bytes(self.indices);
        for sibling in self.siblings {
            writer.node(sibling);
        }
    }

    /// Number of nodes.
    pub const fn len(&self) -> usize {
        self.indices.len()
    }

    /// Whether the leaf is the only one of its tree.
    pub const fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// The bit indices, from the root down.
    pub const fn indices(&self) -> &'a [u8] {
        self.indices
    }

    /// The siblings, from the root down.
    pub const fn siblings(&self) -> &'a [Words] {
        self.siblings
    }

    /// An owned copy.
    pub fn to_path(&self) -> Path {
        Path {
            indices: self.indices.to_vec(),
            siblings: self.siblings.to_vec(),
        }
    }

    /// The first `above` nodes and the rest.
    pub(crate) fn split_at(&self, above: usize) -> (Self, Self) {
        let (upper_indices, lower_indices) = self.indices.split_at(above);
        let (upper_siblings, lower_siblings) = self.siblings.split_at(above);
        (
            Self::new(upper_indices, upper_siblings),
            Self::new(lower_indices, lower_siblings),
        )
    }

    /// Whether the path turns right at every node, so that its key is the largest of the tree.
    pub fn is_rightmost<K: Key>(&self, key: &K) -> bool {
        self.indices.iter().all(|index| key.bit(*index))
    }

    /// Checks that the bit indices rise from the root and stay within the key.
    pub fn check<K: Key>(&self) -> Result<(), PathError> {
        if self.indices.len() > K::BITS {
            return Err(PathError::TooLong {
                got: self.indices.len(),
                limit: K::BITS,
            });
        }
        if self.indices.len() != self.siblings.len() {
            let (indices, siblings) = (self.indices.len(), self.siblings.len());
            return Err(PathError::Uneven { indices, siblings });
        }
        let mut below = None;
        for index in self.indices.iter().copied() {
            if let Some(previous) = below.filter(|previous| *previous >= index) {
                return Err(PathError::NotRising { previous, index });
            }
            below = Some(index);
        }
        match below {
            Some(index) if usize::from(index) >= K::BITS => Err(PathError::OutOfRange {
                index,
                limit: K::BITS,
            }),
            _ => Ok(()),
        }
    }

    /// The root of the tree in which `key` has the leaf `leaf` at the end of this path.
    ///
    /// The side at each node is the key's own bit, so a path can belong to no other key.
    pub fn fold<K: Key, const BITS: usize>(
        &self,
        states: &NodeStates<BITS>,
        compression: &mut Compression,
        key: &K,
        leaf: Node,
    ) -> Result<Node, PathError> {
        self.check::<K>()?;
        let mut node = leaf;
        for (index, sibling) in self.indices.iter().zip(self.siblings).rev() {
            let sibling = Node::from_words(*sibling);
            let (left, right) = if key.bit(*index) {
                (sibling, node)
            } else {
                (node, sibling)
            };
            node =
                states
                    .node(compression, *index, &left, &right)
                    .ok_or(PathError::OutOfRange {
                        index: *index,
                        limit: BITS,
                    })?;
        }
        Ok(node)
    }
}
