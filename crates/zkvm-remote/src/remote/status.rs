//! How a worker says it is.

use valence_coprocessor_zkvm::ProofKind;

use crate::{
    KindStatus, Missing,
    protocol::{StatusResponse, kind_of, shown},
};

/// The longest text that is kept.
const LONGEST_TEXT: usize = 200;

/// How a worker says it is. Nothing depends on its truth but who is asked first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerStatus {
    /// Work that may run at once.
    pub capacity: u64,
    /// Work that runs, of every service.
    pub running: u64,
    /// Work that waits, of every service.
    pub queued: u64,
    /// Work that may wait.
    pub queue: u64,
    /// What does the work.
    pub backend: String,
    /// The version of its program.
    pub version: String,
    /// The kinds that it speaks of.
    pub kinds: Vec<KindStatus>,
}

impl WorkerStatus {
    /// Whether it says that it can make a kind.
    pub fn can(&self, kind: ProofKind) -> bool {
        self.kinds
            .iter()
            .any(|status| status.kind == kind && status.missing.is_none())
    }

    pub(super) fn of(sent: StatusResponse) -> Self {
        let text = |text: &str| shown(text, LONGEST_TEXT);
        let kinds = sent.kinds.into_iter().take(ProofKind::ALL.len());
        Self {
            capacity: sent.capacity,
            running: sent.running,
            queued: sent.queued,
            queue: sent.queue,
            backend: text(&sent.backend),
            version: text(&sent.version),
            kinds: kinds
                .filter_map(|status| {
                    Some(KindStatus {
                        kind: kind_of(status.kind)?,
                        missing: status.missing.map(|missing| Missing {
                            what: text(&missing.what),
                            hint: text(&missing.hint),
                        }),
                    })
                })
                .collect(),
        }
    }
}
