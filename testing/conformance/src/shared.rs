//! What must hold of a store that several processes have open, shown with two openings of one store.

use std::thread;

use valence_coprocessor_store::{Batch, KeyRange, Order, Store, StoreError, Table};

use crate::suite::{get, put};

/// How many times each side tries to be the one who takes a number.
const TAKEN: u64 = 40;

/// Runs the suite of shared stores; `open` gives two openings of one fresh, empty store.
pub fn run_shared<S: Store>(open: impl Fn() -> (S, S)) {
    let (first, second) = open();
    what_one_wrote_the_other_reads(&first, &second);
    let (first, second) = open();
    one_snapshot_does_not_move_when_the_other_writes(&first, &second);
    let (first, second) = open();
    each_number_is_taken_once(&first, &second);
}

fn what_one_wrote_the_other_reads(first: &dyn Store, second: &dyn Store) {
    assert!(first.is_shared() && second.is_shared());
    for number in 0..20u8 {
        put(first, Table::Jobs, b"key", &[number]);
        assert_eq!(get(second, Table::Jobs, b"key"), Some(vec![number]));
    }
    let mut batch = Batch::new();
    batch.expect(Table::Jobs, b"key", Some(vec![0]));
    batch.put(Table::Jobs, b"key", b"late");
    let refused = second
        .commit(batch)
        .expect_err("the first has written since");
    assert!(matches!(refused, StoreError::Conflict { .. }));
}

fn one_snapshot_does_not_move_when_the_other_writes(first: &dyn Store, second: &dyn Store) {
    put(first, Table::Jobs, b"key", b"old");
    let snapshot = first.snapshot().expect("a snapshot opens");
    put(second, Table::Jobs, b"key", b"new");
    put(second, Table::Jobs, b"other", b"new");
    let found = snapshot.get(Table::Jobs, b"key").expect("a key reads");
    assert_eq!(found.as_deref(), Some(&b"old"[..]));
    let rows = snapshot
        .scan(Table::Jobs, &KeyRange::all(), Order::Ascending, 9)
        .expect("a range can be scanned");
    assert_eq!(rows.len(), 1);
}

/// As instances take jobs: read what is next, write on the condition that nobody did meanwhile.
fn each_number_is_taken_once(first: &dyn Store, second: &dyn Store) {
    thread::scope(|scope| {
        for (name, store) in [(b"first ", first), (b"second", second)] {
            scope.spawn(move || {
                for _ in 0..TAKEN {
                    while !take_next(store, name) {}
                }
            });
        }
    });
    let snapshot = first.snapshot().expect("a snapshot opens");
    let rows = snapshot
        .scan(Table::Jobs, &KeyRange::all(), Order::Ascending, usize::MAX)
        .expect("a range can be scanned");
    let numbers: Vec<Vec<u8>> = rows.iter().map(|(key, _)| key.clone()).collect();
    let expected: Vec<Vec<u8>> = (0..2 * TAKEN).map(|at| at.to_be_bytes().into()).collect();
    assert_eq!(numbers, expected);
    for name in [b"first ", b"second"] {
        let taken = rows.iter().filter(|(_, value)| *value == *name).count();
        assert_eq!(taken as u64, TAKEN);
    }
}

/// Whether the next number is now this side's.
fn take_next(store: &dyn Store, name: &[u8]) -> bool {
    let snapshot = store.snapshot().expect("a snapshot opens");
    let last = snapshot
        .scan(Table::Jobs, &KeyRange::all(), Order::Descending, 1)
        .expect("a range can be scanned");
    let next = last.first().map_or(0, |(key, _)| {
        1 + u64::from_be_bytes(key.as_slice().try_into().expect("eight bytes"))
    });
    let mut batch = Batch::new();
    batch.expect(Table::Jobs, next.to_be_bytes(), None);
    batch.put(Table::Jobs, next.to_be_bytes(), name);
    match store.commit(batch) {
        Ok(()) => true,
        Err(StoreError::Conflict { .. }) => false,
        Err(other) => panic!("only a conflict may refuse a number, got {other:?}"),
    }
}
