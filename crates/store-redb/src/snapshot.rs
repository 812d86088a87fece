//! A snapshot: one read transaction, whose tables are opened when they are first read.

use std::sync::OnceLock;

use redb::{ReadOnlyTable, ReadTransaction};
use valence_coprocessor_store::{KeyRange, Order, Snapshot, StoreError, Table, Value};

use crate::store::definition;

type OpenTable = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// A consistent view of the file.
pub(crate) struct RedbSnapshot {
    transaction: ReadTransaction,
    tables: [OnceLock<OpenTable>; Table::ALL.len()],
}

impl RedbSnapshot {
    pub(crate) fn new(transaction: ReadTransaction) -> Self {
        Self {
            transaction,
            tables: Default::default(),
        }
    }

    fn table(&self, table: Table) -> Result<&OpenTable, StoreError> {
        let slot = &self.tables[table.index()];
        if let Some(open) = slot.get() {
            return Ok(open);
        }
        let open = self
            .transaction
            .open_table(definition(table))
            .map_err(|error| StoreError::backend("open a table", error))?;
        // Two threads may open it at once; both open the same view.
        Ok(slot.get_or_init(|| open))
    }
}

impl Snapshot for RedbSnapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Value>, StoreError> {
        let found = self
            .table(table)?
            .get(key)
            .map_err(|error| StoreError::backend("read a key", error))?;
        Ok(found.map(|guard| Value::from(guard.value())))
    }

    fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Value)>, StoreError> {
        let failed = |error| StoreError::backend("scan a range", error);
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let mut entries = self
            .table(table)?
            .range::<&[u8]>((range.start(), range.end()))
            .map_err(failed)?;
        let mut next = || match order {
            Order::Ascending => entries.next(),
            Order::Descending => entries.next_back(),
        };
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(entry) = next() else { break };
            let (key, value) = entry.map_err(failed)?;
            found.push((key.value().to_vec(), Value::from(value.value())));
        }
        Ok(found)
    }
}
