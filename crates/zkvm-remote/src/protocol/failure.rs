//! Errors of work.

use core::time::Duration;

use valence_coprocessor_zkvm::{MemorySize, ProofKind, ZkvmError};

use super::{
    messages::{self, Failure, failure::Reason},
    words::{kind_of, kind_sent, shown},
};

/// The longest reason that is kept: the panic of a circuit may be long, and is somebody's only clue.
const LONGEST_REASON: usize = 16 << 10;

/// An error as it is sent. Those that no run and no proof can end with are sent as text.
pub(crate) fn failure_sent(error: ZkvmError) -> Failure {
    let reason = match error {
        ZkvmError::GuestPanicked { message } => Reason::GuestPanicked(message),
        ZkvmError::CycleLimit { limit } => Reason::CycleLimit(limit),
        ZkvmError::Timeout { limit } => Reason::Timeout(milliseconds(limit)),
        ZkvmError::OutOfMemory { kind, needed, free } => {
            Reason::OutOfMemory(messages::OutOfMemory {
                kind: kind_sent(kind).into(),
                needed: needed.bytes(),
                free: free.bytes(),
            })
        }
        ZkvmError::ProverDied { reason } => Reason::ProverDied(reason),
        ZkvmError::InvalidElf { reason } => Reason::InvalidElf(reason),
        ZkvmError::Unavailable { what, hint } => {
            Reason::Unavailable(messages::Missing { what, hint })
        }
        ZkvmError::ShutDown => Reason::ShutDown(messages::ShutDown {}),
        ZkvmError::DeferredCore => Reason::DeferredCore(messages::DeferredCore {}),
        ZkvmError::Failed { reason } => Reason::Failed(reason),
        other => Reason::Failed(other.to_string()),
    };
    Failure {
        reason: Some(reason),
    }
}

/// An error that was sent.
pub(crate) fn failure_of(failure: Failure) -> ZkvmError {
    let text = |text: String| shown_lines(&text);
    match failure.reason {
        Some(Reason::GuestPanicked(message)) => ZkvmError::GuestPanicked {
            message: text(message),
        },
        Some(Reason::CycleLimit(limit)) => ZkvmError::CycleLimit { limit },
        Some(Reason::Timeout(limit)) => ZkvmError::Timeout {
            limit: Duration::from_millis(limit),
        },
        Some(Reason::OutOfMemory(memory)) => ZkvmError::OutOfMemory {
            kind: kind_of(memory.kind).unwrap_or(ProofKind::Execute),
            needed: MemorySize::from_bytes(memory.needed),
            free: MemorySize::from_bytes(memory.free),
        },
        Some(Reason::ProverDied(reason)) => ZkvmError::ProverDied {
            reason: text(reason),
        },
        Some(Reason::InvalidElf(reason)) => ZkvmError::InvalidElf {
            reason: text(reason),
        },
        Some(Reason::Unavailable(missing)) => ZkvmError::Unavailable {
            what: text(missing.what),
            hint: text(missing.hint),
        },
        Some(Reason::ShutDown(_)) => ZkvmError::ShutDown,
        Some(Reason::DeferredCore(_)) => ZkvmError::DeferredCore,
        Some(Reason::Failed(reason)) => ZkvmError::Failed {
            reason: text(reason),
        },
        None => ZkvmError::Failed {
            reason: "for a reason that this version does not know".to_owned(),
        },
    }
}

/// A reason keeps its lines.
fn shown_lines(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST_REASON).collect();
    cut.lines()
        .map(|line| shown(line, LONGEST_REASON))
        .collect::<Vec<_>>()
        .join("\n")
}

pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use valence_coprocessor_zkvm::{MemorySize, ProofKind, ZkvmError};

    use super::{LONGEST_REASON, failure_of, failure_sent};

    #[test]
    fn what_work_ends_with_arrives_as_it_was() {
        let reason = "line one\nline two".to_owned();
        for error in [
            ZkvmError::GuestPanicked {
                message: reason.clone(),
            },
            ZkvmError::CycleLimit { limit: 7 },
            ZkvmError::Timeout {
                limit: Duration::from_millis(1500),
            },
            ZkvmError::OutOfMemory {
                kind: ProofKind::Plonk,
                needed: MemorySize::from_bytes(2),
                free: MemorySize::from_bytes(1),
            },
            ZkvmError::ProverDied {
                reason: reason.clone(),
            },
            ZkvmError::InvalidElf {
                reason: reason.clone(),
            },
            ZkvmError::Unavailable {
                what: "a".to_owned(),
                hint: "b".to_owned(),
            },
            ZkvmError::ShutDown,
            ZkvmError::DeferredCore,
            ZkvmError::Failed { reason },
        ] {
            assert_eq!(failure_of(failure_sent(error.clone())), error);
        }
    }

    #[test]
    fn other_errors_and_endless_texts_become_short_texts() {
        let got = failure_of(failure_sent(ZkvmError::NoProof));
        assert!(matches!(got, ZkvmError::Failed { .. }), "{got:?}");
        let got = failure_of(failure_sent(ZkvmError::Failed {
            reason: "é\u{7}".repeat(LONGEST_REASON),
        }));
        let ZkvmError::Failed { reason } = got else {
            panic!("{got:?}")
        };
        assert_eq!(reason.chars().count(), LONGEST_REASON);
        assert!(!reason.contains('\u{7}'));
    }
}
