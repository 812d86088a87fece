//! A snapshot: the number of a version, at which everything is read.

use redis::{Cmd, FromRedisValue, Script};
use valence_coprocessor_store::{KeyRange, Order, Snapshot, StoreError, Table, Value};

use crate::{RedisFailure, RedisStore, blocking::wait_for, layout};

/// What a part of a scan holds at most, so that no scan keeps Redis from others for more than some milliseconds.
const PART_ROWS: usize = 4_096;
const PART_BYTES: usize = 1 << 20;
const PART_KEYS: usize = 4_096;

/// A consistent view of the store.
pub(crate) struct RedisSnapshot<'a> {
    store: &'a RedisStore,
    version: String,
    /// Identity of the commit that made the version: after a fail-over that lost it, its number may be another's.
    commit: Vec<u8>,
}

impl<'a> RedisSnapshot<'a> {
    pub(crate) fn take(store: &'a RedisStore) -> Result<Self, StoreError> {
        let script = &store.scripts.snapshot;
        let mut call = store.scripts.call(script);
        call.arg(&store.identity);
        let (version, commit) = store.ask("begin a snapshot", script, &call)?;
        Ok(Self {
            store,
            version,
            commit,
        })
    }

    fn call(&self, script: &Script) -> Cmd {
        let mut call = self.store.scripts.call(script);
        call.arg(&self.store.identity)
            .arg(&self.version)
            .arg(&self.commit);
        call
    }

    fn ask<T: FromRedisValue>(
        &self,
        operation: &'static str,
        script: &Script,
        call: &Cmd,
    ) -> Result<T, StoreError> {
        self.store.ask(operation, script, call)
    }

    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Value>, StoreError> {
        let seen = [self.version.as_bytes(), &self.commit];
        self.store.read(table, key, &seen)
    }

    /// One part of a scan from `first` to `last`; the name after which the next part begins, if there is one.
    fn read_part(
        &self,
        (first, last): (&[u8], &[u8]),
        order: Order,
        rows: usize,
    ) -> Result<(Vec<u8>, Vec<Vec<u8>>), StoreError> {
        let script = &self.store.scripts.scan;
        let mut call = self.call(script);
        call.arg(first)
            .arg(last)
            .arg(match order {
                Order::Ascending => "ascending",
                Order::Descending => "descending",
            })
            .arg(rows.min(PART_ROWS))
            .arg(PART_BYTES)
            .arg(PART_KEYS);
        let mut answer: Vec<Vec<u8>> = self.ask("scan a range", script, &call)?;
        if answer.len().is_multiple_of(2) {
            return Err(StoreError::backend("scan a range", RedisFailure::Answer));
        }
        let rows = answer.split_off(1);
        Ok((answer.pop().unwrap_or_default(), rows))
    }

    fn read_range(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Value)>, StoreError> {
        let (smallest, largest) = layout::bounds(table, range);
        let (mut first, last) = match order {
            Order::Ascending => (smallest, largest),
            Order::Descending => (largest, smallest),
        };
        let mut found = Vec::new();
        loop {
            let wanted = limit - found.len();
            let (next, rows) = self.read_part((&first, &last), order, wanted)?;
            let mut rows = rows.into_iter();
            while let (Some(name), Some(value)) = (rows.next(), rows.next()) {
                let key = layout::key_of(table, &name)
                    .ok_or_else(|| StoreError::backend("scan a range", RedisFailure::Answer))?;
                found.push((key.to_vec(), Value::from(value)));
            }
            if found.len() >= limit || next.is_empty() {
                return Ok(found);
            }
            first = layout::beyond(&next);
        }
    }
}

impl Snapshot for RedisSnapshot<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Value>, StoreError> {
        wait_for(|| self.read(table, key))
    }

    fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Value)>, StoreError> {
        if range.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        wait_for(|| self.read_range(table, range, order, limit))
    }
}
