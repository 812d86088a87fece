//! The port for callbacks: how a job's outcome reaches a URL that the request named.
//!
//! The engine decides when and how often; what a callback looks like on the wire, and what it may reach, is behind the
//! port.

mod key;

use std::fmt;

use async_trait::async_trait;

use crate::{EngineError, Job, Timestamp};

pub use key::CallbackKey;

/// Carries callbacks to whoever asked for them.
#[async_trait]
pub trait Callbacks: fmt::Debug + Send + Sync {
    /// Refuses a URL that would never be called, so that a request which names it is refused at once.
    fn check(&self, url: &str) -> Result<(), EngineError>;

    /// Calls once. It must end by itself, within seconds.
    async fn send(&self, callback: Callback<'_>) -> CallbackAnswer;
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    /// Whom to call.
    pub url: &'a str,
    /// The job, whose id is the id of this delivery at each attempt.
    pub job: &'a Job,
    /// The proof, if there is one and it is small enough to be sent along.
    pub proof: Option<&'a [u8]>,
    /// The time of this attempt.
    pub at: Timestamp,
    /// What signs the call.
    pub key: &'a CallbackKey,
}

/// What became of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackAnswer {
    /// The receiver has it.
    Taken,
    /// The receiver wants no more calls.
    Gone,
    /// The receiver answered something else, or could not be reached; for people, without the URL.
    Failed {
        /// What happened.
        reason: String,
    },
}

/// Makes no callbacks: a request that names a URL is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCallbacks;

#[async_trait]
impl Callbacks for NoCallbacks {
    fn check(&self, _: &str) -> Result<(), EngineError> {
        Err(EngineError::CallbacksDisabled)
    }

    async fn send(&self, _: Callback<'_>) -> CallbackAnswer {
        // A request that was accepted when callbacks were made.
        CallbackAnswer::Failed {
            reason: EngineError::CallbacksDisabled.to_string(),
        }
    }
}
