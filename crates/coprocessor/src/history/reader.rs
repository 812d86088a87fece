//! How the ledger reads the store.

use std::borrow::Cow;
use std::ops::Bound;

use valence_coprocessor_history::{HistoryTable, Neighbours, ReadRecords, block_key};
use valence_coprocessor_protocol::DomainId;
use valence_coprocessor_store::{KeyRange, Order, Snapshot, StoreError, Table};

/// One consistent view of the store, as the ledger reads it.
pub(super) struct SnapshotReader<'a>(pub(super) Box<dyn Snapshot + 'a>);

impl ReadRecords for SnapshotReader<'_> {
    type Error = StoreError;

    fn get(&self, table: HistoryTable, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        self.0.view(store_table(table), key)
    }

    fn neighbours(&self, domain: DomainId, number: u64) -> Result<Neighbours, StoreError> {
        let nearest = |start, end, order| {
            let range = KeyRange::new(start, end);
            let found = self.0.scan(Table::Blocks, &range, order, 1)?;
            Ok(found.first().and_then(|(key, _)| {
                key.last_chunk::<8>()
                    .map(|number| u64::from_be_bytes(*number))
            }))
        };
        let key = |number| block_key(domain, number).to_vec();
        let below = nearest(
            Bound::Included(key(0)),
            Bound::Excluded(key(number)),
            Order::Descending,
        )?;
        let above = nearest(
            Bound::Excluded(key(number)),
            Bound::Included(key(u64::MAX)),
            Order::Ascending,
        )?;
        Ok(Neighbours { below, above })
    }
}

/// The store's table for a table of the ledger.
pub(super) fn store_table(table: HistoryTable) -> Table {
    match table {
        HistoryTable::Records => Table::Records,
        HistoryTable::Roots => Table::Roots,
        HistoryTable::Blocks => Table::Blocks,
        HistoryTable::Domains => Table::Domains,
        HistoryTable::Meta => Table::Meta,
    }
}
