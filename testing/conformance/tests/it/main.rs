//! The suite on the store in memory and on the failing store, and proof that the failing store fails.

use valence_coprocessor_conformance::{FailingStore, InjectedFailure, run};
use valence_coprocessor_store::{Batch, MemoryStore, Store as _, StoreError, Table};

#[test]
fn the_memory_store_conforms() {
    run(2_000, MemoryStore::new);
}

#[test]
fn a_failing_store_that_is_not_told_to_fail_conforms() {
    run(50, || FailingStore::new(MemoryStore::new()));
}

#[test]
fn exactly_the_chosen_commit_fails_and_writes_nothing() {
    let store = FailingStore::new(MemoryStore::new());
    let put = |number: u8| {
        let mut batch = Batch::new();
        batch.put(Table::Meta, [number], [number]);
        store.commit(batch)
    };
    put(1).expect("nothing fails yet");
    store.fail_commit(2);
    put(2).expect("the first from now");
    let failure = put(3).expect_err("the second from now");
    put(4).expect("the third from now");
    let StoreError::Backend { source, .. } = failure else {
        panic!("an injected failure is the medium's, got {failure:?}");
    };
    assert!(source.is::<InjectedFailure>());
    assert_eq!(store.commits(), 4);
    let snapshot = store.inside().snapshot().expect("a snapshot opens");
    for (number, is_there) in [(1, true), (2, true), (3, false), (4, true)] {
        let found = snapshot.get(Table::Meta, &[number]).expect("a key reads");
        assert_eq!(found.is_some(), is_there);
    }
}
