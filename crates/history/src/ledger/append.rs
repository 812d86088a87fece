//! Appending a block: the new paths of both trees, in one record.

use alloc::vec::Vec;

use valence_coprocessor_merkle::Node;
use valence_coprocessor_protocol::sha256::{Compression, Words, digest_words};
use valence_coprocessor_protocol::{DomainId, DomainRoot, HeadState, PayloadHash, Root, StateRoot};

use super::Ledger;
use super::walk::{RecordKey, Subtree, Walk, climb};
use crate::leaf::{DOMAIN_NODES, HISTORY_NODES, hash_domain};
use crate::record::{NewRecord, Record, Reference, Step};
use crate::tables::{ReadRecords, block_key};
use crate::{BlockLeaf, LedgerError};

/// A block to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlock {
    /// The domain of the block.
    pub domain: DomainId,
    /// The number of the block.
    pub number: u64,
    /// The state root of the block.
    pub state_root: StateRoot,
    /// What the domain proves of the block beside its state root.
    pub payload: Vec<u8>,
    /// The domain's head state after the block.
    pub head: HeadState,
    /// The time to record, in seconds since 1970.
    pub time: u64,
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its sequence number.
    pub sequence: u64,
    /// The root before.
    pub previous: Root,
    /// The root after.
    pub root: Root,
}

/// The new nodes of one tree, and its new root.
type Climb = (Vec<Step>, Node);

impl<R: ReadRecords> Ledger<R> {
    /// Appends a block. Later calls see it; the store has it once [`Self::into_writes`] is committed.
    ///
    /// If it fails, nothing is appended.
    pub fn append(&mut self, block: &NewBlock) -> Result<Appended, LedgerError<R::Error>> {
        let mut compression = Compression::new();
        let head = self.sequence()?;
        let newest = match self.latest_sequence(block.domain)? {
            Some(sequence) => Some(self.record(sequence)?),
            None => None,
        };
        let (domain_steps, domain_root) =
            self.append_to_domain(&mut compression, newest.as_ref(), block)?;
        let leaf = hash_domain(
            &mut compression,
            block.domain,
            domain_root.words(),
            block.head,
        );
        let start = if head == 0 {
            None
        } else {
            Some(self.record(head)?)
        };
        let previous = start.as_ref().map_or(Root::ZERO, Record::root);
        let (history_steps, root) =
            self.append_to_history(&mut compression, start, block.domain, leaf)?;
        let root = Root::from_words(root.words());
        let record = NewRecord {
            domain: block.domain,
            number: block.number,
            time: block.time,
            state_root: block.state_root,
            head: block.head,
            previous,
            root,
            domain_root: DomainRoot::from_words(domain_root.words()),
            previous_in_domain: newest.as_ref().map_or(0, Record::sequence),
            domain_steps: &domain_steps,
            history_steps: &history_steps,
            payload: &block.payload,
        };
        let bytes = record.encode().ok_or(LedgerError::PayloadTooLarge {
            length: block.payload.len(),
        })?;
        let sequence = head + 1;
        self.pending.records.insert(sequence, bytes);
        self.pending.roots.insert(root, sequence);
        self.pending
            .blocks
            .insert(block_key(block.domain, block.number), sequence);
        self.pending.domains.insert(block.domain, sequence);
        Ok(Appended {
            sequence,
            previous,
            root,
        })
    }

    fn append_to_domain(
        &self,
        compression: &mut Compression,
        newest: Option<&Record<'_>>,
        block: &NewBlock,
    ) -> Result<Climb, LedgerError<R::Error>> {
        let payload = PayloadHash::from_words(&digest_words(compression, &block.payload));
        let leaf = BlockLeaf {
            number: block.number,
            state_root: block.state_root,
            payload,
        }
        .hash(compression);
        let Some(newest) = newest else {
            return Ok((Vec::new(), leaf));
        };
        if block.number <= newest.number() {
            return Err(self.refusal(block, newest.number())?);
        }
        // The newest block's path is its domain's right edge, so it is that of any larger number.
        let walk = self.walk(newest.clone(), &newest.number())?;
        let root = newest.domain_root().to_words();
        let beside = insertion(&walk, newest.sequence(), &root, &block.number);
        climb(&DOMAIN_NODES, compression, &block.number, leaf, &beside).ok_or(
            LedgerError::Damaged {
                sequence: newest.sequence(),
            },
        )
    }

    fn append_to_history(
        &self,
        compression: &mut Compression,
        start: Option<Record<'_>>,
        domain: DomainId,
        leaf: Node,
    ) -> Result<Climb, LedgerError<R::Error>> {
        let Some(start) = start else {
            return Ok((Vec::new(), leaf));
        };
        let (sequence, root) = (start.sequence(), start.root().to_words());
        let walk = self.walk(start, &domain)?;
        let beside = insertion(&walk, sequence, &root, &domain);
        climb(&HISTORY_NODES, compression, &domain, leaf, &beside)
            .ok_or(LedgerError::Damaged { sequence })
    }

    fn refusal(
        &self,
        block: &NewBlock,
        newest: u64,
    ) -> Result<LedgerError<R::Error>, LedgerError<R::Error>> {
        let (domain, number) = (block.domain, block.number);
        Ok(match self.block_sequence(domain, number)? {
            Some(_) => LedgerError::AlreadyPresent { domain, number },
            None => LedgerError::NotNewer {
                domain,
                number,
                newest,
            },
        })
    }
}

/// What will stand beside the path of `key`, from the root down: the turns of the walk, up to where the
/// key parts from the leaf that is there.
fn insertion<K: RecordKey>(
    walk: &Walk<'_>,
    sequence: u64,
    root: &Words,
    key: &K,
) -> Vec<(u8, Subtree)> {
    let aside = |turn: &super::walk::Turn| (turn.index, turn.left_aside);
    let Some(parting) = key.parting(&K::of(&walk.leaf)) else {
        return walk.turns.iter().map(aside).collect();
    };
    let above = walk.turns.partition_point(|turn| turn.index < parting);
    let below = match above.checked_sub(1) {
        Some(last) => walk.turns[last].taken,
        None => Subtree {
            node: Node::from_words(*root),
            at: Reference { sequence, slot: 0 },
        },
    };
    let kept = walk.turns[..above].iter().map(aside);
    kept.chain([(parting, below)]).collect()
}
