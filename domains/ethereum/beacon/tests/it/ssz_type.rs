//! `Type`: SSZ types of whole beacon blocks, and `hash_tree_root` of what is serialized in them (consensus
//! specifications, `ssz/simple-serialize.md`). Shares nothing with the hashing that is tested.

use sha2::{Digest as _, Sha256};

/// A root or a chunk.
pub(crate) type Node = [u8; 32];

/// An SSZ type, as far as blocks have them.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    /// So many bytes: a number, a hash, a key, a vector of bits.
    Bytes(usize),
    /// A list of at most so many bytes.
    ByteList(u64),
    /// A list of at most so many bits.
    Bits(u64),
    /// A list of at most so many numbers of 64 bits.
    Numbers(u64),
    /// So many of a type of fixed length.
    Vector(Box<Self>, usize),
    /// A list of at most so many of a type.
    List(Box<Self>, u64),
    /// Fields one after the other.
    Container(Vec<Self>),
}

impl Type {
    /// A list of containers.
    pub(crate) fn list(fields: &[Self], limit: u64) -> Self {
        Self::List(Box::new(Self::container(fields)), limit)
    }

    /// A container.
    pub(crate) fn container(fields: &[Self]) -> Self {
        Self::Container(fields.to_vec())
    }

    /// Bytes that each value has; none if they differ.
    fn length(&self) -> Option<usize> {
        match self {
            Self::Bytes(length) => Some(*length),
            Self::Vector(element, count) => Some(element.length()? * count),
            Self::Container(fields) => fields.iter().map(Self::length).sum(),
            Self::ByteList(_) | Self::Bits(_) | Self::Numbers(_) | Self::List(..) => None,
        }
    }

    /// `hash_tree_root` of a serialized value.
    pub(crate) fn root(&self, bytes: &[u8]) -> Node {
        match self {
            Self::Bytes(length) => {
                assert_eq!(bytes.len(), *length);
                merkleize(packed(bytes), length.div_ceil(32) as u64)
            }
            Self::ByteList(limit) => {
                let root = merkleize(packed(bytes), limit.div_ceil(32));
                mixed(root, bytes.len())
            }
            Self::Numbers(limit) => {
                let root = merkleize(packed(bytes), limit.div_ceil(4));
                mixed(root, bytes.len() / 8)
            }
            Self::Bits(limit) => {
                let (last, rest) = bytes.split_last().expect("a list of bits ends in a bit");
                let top = last.ilog2();
                let mut cleared = rest.to_vec();
                if top > 0 {
                    cleared.push(last ^ (1 << top));
                }
                let root = merkleize(packed(&cleared), limit.div_ceil(256));
                mixed(root, 8 * rest.len() + top as usize)
            }
            Self::Vector(element, count) => {
                let length = element.length().expect("only such vectors are in blocks");
                let elements = bytes.chunks(length).map(|bytes| element.root(bytes));
                merkleize(elements.collect(), *count as u64)
            }
            Self::List(element, limit) => {
                let elements = element.elements(bytes);
                let roots: Vec<_> = elements.iter().map(|bytes| element.root(bytes)).collect();
                let count = roots.len();
                mixed(merkleize(roots, *limit), count)
            }
            Self::Container(fields) => {
                let roots = self.roots(bytes);
                merkleize(roots, fields.len() as u64)
            }
        }
    }

    /// The roots of a container's fields.
    pub(crate) fn roots(&self, bytes: &[u8]) -> Vec<Node> {
        let Self::Container(fields) = self else {
            panic!("{self:?} has no fields")
        };
        let parts = self.fields(bytes);
        let pairs = fields.iter().zip(parts);
        pairs.map(|(field, bytes)| field.root(bytes)).collect()
    }

    /// The bytes of a container's fields.
    pub(crate) fn fields<'b>(&self, bytes: &'b [u8]) -> Vec<&'b [u8]> {
        let Self::Container(fields) = self else {
            panic!("{self:?} has no fields")
        };
        let mut at = 0;
        let mut places = Vec::new();
        for field in fields {
            let length = field.length();
            places.push((at, length));
            at += length.unwrap_or(4);
        }
        let mut end = bytes.len();
        let mut parts = vec![&bytes[..0]; fields.len()];
        for (part, (at, length)) in parts.iter_mut().zip(places).rev() {
            if let Some(length) = length {
                *part = &bytes[at..at + length];
            } else {
                let start = offset(&bytes[at..]);
                *part = &bytes[start..end];
                end = start;
            }
        }
        parts
    }

    /// The elements of a list of this type.
    fn elements<'b>(&self, bytes: &'b [u8]) -> Vec<&'b [u8]> {
        if let Some(length) = self.length() {
            return bytes.chunks(length).collect();
        }
        if bytes.is_empty() {
            return Vec::new();
        }
        let mut starts: Vec<_> = (0..offset(bytes) / 4)
            .map(|index| offset(&bytes[4 * index..]))
            .collect();
        starts.push(bytes.len());
        starts
            .windows(2)
            .map(|pair| &bytes[pair[0]..pair[1]])
            .collect()
    }
}

fn offset(bytes: &[u8]) -> usize {
    u32::from_le_bytes(*bytes.first_chunk().expect("an offset")) as usize
}

/// SHA-256 of two nodes.
pub(crate) fn pair(left: &Node, right: &Node) -> Node {
    Sha256::digest([*left, *right].concat()).into()
}

fn packed(bytes: &[u8]) -> Vec<Node> {
    let padded = |chunk: &[u8]| {
        let mut node = [0; 32];
        node[..chunk.len()].copy_from_slice(chunk);
        node
    };
    bytes.chunks(32).map(padded).collect()
}

fn mixed(root: Node, length: usize) -> Node {
    let mut chunk = [0; 32];
    chunk[..8].copy_from_slice(&(length as u64).to_le_bytes());
    pair(&root, &chunk)
}

/// The root of a tree with room for `limit` chunks, of which those that are not there are zeros.
pub(crate) fn merkleize(mut level: Vec<Node>, limit: u64) -> Node {
    assert!(level.len() as u64 <= limit);
    let mut zero = [0; 32];
    for _ in 0..limit.next_power_of_two().ilog2() {
        if level.len() % 2 == 1 {
            level.push(zero);
        }
        level = level.chunks(2).map(|two| pair(&two[0], &two[1])).collect();
        zero = pair(&zero, &zero);
    }
    level.first().copied().unwrap_or(zero)
}
