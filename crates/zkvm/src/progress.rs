//! How far a proof is.

use core::fmt;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A stage in the making of a proof, in order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Waits for the proof before it.
    #[default]
    Queued,
    /// The prover process starts.
    Starting,
    /// The proving key of the circuit is made.
    Setup,
    /// The core proof is made.
    Proving,
    /// The core proof is compressed.
    Compressing,
    /// The compressed proof is wrapped for contracts.
    Wrapping,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Queued => "queued",
            Self::Starting => "starting",
            Self::Setup => "setup",
            Self::Proving => "proving",
            Self::Compressing => "compressing",
            Self::Wrapping => "wrapping",
        })
    }
}

/// The latest news of a proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where it is.
    pub stage: Stage,
    /// The same for a person, with the time that it has taken so far.
    pub text: String,
}

/// Where [`ProgressSender`] sends to; holds the newest news only.
pub type ProgressReceiver = watch::Receiver<Progress>;

/// Sends progress; losing it is harmless, so sending never fails and never waits.
#[derive(Clone, Debug)]
pub struct ProgressSender(watch::Sender<Progress>);

impl ProgressSender {
    /// A sender and its receiver.
    pub fn channel() -> (Self, ProgressReceiver) {
        let (sender, receiver) = watch::channel(Progress::default());
        (Self(sender), receiver)
    }

    /// Makes `progress` the newest.
    pub fn send(&self, progress: Progress) {
        self.0.send_replace(progress);
    }
}
