//! Why a worker gave no result.

use core::time::Duration;

use valence_coprocessor_zkvm::ZkvmError;

use super::ConnectError;

/// Why a worker gave no result, by what the caller should do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// No connection: the work never got there. Try another worker.
    #[error("the worker cannot be reached")]
    Unreachable(#[source] ConnectError),
    /// The connection or the worker was lost, or it talks nonsense. Try another worker; nobody's try was used.
    #[error("the worker was lost: {reason}")]
    Lost {
        /// What happened.
        reason: String,
    },
    /// The worker takes no more now.
    #[error("the worker is busy: {reason}")]
    Refused {
        /// What it said.
        reason: String,
        /// When to come again.
        retry_after: Duration,
    },
    /// The work itself failed, or this worker cannot do this kind ([`ZkvmError::Unavailable`]).
    #[error("the work failed")]
    Work(#[source] ZkvmError),
}

impl RemoteError {
    pub(super) fn lost(reason: impl Into<String>) -> Self {
        Self::Lost {
            reason: reason.into(),
        }
    }
}

/// A text and the causes that it does not name already.
pub(super) fn with_causes(text: &str, error: &dyn core::error::Error) -> String {
    let mut text = text.to_owned();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
