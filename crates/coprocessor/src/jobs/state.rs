//! The states of a job and the steps between them.
//!
//! A job only moves forward. `execute` jobs skip proving and verifying, since nothing is proven; a job that is resumed
//! after a restart goes back to the last state from which its work can be repeated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// The request is stored; nothing has happened yet.
    Accepted,
    /// The controller computes the witnesses.
    Witness,
    /// The witnesses are stored; the circuit is executed to count its cycles and waits for a prover.
    Queued,
    /// A prover works on it.
    Proving,
    /// The proof is checked under the circuit's own verifying key.
    Verifying,
    /// The outcome is stored and handed to the controller.
    Delivering,
    /// Ended well.
    Done,
    /// Ended with a reason.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
}

impl JobState {
    /// All states in their order.
    pub const ALL: [Self; 9] = [
        Self::Accepted,
        Self::Witness,
        Self::Queued,
        Self::Proving,
        Self::Verifying,
        Self::Delivering,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Whether a job in this state has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// Whether a job may step from this state to `next`.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (from, _) if from.is_terminal() => false,
            (Self::Delivering, Self::Done | Self::Failed)
            // A proof that does not verify, or a restart, sends the job back to the queue.
            | (Self::Proving | Self::Verifying, Self::Queued) => true,
            (_, Self::Done | Self::Failed) => false,
            (from, Self::Cancelled) => from < Self::Delivering,
            (from, next) => from < next,
        }
    }

    /// The word for it, as in every answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Witness => "witness",
            Self::Queued => "queued",
            Self::Proving => "proving",
            Self::Verifying => "verifying",
            Self::Delivering => "delivering",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no state of a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no state of a job; the states are accepted, witness, queued, proving, verifying, delivering, done, failed, cancelled"
)]
pub struct JobStateError(String);

impl FromStr for JobState {
    type Err = JobStateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| JobStateError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::JobState;

    #[test]
    fn ends_are_final_and_only_delivery_leads_to_an_outcome() {
        for from in JobState::ALL {
            for next in JobState::ALL {
                if from.is_terminal() {
                    assert!(!from.may_become(next), "{from} -> {next}");
                }
                if matches!(next, JobState::Done | JobState::Failed) {
                    assert_eq!(
                        from.may_become(next),
                        from == JobState::Delivering,
                        "{from} -> {next}"
                    );
                }
            }
        }
        assert!(!JobState::Delivering.may_become(JobState::Cancelled));
        assert!(!JobState::Delivering.may_become(JobState::Queued));
    }

    #[test]
    fn names_are_read_back() {
        for state in JobState::ALL {
            assert_eq!(state.to_string().parse(), Ok(state));
        }
        "Done"
            .parse::<JobState>()
            .expect_err("states are lower-case");
    }
}
