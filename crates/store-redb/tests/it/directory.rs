//! Opening data directories: new, old, taken, damaged, impossible.

use std::fs;

use tempfile::TempDir;
use valence_coprocessor_store::{Batch, Store as _, Table};
use valence_coprocessor_store_redb::{FILE_NAME, OpenError, RedbStore};

#[test]
fn a_directory_is_created_and_keeps_what_was_written() {
    let parent = TempDir::new().expect("a temporary directory");
    let directory = parent.path().join("not/yet/there");
    let store = RedbStore::open(&directory).expect("the directory is created");
    // Anybody may ask a service what its store is: the answer names no path.
    assert!(!store.describe().contains(&directory.display().to_string()));
    let mut batch = Batch::new();
    batch.put(Table::Roots, b"key", b"value");
    store.commit(batch).expect("a batch commits");
    drop(store);
    let store = RedbStore::open(&directory).expect("the directory opens again");
    let snapshot = store.snapshot().expect("a snapshot opens");
    let value = snapshot.get(Table::Roots, b"key").expect("a key reads");
    assert_eq!(value.as_deref(), Some(&b"value"[..]));
}

#[test]
fn a_second_opener_is_told_who_is_in_the_way_and_what_to_do() {
    let directory = TempDir::new().expect("a temporary directory");
    let first = RedbStore::open(directory.path()).expect("the first opens");
    let refused = RedbStore::open(directory.path()).expect_err("the second is refused");
    assert!(matches!(&refused, OpenError::Locked { path } if path == directory.path()));
    assert!(
        refused
            .to_string()
            .contains("in use by another process; stop that process")
    );
    drop(first);
    RedbStore::open(directory.path()).expect("free again");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let directory = TempDir::new().expect("a temporary directory");
    let path = directory.path().join(FILE_NAME);
    fs::write(&path, b"not a database, but somebody's file").expect("a file is written");
    let refused = RedbStore::open(directory.path()).expect_err("it is no database");
    assert!(matches!(&refused, OpenError::Database { path: named, .. } if *named == path));
    let kept = fs::read(&path).expect("the file is still there");
    assert_eq!(kept, b"not a database, but somebody's file");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let parent = TempDir::new().expect("a temporary directory");
    let file = parent.path().join("file");
    fs::write(&file, b"").expect("a file is written");
    let refused = RedbStore::open(file.join("below")).expect_err("a file has no directories");
    assert!(matches!(refused, OpenError::CreateDirectory { .. }));
}
