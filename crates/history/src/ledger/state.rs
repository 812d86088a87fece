//! `Ledger`: the history over a store, and the appends that are not yet written.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use valence_coprocessor_protocol::{DomainId, DomainRoot, Root};

use crate::record::Record;
use crate::tables::{HEAD_KEY, HistoryTable, Neighbours, ReadRecords, Write, block_key};
use crate::{LedgerError, Update};

/// The history over one consistent view of a store, and the appends that are not yet written.
#[derive(Debug)]
pub struct Ledger<R> {
    pub(super) reader: R,
    pub(super) pending: Pending,
}

/// Appends that later calls must see although the store does not have them.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Records by sequence number; they follow each other.
    pub(super) records: BTreeMap<u64, Vec<u8>>,
    pub(super) roots: BTreeMap<Root, u64>,
    pub(super) blocks: BTreeMap<[u8; 40], u64>,
    pub(super) domains: BTreeMap<DomainId, u64>,
}

impl<R: ReadRecords> Ledger<R> {
    /// Opens the history.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            pending: Pending::default(),
        }
    }

    /// The sequence number of the newest append; 0 if there is none.
    pub fn sequence(&self) -> Result<u64, LedgerError<R::Error>> {
        if let Some((sequence, _)) = self.pending.records.last_key_value() {
            return Ok(*sequence);
        }
        Ok(self
            .stored_number(HistoryTable::Meta, HEAD_KEY)?
            .unwrap_or(0))
    }

    /// The current root.
    pub fn root(&self) -> Result<Root, LedgerError<R::Error>> {
        self.root_at(self.sequence()?)
    }

    /// The root after an append; the empty root for sequence number 0.
    pub fn root_at(&self, sequence: u64) -> Result<Root, LedgerError<R::Error>> {
        match sequence {
            0 => Ok(Root::ZERO),
            _ => Ok(self.record(sequence)?.root()),
        }
    }

    /// The sequence number of a root: 0 for the empty history, `None` if the root never was one.
    pub fn sequence_of(&self, root: &Root) -> Result<Option<u64>, LedgerError<R::Error>> {
        if *root == Root::ZERO {
            return Ok(Some(0));
        }
        match self.pending.roots.get(root) {
            Some(sequence) => Ok(Some(*sequence)),
            None => self.stored_number(HistoryTable::Roots, root.as_bytes()),
        }
    }

    /// The append that led to a root; `None` if none did, as for the root of the empty history.
    pub fn update(&self, root: &Root) -> Result<Option<Update>, LedgerError<R::Error>> {
        match self.sequence_of(root)? {
            None | Some(0) => Ok(None),
            Some(sequence) => self.update_at(sequence).map(Some),
        }
    }

    /// The append of a sequence number.
    pub fn update_at(&self, sequence: u64) -> Result<Update, LedgerError<R::Error>> {
        Ok(self.record(sequence)?.to_update())
    }

    /// The append of a domain's newest block.
    pub fn latest(&self, domain: DomainId) -> Result<Option<Update>, LedgerError<R::Error>> {
        let sequence = self.latest_sequence(domain)?;
        sequence
            .map(|sequence| self.update_at(sequence))
            .transpose()
    }

    /// The current root of a domain's tree.
    pub fn domain_root(
        &self,
        domain: DomainId,
    ) -> Result<Option<DomainRoot>, LedgerError<R::Error>> {
        let sequence = self.latest_sequence(domain)?;
        sequence
            .map(|sequence| Ok(self.record(sequence)?.domain_root()))
            .transpose()
    }

    /// The append of a block, whatever came later.
    pub fn block(
        &self,
        domain: DomainId,
        number: u64,
    ) -> Result<Option<Update>, LedgerError<R::Error>> {
        let sequence = self.block_sequence(domain, number)?;
        sequence
            .map(|sequence| self.update_at(sequence))
            .transpose()
    }

    /// What the appends write, to be committed in one step.
    pub fn into_writes(self) -> Vec<Write> {
        let Pending {
            records,
            roots,
            blocks,
            domains,
        } = self.pending;
        let number = |sequence: u64| sequence.to_be_bytes().to_vec();
        let head = records.last_key_value().map(|(sequence, _)| Write {
            table: HistoryTable::Meta,
            key: HEAD_KEY.to_vec(),
            value: number(*sequence),
        });
        let mut writes = Vec::with_capacity(records.len() * 3 + domains.len() + 1);
        writes.extend(records.into_iter().map(|(sequence, record)| Write {
            table: HistoryTable::Records,
            key: number(sequence),
            value: record,
        }));
        writes.extend(roots.into_iter().map(|(root, sequence)| Write {
            table: HistoryTable::Roots,
            key: root.as_bytes().to_vec(),
            value: number(sequence),
        }));
        writes.extend(blocks.into_iter().map(|(block, sequence)| Write {
            table: HistoryTable::Blocks,
            key: block.to_vec(),
            value: number(sequence),
        }));
        writes.extend(domains.into_iter().map(|(domain, sequence)| Write {
            table: HistoryTable::Domains,
            key: domain.as_bytes().to_vec(),
            value: number(sequence),
        }));
        writes.extend(head);
        writes
    }

    pub(super) fn record(&self, sequence: u64) -> Result<Record<'_>, LedgerError<R::Error>> {
        let bytes = match self.pending.records.get(&sequence) {
            Some(bytes) => Some(Cow::Borrowed(bytes.as_slice())),
            None => self
                .reader
                .get(HistoryTable::Records, &sequence.to_be_bytes())
                .map_err(LedgerError::Read)?,
        };
        let bytes = bytes.ok_or(LedgerError::UnknownSequence { sequence })?;
        Record::new(sequence, bytes).ok_or(LedgerError::Damaged { sequence })
    }

    pub(super) fn latest_sequence(
        &self,
        domain: DomainId,
    ) -> Result<Option<u64>, LedgerError<R::Error>> {
        match self.pending.domains.get(&domain) {
            Some(sequence) => Ok(Some(*sequence)),
            None => self.stored_number(HistoryTable::Domains, domain.as_bytes()),
        }
    }

    pub(super) fn block_sequence(
        &self,
        domain: DomainId,
        number: u64,
    ) -> Result<Option<u64>, LedgerError<R::Error>> {
        let key = block_key(domain, number);
        match self.pending.blocks.get(&key) {
            Some(sequence) => Ok(Some(*sequence)),
            None => self.stored_number(HistoryTable::Blocks, &key),
        }
    }

    /// The present numbers next to a missing one.
    pub(super) fn neighbours(
        &self,
        domain: DomainId,
        number: u64,
    ) -> Result<Neighbours, LedgerError<R::Error>> {
        let key = block_key(domain, number);
        let first = block_key(domain, 0);
        let last = block_key(domain, u64::MAX);
        let mut smaller = self.pending.blocks.range(first..key);
        let mut larger = self.pending.blocks.range(key..=last);
        let stored = self
            .reader
            .neighbours(domain, number)
            .map_err(LedgerError::Read)?;
        // What is pending is newer, so its numbers are larger than all that are stored.
        Ok(Neighbours {
            below: smaller
                .next_back()
                .map(|(key, _)| number_of(key))
                .or(stored.below),
            above: stored
                .above
                .or_else(|| larger.next().map(|(key, _)| number_of(key))),
        })
    }

    fn stored_number(
        &self,
        table: HistoryTable,
        key: &[u8],
    ) -> Result<Option<u64>, LedgerError<R::Error>> {
        let Some(value) = self.reader.get(table, key).map_err(LedgerError::Read)? else {
            return Ok(None);
        };
        match <[u8; 8]>::try_from(value.as_ref()) {
            Ok(bytes) => Ok(Some(u64::from_be_bytes(bytes))),
            Err(_) => Err(LedgerError::DamagedIndex { table }),
        }
    }
}

fn number_of(key: &[u8; 40]) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&key[32..]);
    u64::from_be_bytes(number)
}
