//! `Ledger`: the host's side of the history, which keeps one record for each append.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateRoot};

use crate::{BlockAppend, LedgerError, Opening, Update};

/// The tables of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HistoryTable {
    /// Sequence number (8 bytes big-endian) to the record of an append.
    Records,
    /// Root (32 bytes) to sequence number.
    Roots,
    /// Domain and number ([`block_key`]) to sequence number.
    Blocks,
    /// Domain (32 bytes) to the sequence number of its newest block.
    Domains,
    /// The single key [`HEAD_KEY`] to the newest sequence number.
    Meta,
}

/// The key of [`HistoryTable::Meta`].
pub const HEAD_KEY: &[u8] = b"history/head";

/// One value to write. A ledger never deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The table.
    pub table: HistoryTable,
    /// The key in the table.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
}

/// The numbers of a domain that are nearest to a missing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Neighbours {
    /// The largest smaller number.
    pub below: Option<u64>,
    /// The smallest larger number.
    pub above: Option<u64>,
}

/// Where a ledger reads: one consistent view of a store.
pub trait ReadRecords {
    /// How reading fails.
    type Error: core::error::Error + 'static;

    /// The value of a key.
    fn get(&self, table: HistoryTable, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, Self::Error>;

    /// The keys of [`HistoryTable::Blocks`] next to a domain's number, on either side.
    fn neighbours(&self, domain: DomainId, number: u64) -> Result<Neighbours, Self::Error>;
}

/// The key of a block: `domain ‖ number`, the number big-endian, so that keys sort by number.
pub fn block_key(domain: DomainId, number: u64) -> [u8; 40] {
    let mut key = [0; 40];
    key[..32].copy_from_slice(domain.as_bytes());
    key[32..].copy_from_slice(&number.to_be_bytes());
    key
}

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

/// The history over one consistent view of a store, and the appends that are not yet written.
#[derive(Debug)]
pub struct Ledger<R> {
    reader: R,
    writes: Vec<Write>,
}

impl<R: ReadRecords> Ledger<R> {
    /// Opens the history.
    pub fn new(reader: R) -> Self {
        Self { reader, writes: Vec::new() }
    }

    /// The sequence number of the newest append; 0 if there is none.
    pub fn sequence(&self) -> Result<u64, LedgerError<R::Error>> {
        Ok(0)
    }

    /// The current root.
    pub fn root(&self) -> Result<Root, LedgerError<R::Error>> {
        Ok(Root::ZERO)
    }

    /// Appends a block. Later calls see it; nothing is written before [`Self::into_writes`] is.
    pub fn append(&mut self, block: NewBlock) -> Result<Appended, LedgerError<R::Error>> {
        Err(LedgerError::UnknownDomain { domain: block.domain })
    }

    /// What the appends write, to be committed in one step.
    pub fn into_writes(self) -> Vec<Write> {
        self.writes
    }

    /// The path of a block to a root, the current one or any older.
    pub fn opening(
        &self,
        root: &Root,
        domain: DomainId,
        number: u64,
    ) -> Result<Opening, LedgerError<R::Error>> {
        let _ = (&self.reader, domain, number);
        Err(LedgerError::UnknownRoot { root: *root })
    }

    /// The append that led to a root; `None` if the root never was one.
    pub fn update(&self, root: &Root) -> Result<Option<Update>, LedgerError<R::Error>> {
        Err(LedgerError::UnknownRoot { root: *root })
    }

    /// The sequence number of a root: 0 for the empty history, `None` if the root never was one.
    pub fn sequence_of(&self, root: &Root) -> Result<Option<u64>, LedgerError<R::Error>> {
        Err(LedgerError::UnknownRoot { root: *root })
    }

    /// The append of a sequence number.
    pub fn update_at(&self, sequence: u64) -> Result<Update, LedgerError<R::Error>> {
        Err(LedgerError::UnknownSequence { sequence })
    }

    /// The append of a domain's newest block.
    pub fn latest(&self, domain: DomainId) -> Result<Option<Update>, LedgerError<R::Error>> {
        Err(LedgerError::UnknownDomain { domain })
    }

    /// The append of a block, whatever came later.
    pub fn block(
        &self,
        domain: DomainId,
        number: u64,
    ) -> Result<Option<Update>, LedgerError<R::Error>> {
        let _ = number;
        Err(LedgerError::UnknownDomain { domain })
    }

    /// The proof that an append, however old, led from its previous root to its root.
    pub fn append_proof(&self, sequence: u64) -> Result<BlockAppend, LedgerError<R::Error>> {
        Err(LedgerError::UnknownSequence { sequence })
    }
}
