//! The tables that a ledger reads and writes, and the port through which it reads.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use valence_coprocessor_protocol::DomainId;

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

/// One value to write. A ledger never deletes, and replaces only in `Domains` and `Meta`.
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

impl<R: ReadRecords + ?Sized> ReadRecords for &R {
    type Error = R::Error;

    fn get(&self, table: HistoryTable, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, Self::Error> {
        (**self).get(table, key)
    }

    fn neighbours(&self, domain: DomainId, number: u64) -> Result<Neighbours, Self::Error> {
        (**self).neighbours(domain, number)
    }
}

/// The key of a block: `domain ‖ number`, the number big-endian, so that keys sort by number.
pub fn block_key(domain: DomainId, number: u64) -> [u8; 40] {
    let mut key = [0; 40];
    key[..32].copy_from_slice(domain.as_bytes());
    key[32..].copy_from_slice(&number.to_be_bytes());
    key
}
