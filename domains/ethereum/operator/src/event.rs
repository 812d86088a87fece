//! `Event`: what an operator says of its work, for a person, a log or metrics.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use valence_coprocessor_protocol::HeadState;

use crate::StepReport;

/// Something that a person may want to see.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The client of the domain's head was restored.
    Restored {
        /// From where.
        source: &'static str,
        /// The head.
        state: HeadState,
        /// Its slot.
        slot: u64,
    },
    /// A node's answer does not count, and it is not asked for a while.
    NodeSetAside {
        /// Its place in the list, from 1.
        number: usize,
        /// Its address, without keys.
        node: String,
        /// Why.
        reason: String,
        /// For how long.
        wait: Duration,
    },
    /// A step was built of verified updates.
    Built {
        /// Its updates.
        updates: usize,
        /// Bytes that the circuit reads.
        input_bytes: usize,
        /// The newest final block of the execution layer.
        number: u64,
        /// How long fetching and verifying took.
        elapsed: Duration,
    },
    /// The step was run.
    Executed {
        /// Cycles.
        cycles: u64,
        /// How long it took.
        elapsed: Duration,
    },
    /// News of the proof.
    Proving {
        /// How far it is.
        text: String,
    },
    /// The proof was made and verified.
    Proven {
        /// Its bytes.
        bytes: usize,
        /// How long it took.
        elapsed: Duration,
    },
    /// The block is in the history.
    Appended(Box<StepReport>),
    /// Somebody else appended a block in the meantime.
    Overtaken,
    /// The domain is at the newest final block.
    UpToDate {
        /// Its slot.
        slot: u64,
    },
    /// Something failed, and will be tried again.
    Retry {
        /// Why.
        reason: String,
        /// After how long.
        wait: Duration,
    },
}

/// Where events go.
#[derive(Clone)]
pub struct Reporter(Arc<dyn Fn(&Event) + Send + Sync>);

impl Reporter {
    /// Hands each event to a function, which must not block.
    pub fn new(report: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(report))
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    pub(crate) fn report(&self, event: &Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Reporter")
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = Duration::as_secs_f32;
        match self {
            Self::Restored {
                source,
                state,
                slot,
            } => {
                write!(formatter, "head {state} at slot {slot}, from {source}")
            }
            Self::NodeSetAside {
                number,
                node,
                reason,
                wait,
            } => write!(
                formatter,
                "beacon node {number} ({node}) is set aside for {:.1} s: {reason}",
                seconds(wait)
            ),
            Self::Built {
                updates,
                input_bytes,
                number,
                elapsed,
            } => write!(
                formatter,
                "step to block {number}: {updates} updates verified, {input_bytes} bytes, {:.1} s",
                seconds(elapsed)
            ),
            Self::Executed { cycles, elapsed } => {
                write!(
                    formatter,
                    "executed: {cycles} cycles, {:.1} s",
                    seconds(elapsed)
                )
            }
            Self::Proving { text } => write!(formatter, "proving: {text}"),
            Self::Proven { bytes, elapsed } => write!(
                formatter,
                "proven and verified: {bytes} bytes, {:.1} s",
                seconds(elapsed)
            ),
            Self::Appended(report) => write!(
                formatter,
                "appended block {} (slot {}), root {}",
                report.number,
                report.slot,
                report.root.as_deref().unwrap_or("unknown")
            ),
            Self::Overtaken => {
                formatter.write_str("another operator appended a block: starting from the new head")
            }
            Self::UpToDate { slot } => {
                write!(formatter, "up to date: slot {slot} is the newest final one")
            }
            Self::Retry { reason, wait } => {
                write!(
                    formatter,
                    "{reason}; trying again in {:.1} s",
                    seconds(wait)
                )
            }
        }
    }
}
