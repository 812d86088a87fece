//! The embedded store: conformance, the data directory, and what a killed process leaves.

mod crash;
mod directory;

use tempfile::TempDir;
use valence_coprocessor_conformance::run;
use valence_coprocessor_store::{Batch, Snapshot, Store, StoreError};
use valence_coprocessor_store_redb::RedbStore;

/// A store whose directory goes when it does.
#[derive(Debug)]
struct Temporary {
    store: RedbStore,
    _directory: TempDir,
}

impl Temporary {
    fn new() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let store = RedbStore::open(directory.path()).expect("a new store opens");
        Self {
            store,
            _directory: directory,
        }
    }
}

impl Store for Temporary {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.store.commit(batch)
    }

    fn describe(&self) -> String {
        self.store.describe()
    }
}

#[test]
fn the_embedded_store_conforms() {
    run(24, Temporary::new);
}
