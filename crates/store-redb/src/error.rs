//! Why a data directory could not be opened.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why [`crate::RedbStore::open`] failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The directory could not be created or synced.
    #[error("the data directory {} could not be created", path.display())]
    CreateDirectory {
        /// The directory.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Another process has the directory open.
    #[error(
        "the data directory {} is in use by another process; stop that process, or give this one a directory of its own",
        path.display()
    )]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The file is there but is not a database that this version reads, or the disk failed.
    #[error("the database {} could not be opened", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: Box<redb::Error>,
    },
}
