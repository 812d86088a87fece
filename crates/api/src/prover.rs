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
