//! The port: a store gives consistent snapshots and commits batches.

use core::fmt::Debug;
use std::borrow::Cow;

use crate::{Batch, KeyRange, Order, StoreError, Table, Value};

/// A key-value store with tables.
pub trait Store: Send + Sync + Debug {
    /// A consistent view of the state as of now. Later commits do not show in it, and it holds up no commit.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError>;

    /// The value under `key` as of now: what a snapshot of this moment holds, without a snapshot where the store can.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Value>, StoreError> {
        self.snapshot()?.get(table, key)
    }

    /// Commits a batch atomically. When this returns `Ok`, the batch survives a crash (as far as the medium does);
    /// when it returns an error, nothing of it was written, except that a store at the far end of a network may have to
    /// say [`StoreError::Unconfirmed`].
    fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Whether other processes may have this store open: then what was read a moment ago may be another's past.
    fn is_shared(&self) -> bool {
        false
    }

    /// One phrase for people, such as `embedded store at /var/lib/valence`.
    fn describe(&self) -> String;
}

/// A consistent view of a store.
pub trait Snapshot: Send + Sync {
    /// The value under `key`.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Value>, StoreError>;

    /// The value under `key` without a copy where the store can lend it, for reads that come by the million.
    fn view(&self, table: Table, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        let value = self.get(table, key)?;
        Ok(value.map(|value| Cow::Owned(value.into())))
    }

    /// Up to `limit` entries of a range, in the given order.
    fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Value)>, StoreError>;
}
