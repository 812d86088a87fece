//! Claims: who works on a job, and how that is known to be so.
//!
//! Every job that has not ended has a row that names its claim, or is empty while nobody has claimed it. Whatever is
//! written about the job is a batch that expects this row as it was when the writer claimed the job. So a claim that
//! was lost, in a pause of any length and without its owner noticing, keeps out everything that the owner still writes.
//! No claim is ever made twice, not even by the same engine for the same job.
//!
//! | table | key | value |
//! |---|---|---|
//! | `job-index` | `live/` ‖ job id | engine id (16) ‖ number of the claim (8, big-endian), or empty |
//! | `job-index` | `beat/` ‖ engine id | counter (8, big-endian) ‖ weight (4, big-endian) |
//! | `job-index` | `cancel/` ‖ job id | empty: its owner is asked to cancel it |

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::job::JobId;

/// One engine from its opening to its end. Random, so that no two engines ever share it, whatever a store forgets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EngineId([u8; 16]);

impl EngineId {
    pub(super) fn random() -> Self {
        Self(*Uuid::new_v4().as_bytes())
    }

    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for EngineId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for EngineId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EngineId({self})")
    }
}

/// One claim of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Claim {
    pub(super) engine: EngineId,
    number: u64,
}

impl Claim {
    pub(super) fn encode(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&self.engine.0);
        bytes[16..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let (engine, number) = value.split_first_chunk::<16>()?;
        let number = <[u8; 8]>::try_from(number).ok()?;
        Some(Self {
            engine: EngineId(*engine),
            number: u64::from_be_bytes(number),
        })
    }
}

/// Where an engine takes its claims from.
#[derive(Debug)]
pub(super) struct Claims {
    engine: EngineId,
    made: AtomicU64,
}

impl Claims {
    pub(super) const fn of(engine: EngineId) -> Self {
        let made = AtomicU64::new(0);
        Self { engine, made }
    }

    pub(super) const fn engine(&self) -> EngineId {
        self.engine
    }

    /// A claim that was never made before.
    pub(super) fn make(&self) -> Claim {
        Claim {
            engine: self.engine,
            number: self.made.fetch_add(1, Ordering::Relaxed),
        }
    }
}

/// The row of a job that has not ended, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LiveRow {
    pub(super) id: JobId,
    pub(super) value: Vec<u8>,
}

impl LiveRow {
    pub(super) const fn new(id: JobId, value: Vec<u8>) -> Self {
        Self { id, value }
    }

    /// Who works on the job; none if nobody does.
    pub(super) fn claim(&self) -> Option<Claim> {
        Claim::decode(&self.value)
    }
}

/// What an engine says of itself every now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beat {
    /// Differs from beat to beat.
    pub(super) counter: u64,
    /// How much of what others leave it would take, compared with the others; 0 if nothing.
    pub(super) weight: u32,
}

impl Beat {
    pub(super) fn encode(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.counter.to_be_bytes());
        bytes[8..].copy_from_slice(&self.weight.to_be_bytes());
        bytes
    }

    pub(super) fn decode(value: &[u8]) -> Option<Self> {
        let (counter, weight) = value.split_first_chunk::<8>()?;
        let weight = <[u8; 4]>::try_from(weight).ok()?;
        Some(Self {
            counter: u64::from_be_bytes(*counter),
            weight: u32::from_be_bytes(weight),
        })
    }
}

/// Everything about who lives and who works on what, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cluster {
    /// The jobs that have not ended, oldest first.
    pub(super) live: Vec<LiveRow>,
    pub(super) beats: BTreeMap<EngineId, Beat>,
    /// The jobs that somebody wants cancelled.
    pub(super) cancelled: Vec<JobId>,
}
