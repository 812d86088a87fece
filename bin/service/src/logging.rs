//! The log: to stderr, filtered by `RUST_LOG`.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{
    EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};
use valence_coprocessor_telemetry::Exporter;

use crate::{
    arguments::{Arguments, LogFormat},
    environment,
};

/// What is logged unless `RUST_LOG` says otherwise.
const DEFAULT_FILTER: &str = "warn,valence_coprocessor=info,valence_coprocessor_wasm=info,\
valence_coprocessor_server=info,valence_coprocessor_service=info,valence_coprocessor_zkvm_sp1=info";

/// Starts logging, and the export of spans if a collector is named.
pub(crate) fn start(arguments: &Arguments) -> anyhow::Result<Option<Exporter>> {
    let filter = EnvFilter::try_from_env(environment::RUST_LOG)
        .unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match arguments.log {
        LogFormat::Text => lines.with_ansi(colour()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let exporter = arguments
        .otlp
        .as_ref()
        .map(|collector| {
            let instance = format!("{}:{}", arguments.bind, std::process::id());
            Exporter::new(collector, "valence-coprocessor-service", instance)
        })
        .transpose()?;
    tracing_subscriber::registry()
        .with(exporter.as_ref().map(Exporter::layer))
        .with(lines)
        .with(filter)
        .init();
    Ok(exporter)
}

fn colour() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR is a convention of terminals, read once at the start"
    )]
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && io::stderr().is_terminal()
}
