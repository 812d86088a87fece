//! `Record`: the bytes that the store keeps of one append.
//!
//! A record holds the two paths of the appended block with the hashes on and beside them. These are all
//! the nodes that the append made; every other node of the trees lies in an older record, which a
//! reference names by sequence number and slot (0 is the root of a tree, the number of nodes its leaf).

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use valence_coprocessor_merkle::{Key, Node};
use valence_coprocessor_protocol::{DomainId, DomainRoot, HeadState, Root, StateRoot};

use crate::{Block, Update};

const VERSION: u8 = 1;
const HEADER: usize = 224;
const STEP: usize = 75;

/// A node in a record: the tree is the one that the referring step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) sequence: u64,
    pub(crate) slot: u16,
}

/// One node of a path: what it branches on, its child on the path and its child beside the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) index: u8,
    pub(crate) child: Node,
    pub(crate) sibling: Node,
    pub(crate) sibling_at: Reference,
}

/// Which of the two paths of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tree {
    Domain,
    History,
}

/// The values of a record that is about to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewRecord<'a> {
    pub(crate) domain: DomainId,
    pub(crate) number: u64,
    pub(crate) time: u64,
    pub(crate) state_root: StateRoot,
    pub(crate) head: HeadState,
    pub(crate) previous: Root,
    pub(crate) root: Root,
    pub(crate) domain_root: DomainRoot,
    pub(crate) previous_in_domain: u64,
    pub(crate) domain_steps: &'a [Step],
    pub(crate) history_steps: &'a [Step],
    pub(crate) payload: &'a [u8],
}

impl NewRecord<'_> {
    /// The bytes to store; `None` if a path or the payload is longer than a record can say.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        let domain_count = u8::try_from(self.domain_steps.len()).ok()?;
        let history_count = u16::try_from(self.history_steps.len()).ok()?;
        let payload_length = u32::try_from(self.payload.len()).ok()?;
        let steps = self.domain_steps.len() + self.history_steps.len();
        let mut bytes = Vec::with_capacity(HEADER + steps * STEP + self.payload.len());
        bytes.push(VERSION);
        bytes.push(domain_count);
        bytes.extend_from_slice(&history_count.to_le_bytes());
        bytes.extend_from_slice(&payload_length.to_le_bytes());
        bytes.extend_from_slice(&self.number.to_le_bytes());
        bytes.extend_from_slice(&self.time.to_le_bytes());
        bytes.extend_from_slice(&self.previous_in_domain.to_le_bytes());
        bytes.extend_from_slice(self.domain.as_bytes());
        bytes.extend_from_slice(self.state_root.as_bytes());
        bytes.extend_from_slice(self.head.as_bytes());
        bytes.extend_from_slice(self.previous.as_bytes());
        bytes.extend_from_slice(self.root.as_bytes());
        bytes.extend_from_slice(self.domain_root.as_bytes());
        for step in self.domain_steps.iter().chain(self.history_steps) {
            step.write(&mut bytes);
        }
        bytes.extend_from_slice(self.payload);
        Some(bytes)
    }
}

impl Step {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.index);
        write_node(bytes, &self.child);
        write_node(bytes, &self.sibling);
        bytes.extend_from_slice(&self.sibling_at.sequence.to_le_bytes());
        bytes.extend_from_slice(&self.sibling_at.slot.to_le_bytes());
    }

    fn read(bytes: &[u8; STEP]) -> Self {
        Self {
            index: bytes[0],
            child: read_node(bytes, 1),
            sibling: read_node(bytes, 33),
            sibling_at: Reference {
                sequence: u64::from_le_bytes(array(bytes, 65)),
                slot: u16::from_le_bytes(array(bytes, 73)),
            },
        }
    }
}

/// A stored record whose length was checked, so that reading its fields cannot fail.
#[derive(Debug, Clone)]
pub(crate) struct Record<'a> {
    sequence: u64,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Record<'a> {
    /// Takes the stored bytes; `None` if they are not those of a record.
    pub(crate) fn new(sequence: u64, bytes: Cow<'a, [u8]>) -> Option<Self> {
        if bytes.len() < HEADER || bytes[0] != VERSION {
            return None;
        }
        let payload = u32::from_le_bytes(array(&bytes, 4)) as usize;
        let record = Self { sequence, bytes };
        let (domain, history) = (record.count(Tree::Domain), record.count(Tree::History));
        if domain > <u64 as Key>::BITS || history > <DomainId as Key>::BITS {
            return None;
        }
        let steps = domain + history;
        (record.bytes.len() == HEADER + steps * STEP + payload).then_some(record)
    }

    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn number(&self) -> u64 {
        u64::from_le_bytes(array(&self.bytes, 8))
    }

    /// The sequence number of the domain's block before; 0 if this is its first.
    pub(crate) fn previous_in_domain(&self) -> u64 {
        u64::from_le_bytes(array(&self.bytes, 24))
    }

    pub(crate) fn domain(&self) -> DomainId {
        DomainId::from_bytes(array(&self.bytes, 32))
    }

    pub(crate) fn state_root(&self) -> StateRoot {
        StateRoot::from_bytes(array(&self.bytes, 64))
    }

    pub(crate) fn head(&self) -> HeadState {
        HeadState::from_bytes(array(&self.bytes, 96))
    }

    pub(crate) fn root(&self) -> Root {
        Root::from_bytes(array(&self.bytes, 160))
    }

    pub(crate) fn domain_root(&self) -> DomainRoot {
        DomainRoot::from_bytes(array(&self.bytes, 192))
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[self.steps_range(Tree::History).end..]
    }

    /// The steps of a path, from the root down.
    pub(crate) fn steps(&self, tree: Tree) -> impl ExactSizeIterator<Item = Step> {
        let bytes = &self.bytes[self.steps_range(tree)];
        bytes.as_chunks::<STEP>().0.iter().map(Step::read)
    }

    /// The steps of a path that follow the first `slot` ones; those are not even read, since a walk enters most records late.
    pub(crate) fn steps_after(&self, tree: Tree, slot: u16) -> impl Iterator<Item = Step> {
        let bytes = &self.bytes[self.steps_range(tree)];
        let steps = bytes.as_chunks::<STEP>().0.iter();
        steps.skip(usize::from(slot)).map(Step::read)
    }

    /// Number of steps of a path.
    pub(crate) fn count(&self, tree: Tree) -> usize {
        match tree {
            Tree::Domain => usize::from(self.bytes[1]),
            Tree::History => usize::from(u16::from_le_bytes(array(&self.bytes, 2))),
        }
    }

    pub(crate) fn to_update(&self) -> Update {
        Update {
            sequence: self.sequence,
            time: u64::from_le_bytes(array(&self.bytes, 16)),
            previous: Root::from_bytes(array(&self.bytes, 128)),
            root: self.root(),
            block: Block {
                domain: self.domain(),
                number: self.number(),
                state_root: self.state_root(),
                payload: self.payload().to_vec(),
            },
            head: self.head(),
        }
    }

    fn steps_range(&self, tree: Tree) -> Range<usize> {
        let middle = HEADER + self.count(Tree::Domain) * STEP;
        match tree {
            Tree::Domain => HEADER..middle,
            Tree::History => middle..middle + self.count(Tree::History) * STEP,
        }
    }
}

fn array<const LENGTH: usize>(bytes: &[u8], at: usize) -> [u8; LENGTH] {
    let mut array = [0; LENGTH];
    array.copy_from_slice(&bytes[at..at + LENGTH]);
    array
}

fn write_node(bytes: &mut Vec<u8>, node: &Node) {
    for word in node.words() {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
}

fn read_node(bytes: &[u8], at: usize) -> Node {
    let mut words = [0; 8];
    for (word, chunk) in words.iter_mut().zip(bytes[at..at + 32].as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*chunk);
    }
    Node::from_words(words)
}
