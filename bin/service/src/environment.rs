//! Every variable of the environment that the service reads, once.

pub(crate) const BIND: &str = "VALENCE_BIND";
pub(crate) const PORT: &str = "VALENCE_PORT";
pub(crate) const PORT_FILE: &str = "VALENCE_PORT_FILE";
pub(crate) const STORE: &str = "VALENCE_STORE";
pub(crate) const DATA_DIR: &str = "VALENCE_DATA_DIR";
pub(crate) const DOMAIN_SET: &str = "VALENCE_DOMAIN_SET";
pub(crate) const DEFAULT_KIND: &str = "VALENCE_DEFAULT_KIND";
pub(crate) const LOG_FORMAT: &str = "VALENCE_LOG_FORMAT";
pub(crate) const PROVERS: &str = "VALENCE_PROVERS";
pub(crate) const PROVER_SECRET_FILE: &str = "VALENCE_PROVER_SECRET_FILE";
/// Collector of spans, as OpenTelemetry names it.
pub(crate) const OTLP: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Filter of the log, as everywhere in Rust.
pub(crate) const RUST_LOG: &str = "RUST_LOG";
/// Key of a hosted node provider.
pub(crate) const ANKR_API_KEY: &str = "ANKR_API_KEY";
/// Key of a hosted node provider.
pub(crate) const ALCHEMY_API_KEY: &str = "ALCHEMY_API_KEY";
/// Local copy of SP1's circuits.
pub(crate) const GROTH16_CIRCUITS: &str = "SP1_GROTH16_CIRCUIT_PATH";
/// Local copy of SP1's circuits.
pub(crate) const PLONK_CIRCUITS: &str = "SP1_PLONK_CIRCUIT_PATH";
