//! A job: one proof request, from acceptance to delivery, as people and the store see it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use valence_coprocessor_protocol::{CircuitId, Root};
use valence_coprocessor_telemetry::TraceContext;
use valence_coprocessor_zkvm::{ProofKind, VerifyingKeyHash};

use super::callback::{CallbackState, JobCallback};
use super::digest::RequestDigest;
use super::state::JobState;
use crate::{Caller, Timestamp, Trust};

/// Identifies a job; ids sort by the order in which jobs were accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId([u8; 16]);

impl JobId {
    /// The id of the job with this sequence number; the digest of the request makes it hard to guess.
    pub(crate) fn new(sequence: u64, digest: &RequestDigest) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&sequence.to_be_bytes());
        bytes[8..].copy_from_slice(&digest.as_bytes()[..8]);
        Self(bytes)
    }

    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sequence number, which [`Self::new`] was given.
    pub(crate) fn sequence(&self) -> u64 {
        let mut sequence = [0; 8];
        sequence.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(sequence)
    }

    /// The bytes, which are also the key in the store.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JobId({self})")
    }
}

/// The text is not the id of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a job is 32 hexadecimal digits")]
pub struct JobIdError;

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        crate::text::decode_hex(text, &mut bytes).ok_or(JobIdError)?;
        Ok(Self(bytes))
    }
}

/// A request for a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofRequest {
    /// The circuit.
    pub circuit: CircuitId,
    /// The root that the witnesses are opened against; the current one if none is named.
    pub root: Option<Root>,
    /// The kind of proof; the configured one if none is named.
    pub kind: Option<ProofKind>,
    /// What the controller's `get_witnesses` reads.
    pub args: Value,
    /// What the controller's `entrypoint` reads when the outcome is delivered.
    pub payload: Value,
    /// Whom to call back with the outcome.
    pub callback_url: Option<String>,
    /// How long the job may take until it is proven; the configured time if none is named.
    pub deadline: Option<Duration>,
}

/// A request as it is stored: with everything resolved that was left open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AcceptedRequest {
    pub(crate) args: Value,
    pub(crate) payload: Value,
    pub(crate) caller: Caller,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) callback_url: Option<String>,
}

/// When a job entered a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTime {
    /// The state.
    pub state: JobState,
    /// When the job last entered it.
    pub at: Timestamp,
}

/// How far a job is within its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobProgress {
    /// One word.
    pub stage: String,
    /// One sentence.
    pub text: String,
}

/// What a job that ended well has made. The bytes of the proof are kept apart, see `Engine::proof`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobResult {
    /// The kind; `execute` means that nothing was proven.
    pub kind: ProofKind,
    /// The key under which the proof was verified.
    #[serde(with = "crate::text")]
    pub verifying_key: VerifyingKeyHash,
    /// `root ‖ output`.
    #[serde(with = "crate::text::base64")]
    pub public_values: Vec<u8>,
    /// Bytes of the proof.
    pub proof_bytes: u64,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// The stable word.
    pub code: String,
    /// The sentence: the circuit's panic, the controller's trap, the node's error.
    pub message: String,
}

/// One proof request, from acceptance to delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The id.
    #[serde(with = "crate::text")]
    pub id: JobId,
    /// The circuit.
    #[serde(with = "crate::text")]
    pub circuit: CircuitId,
    /// The root that the witnesses are opened against.
    #[serde(with = "crate::text")]
    pub root: Root,
    /// What stands behind that root.
    pub trust: Trust,
    /// The kind of proof; `execute` proves nothing.
    pub kind: ProofKind,
    /// Where the job stands.
    pub state: JobState,
    /// When it entered each state that it has been in, in the order of the states.
    pub times: Vec<StateTime>,
    /// The cycles of the circuit's run, once it was executed.
    pub cycles: Option<u64>,
    /// How far it is within its state.
    pub progress: Option<JobProgress>,
    /// Who has it, or had it last: a public worker, `here` for this machine, `own` for a worker of who asked. Of a job
    /// that was only executed, cycles and public values are what this worker says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// What the controller and the service have to say.
    pub log: Vec<String>,
    /// How often the job was resumed after a restart of the service.
    pub resumed: u32,
    /// What it made, once it is being delivered.
    pub result: Option<JobResult>,
    /// Why it failed, once that is being delivered.
    pub failure: Option<JobFailure>,
    /// The BLAKE3 hash of the encoded witnesses, once they are computed.
    pub witness_digest: Option<String>,
    /// When it fails unless it is proven; none for a job of the time before there were deadlines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Where its callback stands, if its request named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<JobCallback>,
    /// The job that made its proof, if this one did not.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::text::optional"
    )]
    pub reused: Option<JobId>,
    /// The trace of the request that it was accepted for: its spans and its worker's go on with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

impl Job {
    /// When the job entered `state`, if it did.
    pub fn entered(&self, state: JobState) -> Option<Timestamp> {
        self.times
            .iter()
            .find(|time| time.state == state)
            .map(|time| time.at)
    }

    /// Steps to `state`.
    ///
    /// # Panics
    ///
    /// If that is no step that a job may take, which would be a fault of the runner.
    pub(crate) fn enter(&mut self, state: JobState, at: Timestamp) {
        assert!(
            self.state.may_become(state),
            "a job never steps from {} to {state}",
            self.state
        );
        self.state = state;
        self.progress = None;
        if state == JobState::Queued {
            self.worker = None;
        }
        if let (JobState::Cancelled, Some(callback)) = (state, &mut self.callback) {
            callback.state = CallbackState::NotSent;
        }
        self.times.retain(|time| time.state != state);
        self.times.push(StateTime { state, at });
    }

    /// Adds a line to the log, unless the log is full; that it is full is its last line.
    pub(crate) fn add_log(&mut self, line: String, limit: usize) {
        const FULL: &str = "(the log is full: later lines are dropped)";
        let used: usize = self.log.iter().map(String::len).sum();
        if used + line.len() <= limit {
            self.log.push(line);
        } else if self.log.last().is_none_or(|last| last != FULL) {
            self.log.push(FULL.to_owned());
        }
    }
}

/// Which jobs to list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only those of this circuit.
    pub circuit: Option<CircuitId>,
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only those accepted before this one.
    pub before: Option<JobId>,
    /// At most so many; the engine's own limit if none is named.
    pub limit: Option<usize>,
}

/// A proof that a job made, with what it proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobProof {
    /// The kind; `execute` means that nothing was proven.
    pub kind: ProofKind,
    /// The circuit.
    pub circuit: CircuitId,
    /// The key under which it verifies.
    pub verifying_key: VerifyingKeyHash,
    /// `root ‖ output`.
    pub public_values: Vec<u8>,
    /// What verifies; for `execute` the bytes of [`EXECUTE_MARKER`].
    pub bytes: Vec<u8>,
}

/// What stands in the place of a proof when the circuit was only executed.
pub const EXECUTE_MARKER: &[u8] = b"valence-coprocessor: executed only, nothing is proven";
