//! Facts about the running service.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use valence_coprocessor_protocol::Root;

use crate::{ProofKind, text};

/// Facts about the running service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatsAnswer {
    /// Version of the service.
    pub version: String,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
    /// The newest root.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// Blocks in the history.
    pub blocks: u64,
    /// Registered domains.
    pub domains: u64,
    /// Jobs that wait or run.
    pub active_jobs: u64,
    /// Kind of proof when a request names none.
    pub default_kind: ProofKind,
    /// Where data is kept.
    pub store: String,
    /// Verifies the signatures of callbacks: `whpk_` and the Ed25519 public key in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_key: Option<String>,
}

/// The service is able to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthAnswer {
    /// `ok`, or `shutting_down`.
    pub status: String,
    /// Version of the service.
    pub version: String,
}
