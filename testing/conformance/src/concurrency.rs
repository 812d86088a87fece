//! What must hold when several threads use one store.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use valence_coprocessor_store::{Batch, Store, StoreError, Table};

use crate::suite::{get, put};

const THREADS: u64 = 4;
const INCREMENTS: u64 = 25;

/// Every thread reads, adds one and commits on the condition that nobody wrote in between.
pub(crate) fn counters_lose_no_increment(store: &dyn Store) {
    put(store, Table::Meta, b"counter", &0u64.to_be_bytes());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..INCREMENTS {
                    increment(store);
                }
            });
        }
    });
    assert_eq!(
        get(store, Table::Meta, b"counter"),
        Some((THREADS * INCREMENTS).to_be_bytes().into())
    );
}

fn increment(store: &dyn Store) {
    loop {
        let before = get(store, Table::Meta, b"counter").expect("the counter is never deleted");
        let number = u64::from_be_bytes(before.as_slice().try_into().expect("eight bytes"));
        let mut batch = Batch::new();
        batch.expect(Table::Meta, b"counter", Some(before));
        batch.put(Table::Meta, b"counter", (number + 1).to_be_bytes());
        match store.commit(batch) {
            Ok(()) => return,
            Err(StoreError::Conflict { .. }) => {}
            Err(other) => panic!("only a conflict may refuse an increment, got {other:?}"),
        }
    }
}

/// One thread writes two tables together; another never sees one without the other.
pub(crate) fn a_snapshot_sees_whole_batches(store: &dyn Store) {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..100u64 {
                let mut batch = Batch::new();
                batch.put(Table::Jobs, b"pair", number.to_be_bytes());
                batch.put(Table::Proofs, b"pair", number.to_be_bytes());
                store.commit(batch).expect("a batch commits");
            }
            is_done.store(true, Ordering::Release);
        });
        while !is_done.load(Ordering::Acquire) {
            let snapshot = store.snapshot().expect("a snapshot opens");
            let first = snapshot.get(Table::Jobs, b"pair").expect("a key reads");
            let second = snapshot.get(Table::Proofs, b"pair").expect("a key reads");
            assert_eq!(first, second, "half a batch was seen");
        }
    });
}
