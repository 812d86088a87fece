//! Every route, once. Braces mark parameters, as in OpenAPI.

/// Swagger page.
pub const SWAGGER: &str = "/";
/// OpenAPI document as JSON.
pub const SPEC: &str = "/spec";
/// OpenAPI document as YAML.
pub const SPEC_YAML: &str = "/spec/yaml";
/// Is the service able to answer?
pub const HEALTH: &str = "/health";
/// Prometheus metrics.
pub const METRICS: &str = "/metrics";
/// Facts about the running service.
pub const STATS: &str = "/api/stats";

/// Deploy a circuit and its controller.
pub const DEPLOY_CONTROLLER: &str = "/api/registry/controller";
/// Deploy a domain.
pub const DEPLOY_DOMAIN: &str = "/api/registry/domain";
/// Append a block to a domain.
pub const DOMAIN: &str = "/api/registry/domain/{name}";
/// The newest block of a domain.
pub const DOMAIN_LATEST: &str = "/api/registry/domain/{name}/latest";
/// Files of a domain.
pub const DOMAIN_FILES: &str = "/api/registry/domain/{name}/storage/fs";
/// The registered domains.
pub const DOMAINS: &str = "/api/domains";

/// The newest root.
pub const ROOT: &str = "/api/historical";
/// The update that led to a root.
pub const UPDATE: &str = "/api/historical/{root}";
/// The opening of a block.
pub const OPENING: &str = "/api/historical/{domain}/{number}";
/// The light client's proof of a block.
pub const STEP_PROOF: &str = "/api/historical/{domain}/{number}/proof";
/// Append proofs from a root (exclusive) to another (inclusive).
pub const UPDATES: &str = "/api/historical/bulk/{from}/{to}";

/// Raw storage of the circuit in the header.
pub const RAW: &str = "/api/circuit/storage/raw";
/// Files of the circuit in the header.
pub const FILES: &str = "/api/circuit/storage/fs";
/// Witnesses of the circuit in the header.
pub const WITNESSES: &str = "/api/circuit/witnesses";
/// Prove the circuit in the header.
pub const PROVE: &str = "/api/circuit/prove";
/// Verifying key of the circuit in the header.
pub const VERIFYING_KEY: &str = "/api/circuit/vk";
/// ELF of the circuit in the header.
pub const BYTECODE: &str = "/api/circuit/bytecode";
/// Controller of the circuit in the header.
pub const RUNTIME: &str = "/api/circuit/runtime";
/// Entry point of the circuit in the header.
pub const ENTRYPOINT: &str = "/api/circuit/entrypoint";

/// Raw storage, circuit in the path.
pub const RAW_OF: &str = "/api/registry/controller/{id}/storage/raw";
/// Files, circuit in the path; POST reads.
pub const FILES_OF: &str = "/api/registry/controller/{id}/storage/fs";
/// Witnesses, circuit in the path.
pub const WITNESSES_OF: &str = "/api/registry/controller/{id}/witnesses";
/// Prove, circuit in the path.
pub const PROVE_OF: &str = "/api/registry/controller/{id}/prove";
/// Prove at a pinned root, circuit in the path.
pub const PROVE_AT: &str = "/api/registry/controller/{id}/prove/{root}";
/// Verifying key, circuit in the path.
pub const VERIFYING_KEY_OF: &str = "/api/registry/controller/{id}/vk";
/// ELF, circuit in the path.
pub const BYTECODE_OF: &str = "/api/registry/controller/{id}/circuit";
/// Controller, circuit in the path.
pub const RUNTIME_OF: &str = "/api/registry/controller/{id}/runtime";
/// Entry point, circuit in the path.
pub const ENTRYPOINT_OF: &str = "/api/registry/controller/{id}/entrypoint";

/// The caller's provers.
pub const PROVER: &str = "/api/prover";

/// Jobs, newest first.
pub const JOBS: &str = "/api/jobs";
/// One job.
pub const JOB: &str = "/api/jobs/{id}";
/// The changes of one job as server-sent events.
pub const JOB_EVENTS: &str = "/api/jobs/{id}/events";

/// Every route.
pub const ALL: &[&str] = &[
    SWAGGER,
    SPEC,
    SPEC_YAML,
    HEALTH,
    METRICS,
    STATS,
    DEPLOY_CONTROLLER,
    DEPLOY_DOMAIN,
    DOMAIN,
    DOMAIN_LATEST,
    DOMAIN_FILES,
    DOMAINS,
    ROOT,
    UPDATE,
    OPENING,
    STEP_PROOF,
    UPDATES,
    RAW,
    FILES,
    WITNESSES,
    PROVE,
    VERIFYING_KEY,
    BYTECODE,
    RUNTIME,
    ENTRYPOINT,
    RAW_OF,
    FILES_OF,
    WITNESSES_OF,
    PROVE_OF,
    PROVE_AT,
    VERIFYING_KEY_OF,
    BYTECODE_OF,
    RUNTIME_OF,
    ENTRYPOINT_OF,
    PROVER,
    JOBS,
    JOB,
    JOB_EVENTS,
];

/// Puts `value` in place of the parameter `{name}`, percent-encoded as one path segment.
pub fn with(path: &str, name: &str, value: &str) -> String {
    let mut segment = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push('%');
            segment.push_str(&crate::hex::encode(&[byte]).to_uppercase());
        }
    }
    path.replace(&format!("{{{name}}}"), &segment)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_parameter_stays_one_segment() {
        assert_eq!(
            super::with(super::DOMAIN_LATEST, "name", "a/../b?c"),
            "/api/registry/domain/a%2F..%2Fb%3Fc/latest"
        );
    }
}
