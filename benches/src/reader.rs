//! The history read from a snapshot of a store.

use core::ops::Bound;
use std::borrow::Cow;

use valence_coprocessor_history::{HistoryTable, Neighbours, ReadRecords, block_key};
use valence_coprocessor_protocol::DomainId;
use valence_coprocessor_store::{KeyRange, Order, Snapshot, StoreError, Table};

/// One snapshot as the history reads it.
pub struct SnapshotReader<'a>(pub Box<dyn Snapshot + 'a>);

impl core::fmt::Debug for SnapshotReader<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("SnapshotReader")
    }
}

impl SnapshotReader<'_> {
    fn number(&self, range: &KeyRange, order: Order) -> Result<Option<u64>, StoreError> {
        let found = self.0.scan(Table::Blocks, range, order, 1)?;
        Ok(found.first().map(|(key, _)| {
            let number = key[32..]
                .try_into()
                .expect("a block key ends in its number");
            u64::from_be_bytes(number)
        }))
    }
}

impl ReadRecords for SnapshotReader<'_> {
    type Error = StoreError;

    fn get(&self, table: HistoryTable, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        self.0.view(store_table(table), key)
    }

    fn neighbours(&self, domain: DomainId, number: u64) -> Result<Neighbours, StoreError> {
        let at = block_key(domain, number).to_vec();
        let first = block_key(domain, 0).to_vec();
        let last = block_key(domain, u64::MAX).to_vec();
        let below = KeyRange::new(Bound::Included(first), Bound::Excluded(at.clone()));
        let above = KeyRange::new(Bound::Excluded(at), Bound::Included(last));
        Ok(Neighbours {
            below: self.number(&below, Order::Descending)?,
            above: self.number(&above, Order::Ascending)?,
        })
    }
}

/// The table of the store in which a table of the history lies.
pub(crate) const fn store_table(table: HistoryTable) -> Table {
    match table {
        HistoryTable::Records => Table::Records,
        HistoryTable::Roots => Table::Roots,
        HistoryTable::Blocks => Table::Blocks,
        HistoryTable::Domains => Table::Domains,
        HistoryTable::Meta => Table::Meta,
    }
}
