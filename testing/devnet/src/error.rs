//! Why the devnet cannot do what it is asked.

use std::{fmt, io};

use thiserror::Error;

use crate::Fork;

/// Why the devnet cannot do what it is asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DevnetError {
    /// A fork that does not come after the last one.
    #[error("{fork:?} at epoch {epoch} does not come after the fork before it")]
    ForkOrder {
        /// The fork.
        fork: Fork,
        /// Its epoch.
        epoch: u64,
    },
    /// A chain needs somebody to sign.
    #[error("a chain needs at least one validator")]
    NoValidators,
    /// No key can be made.
    #[error("no key for validator {index}: {reason:?}")]
    Key {
        /// The validator.
        index: usize,
        /// What the BLS library says.
        reason: blst::BLST_ERROR,
    },
    /// The keys of a committee add up to nothing.
    #[error("the keys of the committee of period {period} add up to zero")]
    CommitteeWithoutKey {
        /// Its period.
        period: u64,
    },
    /// A block that does not come after the head.
    #[error("slot {slot} does not come after the head's slot {head}")]
    SlotOrder {
        /// The slot.
        slot: u64,
        /// The head's slot.
        head: u64,
    },
    /// A fault that needs a finalized block.
    #[error("nothing is final yet")]
    NothingFinal,
    /// Too many or too few elements for an SSZ container.
    #[error("a container cannot hold it: {reason}")]
    Container {
        /// What the SSZ library says.
        reason: String,
    },
    /// The execution node does not answer.
    #[error("the execution node does not answer {method}")]
    Unreachable {
        /// What was called.
        method: &'static str,
        /// The reason.
        source: reqwest::Error,
    },
    /// The execution node refuses.
    #[error("the execution node refuses {method}: {message}")]
    Refused {
        /// What was called.
        method: &'static str,
        /// Its reason.
        message: String,
    },
    /// The execution node's answer is not what the method should give.
    #[error("the execution node's answer to {method} has no good `{field}`")]
    Malformed {
        /// What was called.
        method: &'static str,
        /// The field.
        field: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen")]
    Listen {
        /// The reason.
        source: io::Error,
    },
}

impl DevnetError {
    pub(crate) fn container(reason: impl fmt::Debug) -> Self {
        Self::Container {
            reason: format!("{reason:?}"),
        }
    }
}
