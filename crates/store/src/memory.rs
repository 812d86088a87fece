//! The store in memory: persistent trees, so that a snapshot is one reference count and never waits for a writer.

mod tree;

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use crate::{
    Batch, KeyRange, Order, Snapshot, Store, StoreError, Table, Value, memory::tree::Tree,
};

type Tables = [Tree; Table::ALL.len()];

/// A store that forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryStore {
    current: RwLock<Arc<Tables>>,
    /// Held for a whole commit, so that preconditions and writes see one state; readers take only `current`.
    writer: Mutex<()>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> Arc<Tables> {
        // A poisoned lock guards nothing half-done: `current` is only ever replaced by one assignment.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MemoryStore")
            .finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        Ok(Box::new(MemorySnapshot(self.tables())))
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.check_keys()?;
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tables = Tables::clone(&self.tables());
        for expectation in batch.expectations() {
            let present = tables[expectation.table.index()].get(&expectation.key);
            if present.as_deref() != expectation.value.as_deref() {
                return Err(StoreError::Conflict {
                    table: expectation.table,
                    key: expectation.key.clone(),
                });
            }
        }
        for write in batch.writes() {
            let tree = &mut tables[write.table.index()];
            match &write.value {
                Some(value) => tree.insert(&write.key, value),
                None => tree.remove(&write.key),
            }
        }
        let tables = Arc::new(tables);
        let previous = {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, tables)
        };
        // Freed outside the lock: the last reference to many nodes may end here.
        drop(previous);
        Ok(())
    }

    fn describe(&self) -> String {
        "memory store (forgets everything at exit)".to_owned()
    }
}

struct MemorySnapshot(Arc<Tables>);

impl Snapshot for MemorySnapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Value>, StoreError> {
        Ok(self.0[table.index()].get(key))
    }

    fn view(&self, table: Table, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        Ok(self.0[table.index()].view(key).map(Cow::Borrowed))
    }

    fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Value)>, StoreError> {
        Ok(self.0[table.index()].scan(range, order, limit))
    }
}
