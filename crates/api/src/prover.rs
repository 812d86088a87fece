//! The provers that a caller brings along.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names a prover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProverAddress {
    /// `host:port`, or a URL with host and port.
    pub address: String,
}

/// The provers that serve this caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProverList {
    /// Those that serve everybody.
    pub public: Vec<String>,
    /// Those that the caller added.
    pub owned: Vec<String>,
    /// How all of these are, and the service's own machine as `here` if it proves.
    #[serde(default)]
    pub workers: Vec<ProverHealth>,
}

/// How a prover is, as the scheduler of the service sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProverHealth {
    /// Its address, or `here`.
    pub address: String,
    /// Is it the caller's own?
    pub owned: bool,
    /// Does it take work?
    pub state: ProverState,
    /// Seconds until it is tried again, when it is set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_in: Option<u64>,
    /// Why it is set aside; of the caller's own ones only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Work of this service that it has now.
    pub running: u64,
    /// Work that waits there, whoever sent it.
    pub queued: u64,
    /// Proofs that it makes at once.
    pub proofs: u64,
    /// Circuits that it executes at once, besides.
    pub executions: u64,
}

/// Whether a prover takes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProverState {
    /// It was not asked yet.
    Unknown,
    /// It takes work.
    Ready,
    /// It failed or gave a wrong result, and is left alone for a while.
    SetAside,
}

/// The prover that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProverAdded {
    /// Its address.
    pub added: String,
}

/// The prover that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProverRemoved {
    /// Its address.
    pub removed: String,
}
