//! `Walk`: the way from the root of a tree to the leaf that a key leads to, through the records.

use alloc::vec::Vec;

use valence_coprocessor_merkle::{Key, Node, NodeStates, Path};
use valence_coprocessor_protocol::DomainId;
use valence_coprocessor_protocol::sha256::Compression;

use super::Ledger;
use crate::LedgerError;
use crate::record::{Record, Reference, Step, Tree};
use crate::tables::ReadRecords;

/// A subtree: its hash and the record that made it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subtree {
    pub(super) node: Node,
    pub(super) at: Reference,
}

/// One node of a walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) index: u8,
    /// The child on the way.
    pub(super) taken: Subtree,
    /// The child beside it.
    pub(super) left_aside: Subtree,
}

/// The turns from the root down, and the record of the leaf at the end.
///
/// The leaf is that of the key only if its own key says so.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) turns: Vec<Turn>,
    pub(super) leaf: Record<'a>,
}

impl Walk<'_> {
    pub(super) fn path(&self) -> Path {
        let mut path = Path::with_capacity(self.turns.len());
        for turn in &self.turns {
            path.push(turn.index, turn.left_aside.node);
        }
        path
    }
}

/// A key of one of the trees, and how a record says its own.
pub(super) trait RecordKey: Key {
    const TREE: Tree;

    fn of(record: &Record<'_>) -> Self;
}

impl RecordKey for u64 {
    const TREE: Tree = Tree::Domain;

    fn of(record: &Record<'_>) -> Self {
        record.number()
    }
}

impl RecordKey for DomainId {
    const TREE: Tree = Tree::History;

    fn of(record: &Record<'_>) -> Self {
        record.domain()
    }
}

impl<R: ReadRecords> Ledger<R> {
    /// Walks from the root that `start` made to the leaf that `key` leads to.
    pub(super) fn walk<'a, K: RecordKey>(
        &'a self,
        start: Record<'a>,
        key: &K,
    ) -> Result<Walk<'a>, LedgerError<R::Error>> {
        let mut turns = Vec::with_capacity(32);
        let mut leaf = start;
        let mut slot = 0;
        while let Some(aside) = follow(&leaf, slot, key, &mut turns) {
            // References lead to older records, so a walk ends whatever the store holds.
            if aside.sequence >= leaf.sequence() {
                return Err(LedgerError::Damaged {
                    sequence: leaf.sequence(),
                });
            }
            leaf = self.record(aside.sequence)?;
            slot = aside.slot;
        }
        Ok(Walk { turns, leaf })
    }
}

/// Follows the path of a record as long as it is that of `key`; returns where the key goes elsewhere.
fn follow<K: RecordKey>(
    record: &Record<'_>,
    slot: u16,
    key: &K,
    turns: &mut Vec<Turn>,
) -> Option<Reference> {
    let own = K::of(record);
    let steps = record.steps_after(K::TREE, slot);
    for (step, slot) in steps.zip(slot.saturating_add(1)..) {
        let below = Reference {
            sequence: record.sequence(),
            slot,
        };
        let child = Subtree {
            node: step.child,
            at: below,
        };
        let sibling = Subtree {
            node: step.sibling,
            at: step.sibling_at,
        };
        let index = step.index;
        if key.bit(index) == own.bit(index) {
            turns.push(Turn {
                index,
                taken: child,
                left_aside: sibling,
            });
        } else {
            turns.push(Turn {
                index,
                taken: sibling,
                left_aside: child,
            });
            return Some(step.sibling_at);
        }
    }
    None
}

/// Computes the hashes of a path from its leaf up: the steps from the root down, and the root.
///
/// `None` if a bit index lies beyond the key, which only a damaged store can cause.
pub(super) fn climb<K: Key, const BITS: usize>(
    states: &NodeStates<BITS>,
    compression: &mut Compression,
    key: &K,
    leaf: Node,
    beside: &[(u8, Subtree)],
) -> Option<(Vec<Step>, Node)> {
    let mut steps = Vec::with_capacity(beside.len());
    let mut child = leaf;
    for (index, sibling) in beside.iter().rev().copied() {
        let step = Step {
            index,
            child,
            sibling: sibling.node,
            sibling_at: sibling.at,
        };
        steps.push(step);
        let (left, right) = if key.bit(index) {
            (sibling.node, child)
        } else {
            (child, sibling.node)
        };
        child = states.node(compression, index, &left, &right)?;
    }
    steps.reverse();
    Some((steps, child))
}
