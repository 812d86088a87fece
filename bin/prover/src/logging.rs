//! The log, to stderr; a worker's spans go to a collector too, if one is named.

use std::io;

use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};
use url::Url;
use valence_coprocessor_telemetry::{Exporter, ExporterError};

/// Logs what `RUST_LOG` says, or else `default`.
pub(crate) fn to_stderr(default: &str) {
    init(default, None);
}

/// The same, with spans sent to `collector`.
pub(crate) fn to_stderr_and(
    collector: &Url,
    instance: String,
    default: &str,
) -> Result<Exporter, ExporterError> {
    let exporter = Exporter::new(collector, "valence-coprocessor-prover", instance)?;
    init(default, Some(&exporter));
    Ok(exporter)
}

fn init(default: &str, exporter: Option<&Exporter>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    // A second subscriber, as in a test that calls twice, is no reason to fail.
    let _ = tracing_subscriber::registry()
        .with(exporter.map(Exporter::layer))
        .with(tracing_subscriber::fmt::layer().with_writer(io::stderr))
        .with(filter)
        .try_init();
}
