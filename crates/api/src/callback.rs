//! Callbacks: what is posted to the `callback_url` of a proof request, and where that stands.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use valence_coprocessor_protocol::{CircuitId, Root};

use crate::{Base64Bytes, Failure, JobState, ProofKind, text};

/// The body of a callback. The headers `webhook-id` (the job's id, at each attempt), `webhook-timestamp` and
/// `webhook-signature` are those of Standard Webhooks; the key is `callback_key` of the service's statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallbackBody {
    /// `job.done` or `job.failed`.
    #[serde(rename = "type")]
    pub event: String,
    /// Id of the delivery, the same at each attempt: the id of the job.
    pub delivery: String,
    /// Id of the job.
    pub job: String,
    /// The circuit.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub circuit: CircuitId,
    /// The root that the proof is of.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// What stands behind the root: `proven`, or `dev` if blocks were taken without proof.
    pub trust: String,
    /// Kind of proof.
    pub kind: ProofKind,
    /// How the job ended: `done` or `failed`.
    pub state: JobState,
    /// Is there a proof? False for kind `execute`, and for a job that failed.
    pub proven: bool,
    /// What the circuit committed to: `root ‖ output`; absent if the job failed.
    pub public_values: Option<Base64Bytes>,
    /// Hash of the verifying key (bytes32), hexadecimal; absent if the job failed.
    pub verifying_key: Option<String>,
    /// The proof, if there is one and it is small.
    pub proof: Option<Base64Bytes>,
    /// Where the job with its proof is, on the service.
    pub path: String,
    /// Why the job failed.
    pub failure: Option<Failure>,
    /// Cycles, if the circuit was executed.
    pub cycles: Option<u64>,
}

/// Where the callback of a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    /// The job has no outcome yet.
    Waiting,
    /// It is due, or being repeated.
    Pending,
    /// The receiver took it.
    Delivered,
    /// The receiver answered 410, and is not called again.
    Gone,
    /// Every attempt failed; the log of the job says why.
    GivenUp,
    /// The job was cancelled: there was nothing to tell.
    NotSent,
}

impl CallbackState {
    /// The text on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Gone => "gone",
            Self::GivenUp => "given_up",
            Self::NotSent => "not_sent",
        }
    }
}

/// The callback of a job. Its URL is shown to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallbackProgress {
    /// Where it stands.
    pub state: CallbackState,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next attempt is due, in milliseconds since the Unix epoch.
    pub next: Option<u64>,
}

/// The key that verifies callbacks, as Standard Webhooks writes it.
pub fn callback_key_text(key: &[u8; 32]) -> String {
    format!("whpk_{}", STANDARD.encode(key))
}
