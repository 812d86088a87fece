//! A batch: what is written together, and what must hold for it to be written at all.

use crate::{MAX_KEY_BYTES, StoreError, Table};

/// One write of a batch; `value` is `None` for a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The table.
    pub table: Table,
    /// The key.
    pub key: Vec<u8>,
    /// The new value, or `None` to delete.
    pub value: Option<Vec<u8>>,
}

/// One precondition of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The table.
    pub table: Table,
    /// The key.
    pub key: Vec<u8>,
    /// What the key must hold before the batch; `None` means that it must be absent.
    pub value: Option<Vec<u8>>,
}

/// Writes and preconditions that a store commits atomically.
///
/// Preconditions are about the state before the batch. Writes apply in order: of two to one key, the later counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a batch does nothing until it is committed"]
pub struct Batch {
    writes: Vec<Write>,
    expectations: Vec<Expectation>,
}

impl Batch {
    /// An empty batch.
    pub const fn new() -> Self {
        Self {
            writes: Vec::new(),
            expectations: Vec::new(),
        }
    }

    /// Writes `value` under `key`.
    pub fn put(&mut self, table: Table, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.writes.push(Write {
            table,
            key: key.into(),
            value: Some(value.into()),
        });
    }

    /// Deletes `key`; that it is absent already is not an error.
    pub fn delete(&mut self, table: Table, key: impl Into<Vec<u8>>) {
        self.writes.push(Write {
            table,
            key: key.into(),
            value: None,
        });
    }

    /// Demands that `key` holds `value` (`None`: is absent) when the batch is committed.
    pub fn expect(&mut self, table: Table, key: impl Into<Vec<u8>>, value: Option<Vec<u8>>) {
        self.expectations.push(Expectation {
            table,
            key: key.into(),
            value,
        });
    }

    /// Appends the writes and preconditions of another batch.
    pub fn extend(&mut self, other: Self) {
        self.writes.extend(other.writes);
        self.expectations.extend(other.expectations);
    }

    /// The writes, in order.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// The preconditions.
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }

    /// Whether the batch neither writes nor demands anything.
    pub const fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.expectations.is_empty()
    }

    /// Checks what every store demands of keys; adapters call it first.
    pub fn check_keys(&self) -> Result<(), StoreError> {
        let written = self.writes.iter().map(|write| (write.table, &write.key));
        let expected = self.expectations.iter().map(|one| (one.table, &one.key));
        written
            .chain(expected)
            .find(|(_, key)| key.len() > MAX_KEY_BYTES)
            .map_or(Ok(()), |(table, key)| {
                Err(StoreError::KeyTooLong {
                    table,
                    got: key.len(),
                    max: MAX_KEY_BYTES,
                })
            })
    }
}
