//! The suite: every rule of the port as a function that panics with what was broken.

use core::ops::Bound;

use valence_coprocessor_store::{
    Batch, KeyRange, MAX_KEY_BYTES, Order, Snapshot, Store, StoreError, Table,
};

use crate::{concurrency, model, snapshots};

/// Runs the whole suite; `open` returns a fresh, empty store each time, which is dropped after use.
pub fn run<S: Store>(cases: u32, open: impl Fn() -> S) {
    an_empty_store_is_empty(&open());
    what_is_written_is_read(&open());
    tables_are_apart(&open());
    the_last_write_to_a_key_counts(&open());
    an_empty_batch_changes_nothing(&open());
    a_snapshot_does_not_move(&open());
    a_broken_expectation_refuses_the_whole_batch(&open());
    expectations_are_about_the_state_before_the_batch(&open());
    scans_keep_order_bounds_and_limit(&open());
    prefixes_end_where_they_should(&open());
    keys_have_a_limit_and_values_do_not(&open());
    snapshots::every_snapshot_keeps_its_own_version(&open());
    snapshots::long_tables_are_scanned_whole(&open());
    snapshots::large_values_are_scanned_whole(&open());
    concurrency::counters_lose_no_increment(&open());
    concurrency::a_snapshot_sees_whole_batches(&open());
    model::random_histories_agree(cases, &open);
}

/// Commits one put.
pub(crate) fn put(store: &dyn Store, table: Table, key: &[u8], value: &[u8]) {
    let mut batch = Batch::new();
    batch.put(table, key, value);
    store.commit(batch).expect("one put commits");
}

/// Reads one key through a snapshot of its own.
pub(crate) fn get(store: &dyn Store, table: Table, key: &[u8]) -> Option<Vec<u8>> {
    let snapshot = store.snapshot().expect("a snapshot opens");
    read(&*snapshot, table, key)
}

fn read(snapshot: &dyn Snapshot, table: Table, key: &[u8]) -> Option<Vec<u8>> {
    let value = snapshot.get(table, key).expect("a key can be read");
    let view = snapshot.view(table, key).expect("a key can be viewed");
    assert_eq!(value.as_deref(), view.as_deref(), "both ways to read agree");
    value.map(Vec::from)
}

fn keys(store: &dyn Store, range: &KeyRange, order: Order, limit: usize) -> Vec<Vec<u8>> {
    let snapshot = store.snapshot().expect("a snapshot opens");
    let entries = snapshot
        .scan(Table::Files, range, order, limit)
        .expect("a range can be scanned");
    entries
        .into_iter()
        .map(|(key, value)| {
            assert_eq!(value, key, "each key was stored with itself as its value");
            key
        })
        .collect()
}

fn an_empty_store_is_empty(store: &dyn Store) {
    let snapshot = store.snapshot().expect("a snapshot opens");
    for table in Table::ALL {
        assert_eq!(read(&*snapshot, table, b""), None);
        let entries = snapshot.scan(table, &KeyRange::all(), Order::Ascending, 1);
        assert_eq!(entries.expect("an empty table can be scanned"), []);
    }
    assert!(!store.describe().is_empty());
}

fn what_is_written_is_read(store: &dyn Store) {
    let mut batch = Batch::new();
    batch.put(Table::Meta, b"", b"under the empty key");
    batch.put(Table::Meta, b"empty", b"");
    batch.put(Table::Meta, [0], [0]);
    batch.put(Table::Meta, [0, 0], [0, 0]);
    store.commit(batch).expect("a batch commits");
    let expected: [(&[u8], &[u8]); 4] = [
        (b"", b"under the empty key"),
        (b"empty", b""),
        (&[0], &[0]),
        (&[0, 0], &[0, 0]),
    ];
    for (key, value) in expected {
        assert_eq!(get(store, Table::Meta, key).as_deref(), Some(value));
    }
    assert_eq!(get(store, Table::Meta, b"empt"), None);
    assert_eq!(get(store, Table::Meta, b"empty\0"), None);
    put(store, Table::Meta, &[0], b"replaced");
    assert_eq!(
        get(store, Table::Meta, &[0]).as_deref(),
        Some(&b"replaced"[..])
    );
    let mut batch = Batch::new();
    batch.delete(Table::Meta, [0]);
    batch.delete(Table::Meta, b"never there");
    store.commit(batch).expect("deletions commit");
    assert_eq!(get(store, Table::Meta, &[0]), None);
    assert_eq!(get(store, Table::Meta, &[0, 0]), Some(vec![0, 0]));
}

fn tables_are_apart(store: &dyn Store) {
    let mut batch = Batch::new();
    for table in Table::ALL {
        batch.put(table, b"same", table.name());
    }
    store
        .commit(batch)
        .expect("a batch over all tables commits");
    for table in Table::ALL {
        assert_eq!(get(store, table, b"same"), Some(table.name().into()));
    }
}

fn the_last_write_to_a_key_counts(store: &dyn Store) {
    let mut batch = Batch::new();
    batch.put(Table::Raw, b"a", b"1");
    batch.put(Table::Raw, b"a", b"2");
    batch.put(Table::Raw, b"b", b"1");
    batch.delete(Table::Raw, b"b");
    batch.delete(Table::Raw, b"c");
    batch.put(Table::Raw, b"c", b"1");
    store.commit(batch).expect("a batch commits");
    assert_eq!(get(store, Table::Raw, b"a"), Some(b"2".into()));
    assert_eq!(get(store, Table::Raw, b"b"), None);
    assert_eq!(get(store, Table::Raw, b"c"), Some(b"1".into()));
}

fn an_empty_batch_changes_nothing(store: &dyn Store) {
    put(store, Table::Raw, b"a", b"1");
    store.commit(Batch::new()).expect("an empty batch commits");
    assert_eq!(get(store, Table::Raw, b"a"), Some(b"1".into()));
}

fn a_snapshot_does_not_move(store: &dyn Store) {
    put(store, Table::Jobs, b"changed", b"old");
    put(store, Table::Jobs, b"deleted", b"old");
    let before = store.snapshot().expect("a snapshot opens");
    // Committing while a snapshot is held must neither wait for it nor show in it.
    let mut batch = Batch::new();
    batch.put(Table::Jobs, b"changed", b"new");
    batch.delete(Table::Jobs, b"deleted");
    batch.put(Table::Jobs, b"added", b"new");
    store
        .commit(batch)
        .expect("a batch commits beside a snapshot");
    assert_eq!(read(&*before, Table::Jobs, b"changed"), Some(b"old".into()));
    assert_eq!(read(&*before, Table::Jobs, b"deleted"), Some(b"old".into()));
    assert_eq!(read(&*before, Table::Jobs, b"added"), None);
    assert_eq!(get(store, Table::Jobs, b"changed"), Some(b"new".into()));
    assert_eq!(get(store, Table::Jobs, b"deleted"), None);
    assert_eq!(get(store, Table::Jobs, b"added"), Some(b"new".into()));
}

fn a_broken_expectation_refuses_the_whole_batch(store: &dyn Store) {
    put(store, Table::Registry, b"present", b"value");
    let broken: [(&[u8], Option<&[u8]>); 4] = [
        (b"present", None),
        (b"present", Some(b"other")),
        (b"present", Some(b"")),
        (b"absent", Some(b"value")),
    ];
    for (key, value) in broken {
        let mut batch = Batch::new();
        batch.put(Table::Files, b"first", b"1");
        batch.expect(Table::Registry, b"present", Some(b"value".into()));
        batch.expect(Table::Registry, key, value.map(Vec::from));
        batch.put(Table::Registry, b"second", b"1");
        let refused = store.commit(batch).expect_err("the expectation is broken");
        assert!(
            matches!(&refused, StoreError::Conflict { table: Table::Registry, key: named } if named == key),
            "a conflict names its key, got {refused:?}"
        );
        assert_eq!(get(store, Table::Files, b"first"), None);
        assert_eq!(get(store, Table::Registry, b"second"), None);
    }
}

fn expectations_are_about_the_state_before_the_batch(store: &dyn Store) {
    let mut batch = Batch::new();
    batch.put(Table::Registry, b"key", b"1");
    batch.expect(Table::Registry, b"key", None);
    store.commit(batch).expect("the key was absent before");
    let mut batch = Batch::new();
    batch.put(Table::Registry, b"key", b"2");
    batch.expect(Table::Registry, b"key", Some(b"1".into()));
    store.commit(batch).expect("the key held 1 before");
    assert_eq!(get(store, Table::Registry, b"key"), Some(b"2".into()));
}

fn scans_keep_order_bounds_and_limit(store: &dyn Store) {
    let stored: [&[u8]; 7] = [b"", &[0], &[0, 0], &[1], &[0x7f], &[0x80, 1], &[0xff, 0xff]];
    for key in stored {
        put(store, Table::Files, key, key);
    }
    let all = keys(store, &KeyRange::all(), Order::Ascending, usize::MAX);
    assert_eq!(all, stored);
    let mut reversed = keys(store, &KeyRange::all(), Order::Descending, usize::MAX);
    reversed.reverse();
    assert_eq!(reversed, stored);
    let between = KeyRange::new(Bound::Excluded(vec![0]), Bound::Included(vec![0x80, 1]));
    assert_eq!(keys(store, &between, Order::Ascending, 9), stored[2..6]);
    assert_eq!(keys(store, &between, Order::Ascending, 2), stored[2..4]);
    assert_eq!(keys(store, &between, Order::Descending, 1), stored[5..6]);
    assert_eq!(keys(store, &between, Order::Descending, 0), stored[..0]);
    let absent_bounds = KeyRange::new(Bound::Included(vec![0, 1]), Bound::Excluded(vec![0x80]));
    assert_eq!(
        keys(store, &absent_bounds, Order::Ascending, 9),
        stored[3..5]
    );
    for empty in [
        KeyRange::new(Bound::Included(vec![2]), Bound::Excluded(vec![1])),
        KeyRange::new(Bound::Excluded(vec![1]), Bound::Excluded(vec![1])),
        KeyRange::new(Bound::Included(vec![1]), Bound::Excluded(vec![1])),
    ] {
        assert_eq!(keys(store, &empty, Order::Ascending, 9), stored[..0]);
    }
}

fn prefixes_end_where_they_should(store: &dyn Store) {
    let stored: [&[u8]; 6] = [
        &[1],
        &[1, 0xff],
        &[1, 0xff, 0xff, 0xff],
        &[2],
        &[0xff],
        &[0xff, 0xff, 7],
    ];
    for key in stored {
        put(store, Table::Files, key, key);
    }
    let under = |prefix: &[u8]| keys(store, &KeyRange::prefix(prefix), Order::Ascending, 9);
    assert_eq!(under(&[]), stored);
    assert_eq!(under(&[1]), stored[..3]);
    assert_eq!(under(&[1, 0xff]), stored[1..3]);
    assert_eq!(under(&[0xff]), stored[4..]);
    assert_eq!(under(&[0xff, 0xff]), stored[5..]);
    assert_eq!(under(&[3]), stored[..0]);
}

fn keys_have_a_limit_and_values_do_not(store: &dyn Store) {
    let longest = vec![0xab; MAX_KEY_BYTES];
    // A wasm or ELF module of the size that a user may upload.
    let large: Vec<u8> = (0..8_000_003u32).map(|at| at.to_le_bytes()[1]).collect();
    put(store, Table::Modules, &longest, &large);
    assert_eq!(get(store, Table::Modules, &longest), Some(large));
    let mut batch = Batch::new();
    batch.put(Table::Modules, b"beside", b"1");
    batch.put(Table::Modules, vec![0xab; MAX_KEY_BYTES + 1], b"1");
    let refused = store.commit(batch).expect_err("the key is too long");
    assert!(matches!(refused, StoreError::KeyTooLong { got, .. } if got == MAX_KEY_BYTES + 1));
    assert_eq!(get(store, Table::Modules, b"beside"), None);
}
