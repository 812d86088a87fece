//! What a worker offers and allows.

use core::time::Duration;

use valence_coprocessor_zkvm::{Limits, ProofKind, ZkvmError};

/// What a worker offers and allows.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// What does the work, for people.
    pub backend: String,
    /// The version of the worker's program, for people.
    pub version: String,
    /// Which kinds it can make. A kind that is not named is taken for possible.
    pub kinds: Vec<KindStatus>,
    /// How much work may run at once.
    pub slots: usize,
    /// How much work may wait.
    pub queue: usize,
    /// How many bytes of programs and inputs may wait and run.
    pub queue_bytes: u64,
    /// What work may cost here, whatever it asks for.
    pub limits: Limits,
    /// What work may take beyond its own time: the zkVM's start, which does not count.
    pub start: Duration,
    /// The largest program.
    pub program_bytes: usize,
    /// The largest input.
    pub input_bytes: usize,
    /// How often a worker says that it lives, when it has nothing else to say.
    pub heartbeat: Duration,
    /// When a service should come again if the queue is full.
    pub retry_after: Duration,
    /// How long running work may go on after the worker was told to end.
    pub drain: Duration,
    /// What connections may take.
    pub connections: ConnectionLimits,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            backend: "unnamed".to_owned(),
            version: String::new(),
            kinds: Vec::new(),
            slots: 1,
            queue: 64,
            queue_bytes: 2 << 30,
            limits: Limits {
                cycles: u64::MAX,
                duration: Duration::from_hours(24),
            },
            start: Duration::from_mins(20),
            program_bytes: 64 << 20,
            input_bytes: 32 << 20,
            heartbeat: Duration::from_secs(5),
            retry_after: Duration::from_secs(5),
            drain: Duration::ZERO,
            connections: ConnectionLimits::default(),
        }
    }
}

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// From the first packet to the first bytes of HTTP/2.
    pub handshake: Duration,
    /// Connections within their handshake. One more drops the oldest, so that whoever is silent shuts out nobody.
    pub newcomers: usize,
    /// Connections past it. One more is refused.
    pub established: usize,
    /// How often a silent connection is asked whether it lives; it gets as long to answer.
    pub keep_alive: Duration,
    /// How long a part of an upload may take.
    pub chunk: Duration,
    /// Uploads at once.
    pub uploads: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            newcomers: 128,
            established: 128,
            keep_alive: Duration::from_secs(10),
            chunk: Duration::from_secs(30),
            uploads: 4,
        }
    }
}

/// Whether a worker can make a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindStatus {
    /// The kind.
    pub kind: ProofKind,
    /// Why not; `None` if it can.
    pub missing: Option<Missing>,
}

/// What a worker lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What is missing.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

/// The slowest line on which a program may come, in bytes per second; services wait as long.
const SLOWEST: u64 = 128 << 10;

impl WorkerConfig {
    /// How long an upload may take as a whole, so that none holds its place for ever by small parts.
    pub(super) fn upload(&self) -> Duration {
        let bytes = self.program_bytes as u64;
        self.connections
            .chunk
            .saturating_add(Duration::from_secs(bytes / SLOWEST))
    }

    /// What is missing for a kind.
    pub(super) fn missing(&self, kind: ProofKind) -> Option<ZkvmError> {
        let status = self.kinds.iter().find(|status| status.kind == kind)?;
        let Missing { what, hint } = status.missing.clone()?;
        Some(ZkvmError::Unavailable { what, hint })
    }
}
