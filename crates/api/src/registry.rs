//! Deploying circuits and domains, listing domains.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use valence_coprocessor_protocol::{CircuitId, DomainId, Root};

use crate::{Base64Bytes, text};

/// Deploys a circuit with its controller.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeployControllerRequest {
    /// The controller, a WebAssembly module.
    pub controller: Base64Bytes,
    /// The circuit, an ELF of the zkVM.
    pub circuit: Base64Bytes,
    /// Tells apart several deployments of one ELF; 0 when absent.
    #[serde(default)]
    pub nonce: Option<u64>,
}

/// The circuit that was deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeployControllerAnswer {
    /// Id of the circuit.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub controller: CircuitId,
}

/// Deploys a domain.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeployDomainRequest {
    /// Name, of `[a-z0-9-]{1,64}`.
    pub name: String,
    /// The controller, a WebAssembly module.
    pub controller: Base64Bytes,
    /// The light-client circuit, an ELF of the zkVM.
    pub circuit: Base64Bytes,
}

/// The domain that was deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeployDomainAnswer {
    /// Id of the domain.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub domain: DomainId,
}

/// One registered domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DomainSummary {
    /// Name.
    pub name: String,
    /// Id, the hash of the name.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub domain: DomainId,
    /// Does this service take its blocks?
    pub accepted: bool,
    /// Key that may replace its controller, hexadecimal; none if it was deployed without a signature.
    pub owner: Option<String>,
    /// Number of its newest block, if it has one.
    pub latest: Option<u64>,
}

/// The registered domains, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DomainList {
    /// The domains.
    pub domains: Vec<DomainSummary>,
    /// The newest root.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub root: Root,
    /// Does the service run in development mode, where blocks are taken without proof?
    pub dev: bool,
}
