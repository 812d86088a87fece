//! What can go wrong in a store.

use std::error::Error;

use thiserror::Error as ThisError;

use crate::Table;

/// Why a read or a commit failed. A failed commit has changed nothing, unless it is [`StoreError::Unconfirmed`].
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum StoreError {
    /// A precondition of the batch does not hold: somebody else wrote first.
    #[error(
        "table `{table}`: key 0x{} does not hold what the batch expects",
        hex(key)
    )]
    Conflict {
        /// The table of the precondition.
        table: Table,
        /// The key of the precondition.
        key: Vec<u8>,
    },
    /// A key of the batch is longer than any store accepts.
    #[error("table `{table}`: a key of {got} bytes, at most {max} are allowed")]
    KeyTooLong {
        /// The table of the key.
        table: Table,
        /// Its length.
        got: usize,
        /// The limit, [`crate::MAX_KEY_BYTES`].
        max: usize,
    },
    /// The batch was sent and no answer came in time: it is written as a whole or not at all, and reading tells which.
    #[error("the store did not confirm a batch; read to learn whether it is written")]
    Unconfirmed {
        /// The adapter's own error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The medium behind the store failed.
    #[error("the store failed to {operation}")]
    Backend {
        /// What was being done, as a verb phrase.
        operation: &'static str,
        /// The adapter's own error.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// Wraps an adapter's error about a batch that may have been written.
    pub fn unconfirmed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unconfirmed {
            source: source.into(),
        }
    }

    /// Wraps an adapter's error with what was being done.
    pub fn backend(
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Backend {
            operation,
            source: source.into(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
