//! Why a recording cannot be played.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a recording cannot be played.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlayerError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file is no JSON.
    #[error("{} is no JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: serde_json::Error,
    },
    /// The recording lacks a field.
    #[error("{} has no `{field}`", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, as a JSON pointer.
        field: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen")]
    Listen {
        /// The reason.
        source: io::Error,
    },
}
