//! A damaged store gives a named error, not a wrong path, a panic or an endless walk.

use proptest::prelude::*;
use valence_coprocessor_attacks::MemoryRecords;
use valence_coprocessor_history::{HEAD_KEY, HistoryTable, Ledger, LedgerError};

use crate::model::block;

const BLOCKS: u64 = 20;

fn records() -> MemoryRecords {
    let mut records = MemoryRecords::default();
    let mut ledger = Ledger::new(records.clone());
    for number in 0..BLOCKS {
        let domain = if number % 3 == 0 { 2 } else { 1 };
        ledger
            .append(&block(domain, number, 5))
            .expect("numbers rise");
    }
    records.commit(ledger.into_writes());
    records
}

proptest! {
    #[test]
    fn any_damage_to_a_record_ends(
        sequence in 1..=BLOCKS,
        at: prop::sample::Index,
        value: u8,
        cut: Option<prop::sample::Index>,
    ) {
        let mut records = records();
        let root = Ledger::new(records.clone()).root().expect("memory does not fail");
        let record = records.value_mut(HistoryTable::Records, &sequence.to_be_bytes());
        let record = record.expect("the record is there");
        let at = at.index(record.len());
        record[at] = value;
        if let Some(cut) = cut {
            record.truncate(cut.index(record.len()));
        }
        // Contents are verified by whoever opens; here it counts that every walk ends.
        let mut ledger = Ledger::new(records);
        for number in 0..BLOCKS {
            for domain in [1, 2] {
                let _ = ledger.opening(&root, block(domain, 0, 0).domain, number).map_err(drop);
            }
            let _ = ledger.append_proof(number).map_err(drop);
        }
        let _ = ledger.append(&block(1, 100, 1)).map_err(drop);
    }
}

#[test]
fn damage_has_a_name() {
    let honest = records();
    let root = Ledger::new(honest.clone())
        .root()
        .expect("memory does not fail");
    let mut records = honest.clone();
    records
        .value_mut(HistoryTable::Records, &BLOCKS.to_be_bytes())
        .expect("stored")
        .truncate(9);
    let error = Ledger::new(records).opening(&root, block(1, 0, 0).domain, 1);
    assert!(matches!(
        error,
        Err(LedgerError::Damaged { sequence: BLOCKS })
    ));
    let mut records = honest;
    records
        .value_mut(HistoryTable::Meta, HEAD_KEY)
        .expect("stored")
        .push(0);
    let error = Ledger::new(records).sequence();
    assert!(matches!(
        error,
        Err(LedgerError::DamagedIndex {
            table: HistoryTable::Meta
        })
    ));
}
