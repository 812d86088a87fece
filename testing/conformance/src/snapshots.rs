//! What must hold of snapshots that live long and of tables that are long.

use valence_coprocessor_store::{Batch, KeyRange, Order, Snapshot, Store, Table};

use crate::suite::put;

const VERSIONS: u8 = 24;
const ROWS: u32 = 10_000;
const LARGE: usize = 100_000;

/// Each of many snapshots goes on showing what was there when it was taken.
pub(crate) fn every_snapshot_keeps_its_own_version(store: &dyn Store) {
    let mut snapshots = Vec::new();
    for version in 0..VERSIONS {
        // Three keys that come, change and go at different times.
        let mut batch = Batch::new();
        batch.put(Table::Jobs, b"always", [version]);
        for (divisor, key) in [(2, b"second"), (3, b"third!")] {
            if version % divisor == 0 {
                batch.put(Table::Jobs, key, [version]);
            } else {
                batch.delete(Table::Jobs, key);
            }
        }
        store.commit(batch).expect("a batch commits");
        snapshots.push(store.snapshot().expect("a snapshot opens"));
    }
    for (version, snapshot) in (0..VERSIONS).zip(&snapshots) {
        let expected: Vec<(Vec<u8>, Vec<u8>)> = [(1, b"always"), (2, b"second"), (3, b"third!")]
            .into_iter()
            .filter(|(divisor, _)| version % divisor == 0)
            .map(|(_, key)| (key.to_vec(), vec![version]))
            .collect();
        assert_eq!(rows(&**snapshot, Order::Ascending), expected);
        for (key, value) in expected {
            let found = snapshot.get(Table::Jobs, &key).expect("a key reads");
            assert_eq!(found.as_deref(), Some(value.as_slice()));
        }
    }
}

/// A scan gives every row, however many there are and whatever was deleted among them.
pub(crate) fn long_tables_are_scanned_whole(store: &dyn Store) {
    let key = |number: u32| number.to_be_bytes().to_vec();
    let mut batch = Batch::new();
    for number in 0..ROWS {
        batch.put(Table::Jobs, key(number), key(number));
    }
    store.commit(batch).expect("a long batch commits");
    let before = store.snapshot().expect("a snapshot opens");
    let mut batch = Batch::new();
    let stays = |number: &u32| number.is_multiple_of(3);
    for number in (0..ROWS).filter(|number| !stays(number)) {
        batch.delete(Table::Jobs, key(number));
    }
    store.commit(batch).expect("a long batch commits");
    let after = store.snapshot().expect("a snapshot opens");
    let all: Vec<_> = (0..ROWS).map(|number| (key(number), key(number))).collect();
    let rest: Vec<_> = (0..ROWS)
        .filter(stays)
        .map(|number| (key(number), key(number)))
        .collect();
    for (snapshot, mut expected) in [(&before, all), (&after, rest)] {
        assert_eq!(rows(&**snapshot, Order::Ascending), expected);
        expected.reverse();
        assert_eq!(rows(&**snapshot, Order::Descending), expected);
    }
}

/// The size of values does not change what a scan gives.
pub(crate) fn large_values_are_scanned_whole(store: &dyn Store) {
    let expected: Vec<_> = (0..30u8)
        .map(|number| (vec![number], vec![number; LARGE]))
        .collect();
    for (key, value) in &expected {
        put(store, Table::Jobs, key, value);
    }
    let snapshot = store.snapshot().expect("a snapshot opens");
    assert_eq!(rows(&*snapshot, Order::Ascending), expected);
}

fn rows(snapshot: &dyn Snapshot, order: Order) -> Vec<(Vec<u8>, Vec<u8>)> {
    let entries = snapshot.scan(Table::Jobs, &KeyRange::all(), order, usize::MAX);
    entries
        .expect("a range can be scanned")
        .into_iter()
        .map(|(key, value)| (key, Vec::from(value)))
        .collect()
}
