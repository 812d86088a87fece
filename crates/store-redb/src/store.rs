//! The store itself: opening a data directory, and committing batches to it.

use std::{
    fmt,
    fs::{self, File},
    path::{Path, PathBuf},
};

use redb::{
    Database, DatabaseError, Durability, ReadableDatabase as _, ReadableTable as _,
    TableDefinition, WriteTransaction,
};
use valence_coprocessor_store::{Batch, Snapshot, Store, StoreError, Table, Write};

use crate::{OpenError, snapshot::RedbSnapshot};

/// The file inside the data directory.
pub const FILE_NAME: &str = "store.redb";

/// Memory for pages, clean and dirty. The default of redb (1 GiB) is a prover's share of a small machine.
const CACHE_BYTES: usize = 256 * 1024 * 1024;

type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// The redb table of a store table.
pub(crate) const fn definition(table: Table) -> Definition {
    TableDefinition::new(table.name())
}

/// A store in one file of a data directory.
pub struct RedbStore {
    database: Database,
    directory: PathBuf,
}

impl RedbStore {
    /// Opens a data directory, creating it and the file in it on the first start.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, OpenError> {
        let directory = directory.as_ref().to_path_buf();
        let failed_directory = |source| OpenError::CreateDirectory {
            path: directory.clone(),
            source,
        };
        fs::create_dir_all(&directory).map_err(failed_directory)?;
        let path = directory.join(FILE_NAME);
        let failed = |source: redb::Error| OpenError::Database {
            path: path.clone(),
            source: Box::new(source),
        };
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(&path)
            .map_err(|error| match error {
                DatabaseError::DatabaseAlreadyOpen => OpenError::Locked {
                    path: directory.clone(),
                },
                other => failed(other.into()),
            })?;
        create_tables(&database).map_err(failed)?;
        // The file's name must survive a power cut as surely as its content.
        File::open(&directory)
            .and_then(|opened| opened.sync_all())
            .map_err(failed_directory)?;
        Ok(Self {
            database,
            directory,
        })
    }

    /// The data directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let failed = |error: redb::Error| StoreError::backend("commit a batch", error);
        let mut transaction = self
            .database
            .begin_write()
            .map_err(|error| failed(error.into()))?;
        transaction
            .set_durability(Durability::Immediate)
            .map_err(|error| failed(error.into()))?;
        check(&transaction, batch)?;
        apply(&transaction, batch.writes()).map_err(failed)?;
        transaction.commit().map_err(|error| failed(error.into()))
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedbStore")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Store for RedbStore {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        let transaction = self
            .database
            .begin_read()
            .map_err(|error| StoreError::backend("begin a snapshot", error))?;
        Ok(Box::new(RedbSnapshot::new(transaction)))
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.check_keys()?;
        if batch.is_empty() {
            return Ok(());
        }
        // A transaction that is dropped on the way out by an error is aborted, and leaves nothing.
        self.write(&batch)
    }

    fn describe(&self) -> String {
        "embedded store".to_owned()
    }
}

/// Creates the tables of a new file, so that a snapshot never meets a missing one.
fn create_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    for table in Table::ALL {
        transaction.open_table(definition(table))?;
    }
    transaction.commit()?;
    Ok(())
}

/// Checks the preconditions of a batch inside its own transaction: redb lets one writer in at a time.
fn check(transaction: &WriteTransaction, batch: &Batch) -> Result<(), StoreError> {
    let failed = |error: redb::Error| StoreError::backend("check a precondition", error);
    for expectation in batch.expectations() {
        let table = transaction
            .open_table(definition(expectation.table))
            .map_err(|error| failed(error.into()))?;
        let present = table
            .get(expectation.key.as_slice())
            .map_err(|error| failed(error.into()))?;
        let present = present.as_ref().map(redb::AccessGuard::value);
        if present != expectation.value.as_deref() {
            return Err(StoreError::Conflict {
                table: expectation.table,
                key: expectation.key.clone(),
            });
        }
    }
    Ok(())
}

/// Applies writes table by table, because opening a table costs more than a write; within a table the order is kept.
fn apply(transaction: &WriteTransaction, writes: &[Write]) -> Result<(), redb::Error> {
    for name in Table::ALL {
        let mut writes = writes.iter().filter(|write| write.table == name).peekable();
        if writes.peek().is_none() {
            continue;
        }
        let mut table = transaction.open_table(definition(name))?;
        for write in writes {
            match &write.value {
                Some(value) => drop(table.insert(write.key.as_slice(), value.as_slice())?),
                None => drop(table.remove(write.key.as_slice())?),
            }
        }
    }
    Ok(())
}
