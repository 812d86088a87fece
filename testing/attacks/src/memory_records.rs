//! `MemoryRecords`: the tables of a history in memory.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;

use valence_coprocessor_history::{HistoryTable, Neighbours, ReadRecords, Write, block_key};
use valence_coprocessor_protocol::DomainId;

/// The tables of a history in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryRecords {
    tables: BTreeMap<HistoryTable, BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl MemoryRecords {
    /// Writes what a ledger returned.
    pub fn commit(&mut self, writes: Vec<Write>) {
        for write in writes {
            self.tables
                .entry(write.table)
                .or_default()
                .insert(write.key, write.value);
        }
    }

    /// The value of a key, to damage it in a test.
    pub fn value_mut(&mut self, table: HistoryTable, key: &[u8]) -> Option<&mut Vec<u8>> {
        self.tables.get_mut(&table)?.get_mut(key)
    }

    /// Number of bytes in all keys and values.
    pub fn size(&self) -> usize {
        let entries = self.tables.values().flatten();
        entries.map(|(key, value)| key.len() + value.len()).sum()
    }
}

impl ReadRecords for MemoryRecords {
    type Error = Infallible;

    fn get(&self, table: HistoryTable, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, Infallible> {
        let value = self.tables.get(&table).and_then(|table| table.get(key));
        Ok(value.map(|value| Cow::Borrowed(value.as_slice())))
    }

    fn neighbours(&self, domain: DomainId, number: u64) -> Result<Neighbours, Infallible> {
        let Some(blocks) = self.tables.get(&HistoryTable::Blocks) else {
            return Ok(Neighbours::default());
        };
        let key = block_key(domain, number).to_vec();
        let first = block_key(domain, 0).to_vec();
        let last = block_key(domain, u64::MAX).to_vec();
        Ok(Neighbours {
            below: blocks
                .range(first..key.clone())
                .next_back()
                .map(|(key, _)| number_of(key)),
            above: blocks
                .range(key..=last)
                .find(|(key, _)| number_of(key) != number)
                .map(|(key, _)| number_of(key)),
        })
    }
}

fn number_of(key: &[u8]) -> u64 {
    let (_, number) = key
        .split_last_chunk::<8>()
        .expect("block keys have 40 bytes");
    u64::from_be_bytes(*number)
}
