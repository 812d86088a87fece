//! Jobs: one proof request each, from acceptance to delivery.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use valence_coprocessor_protocol::{CircuitId, Root};

use crate::{Base64Bytes, CallbackProgress, text};

/// What kind of proof. `execute` runs the circuit and proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProofKind {
    /// The circuit was run, and nothing is proven.
    Execute,
    /// A proof whose size grows with the cycles.
    Core,
    /// A STARK of constant size.
    Compressed,
    /// A Groth16 proof for contracts.
    Groth16,
    /// A PLONK proof for contracts.
    Plonk,
}

impl ProofKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Execute,
        Self::Core,
        Self::Compressed,
        Self::Groth16,
        Self::Plonk,
    ];

    /// The text on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Core => "core",
            Self::Compressed => "compressed",
            Self::Groth16 => "groth16",
            Self::Plonk => "plonk",
        }
    }
}

impl std::fmt::Display for ProofKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no kind of proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{got}` is no kind of proof; use execute, core, compressed, groth16 or plonk")]
pub struct UnknownProofKind {
    /// The text.
    pub got: String,
}

impl FromStr for ProofKind {
    type Err = UnknownProofKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownProofKind {
                got: text.to_owned(),
            })
    }
}

/// Where a job stands. The last three are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Durable, not yet started.
    Accepted,
    /// The controller computes the witnesses.
    Witness,
    /// Waits for a prover.
    Queued,
    /// A prover works on it.
    Proving,
    /// The proof is checked.
    Verifying,
    /// The controller's entry point is told.
    Delivering,
    /// Ended with a result.
    Done,
    /// Ended with a failure.
    Failed,
    /// Ended by request.
    Cancelled,
}

impl JobState {
    /// Does nothing follow this state?
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A proof request was accepted and survives a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProveAnswer {
    /// Always `received`, which published clients look for.
    pub status: String,
    /// Id of the job.
    pub job: String,
    /// Where it stands.
    pub state: JobState,
    /// The circuit.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub circuit: CircuitId,
    /// Kind of proof that will be made.
    pub kind: ProofKind,
    /// The root that the proof will be of.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// A job reached a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StateChange {
    /// The state.
    pub state: JobState,
    /// When, in milliseconds since the Unix epoch.
    pub at: u64,
}

/// What the prover does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Stage of the prover.
    pub stage: String,
    /// For people.
    pub text: String,
}

/// What a finished job yields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobResult {
    /// What the circuit committed to: `root ‖ output`.
    pub public_values: Base64Bytes,
    /// The proof, left out in lists and events. For kind `execute` a text which says that nothing is proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Base64Bytes>,
    /// Hash of the verifying key (bytes32), hexadecimal.
    pub verifying_key: String,
    /// Is there a proof? False for kind `execute`.
    pub proven: bool,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// For programs.
    pub code: String,
    /// For people: the guest's panic, the controller's trap, the node's error.
    pub message: String,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobAnswer {
    /// Id of the job.
    pub id: String,
    /// The circuit.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub circuit: CircuitId,
    /// Kind of proof.
    pub kind: ProofKind,
    /// The root that the proof is of.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// Where it stands.
    pub state: JobState,
    /// The states so far, oldest first.
    pub states: Vec<StateChange>,
    /// Cycles, once the circuit was executed.
    pub cycles: Option<u64>,
    /// What the prover does now.
    pub progress: Option<Progress>,
    /// Who has it, or had it last: a public worker, `here` for the service's own machine, `own` for a worker of who
    /// asked. Of kind `execute`, cycles and public values are what this worker says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// What controller and circuit logged.
    pub log: Vec<String>,
    /// The result, when done.
    pub result: Option<JobResult>,
    /// The failure, when failed.
    pub failure: Option<Failure>,
    /// When it fails unless it is proven, in milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<u64>,
    /// Where its callback stands, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackProgress>,
    /// The job that made its proof, if the same was proven before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused: Option<String>,
    /// Id of the trace of the request that it was accepted for, 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobQuery {
    /// Only of this circuit, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circuit: Option<String>,
    /// Only in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub state: Option<JobState>,
    /// Only older than this job: the `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// At most so many; the service has a limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Jobs, newest first, without proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<JobAnswer>,
    /// If there are more: ask again with this as `before`.
    pub next: Option<String>,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}
