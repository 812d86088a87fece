//! What a service waits for and takes from a worker.

use core::time::Duration;

use valence_coprocessor_zkvm::ProofKind;

/// What a service waits for and takes from a worker.
#[derive(Clone, Copy, Debug)]
pub struct RemoteConfig {
    /// Until a connection is made and authenticated.
    pub connect: Duration,
    /// Until a small question is answered.
    pub answer: Duration,
    /// A worker that says nothing for so long is lost; it speaks every few seconds.
    pub silence: Duration,
    /// How often a silent connection is asked whether it lives; it gets as long to answer.
    pub keep_alive: Duration,
    /// The slowest line for programs and inputs, in bytes per second.
    pub slowest: u64,
    /// The largest core proof, which grows with the cycles.
    pub core_bytes: usize,
    /// The largest of all other results.
    pub result_bytes: usize,
}

impl Default for RemoteConfig {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            silence: Duration::from_secs(20),
            keep_alive: Duration::from_secs(5),
            slowest: 128 << 10,
            core_bytes: 256 << 20,
            result_bytes: 16 << 20,
        }
    }
}

impl RemoteConfig {
    /// What sending so many bytes may take.
    pub(super) fn transfer(&self, bytes: usize) -> Duration {
        self.silence
            .saturating_add(Duration::from_secs(bytes as u64 / self.slowest.max(1)))
    }

    /// The largest result of a kind.
    pub(super) const fn largest(&self, kind: ProofKind) -> usize {
        match kind {
            ProofKind::Core => self.core_bytes,
            _ => self.result_bytes,
        }
    }
}
