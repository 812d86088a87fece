//! The co-processor service; under another name its own prover process.

mod arguments;
mod domain_set;
mod environment;
mod logging;
mod metrics;
mod service;
mod workers;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    if valence_coprocessor_prover::is_child() {
        return valence_coprocessor_prover::child_main();
    }
    let arguments = Arguments::parse();
    let exporter = match logging::start(&arguments) {
        Ok(exporter) => exporter,
        Err(error) => return refuse(&error),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let outcome = runtime.block_on(service::run(arguments));
        // Whatever is still stuck must not keep the process from ending.
        runtime.shutdown_timeout(std::time::Duration::from_secs(2));
        outcome
    });
    if let Some(exporter) = exporter {
        exporter.shutdown();
    }
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &anyhow::Error) -> ExitCode {
    use std::io::Write as _;
    // Nothing is left to tell if stderr is gone.
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    ExitCode::from(1)
}
