//! The operator of Ethereum's domains; under another name its own prover process.
#![doc = include_str!("../README.md")]

mod arguments;
mod environment;
mod metrics;
mod output;
mod parts;

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::{Parser as _, error::ErrorKind};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use valence_coprocessor_ethereum_operator::{Operator, OperatorError, Reporter, StepReport};
use valence_coprocessor_zkvm::CancellationToken;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    if valence_coprocessor_prover::is_child() {
        return valence_coprocessor_prover::child_main();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let outcome = runtime.block_on(run(&arguments));
        // Whatever is still stuck must not keep the process from ending.
        runtime.shutdown_timeout(Duration::from_secs(2));
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let known = error.downcast_ref::<OperatorError>();
            if matches!(known, Some(OperatorError::Cancelled)) {
                output::note("stopped");
                return ExitCode::SUCCESS;
            }
            output::report(error.as_ref(), known.and_then(hint));
            ExitCode::from(exit_code(known))
        }
    }
}

/// Help and version are results; all else that clap says is the user's error, which has code 1 here and 2 with clap.
fn refuse(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell if stderr is closed.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

/// 2 where nodes, service or prover failed, 1 where the user must change something; all other errors are about arguments.
fn exit_code(error: Option<&OperatorError>) -> u8 {
    match error {
        Some(OperatorError::Zkvm { .. } | OperatorError::Thread { .. }) => 2,
        Some(error) if !error.is_permanent() => 2,
        _ => 1,
    }
}

fn hint(error: &OperatorError) -> Option<&str> {
    match error {
        OperatorError::NoCheckpoint { .. } => {
            Some("--checkpoint ROOT names it; --print-genesis shows what the domain set pins then")
        }
        OperatorError::Zkvm { source, .. } => source.hint(),
        OperatorError::OtherPublicValues { .. } => {
            Some("--elf must name the ethereum-step.elf of this version")
        }
        _ => None,
    }
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.print_network {
        let mut nodes = parts::nodes(arguments, None)?;
        let file = nodes.network(&Reporter::silent()).await?;
        let text = file.to_toml()?;
        let value = json!({ "toml": text });
        output::result(arguments.json, &value, text.trim_end());
        return Ok(());
    }
    if let Some(bind) = arguments.metrics_bind {
        metrics::serve(bind).await?;
    }
    let config = parts::config(arguments)?;
    let nodes = parts::nodes(arguments, Some(&config.network.name))?;
    let runs_on = !(arguments.once || arguments.dry_run || arguments.print_genesis);
    let reporter = output::reporter(arguments.json, runs_on);
    let (prover, zkvm) = parts::prover(arguments)?;
    let mut operator = Operator::new(config, nodes, parts::service(arguments)?, prover, reporter)?;
    let outcome = tokio::select! {
        outcome = work(arguments, &mut operator) => outcome,
        stopped = stop() => stopped,
    };
    if let Some(zkvm) = zkvm {
        zkvm.shutdown().await;
    }
    outcome
}

/// Ends with the first signal. Being dropped at any point does the operator no harm.
async fn stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Err(OperatorError::Cancelled.into())
}

async fn work(arguments: &Arguments, operator: &mut Operator) -> anyhow::Result<()> {
    let never = CancellationToken::new();
    if arguments.print_genesis {
        let report = operator.genesis().await?;
        output::result(arguments.json, &json!(report), &report.genesis);
    } else if arguments.dry_run {
        print(arguments, "would_append", &operator.plan().await?);
    } else if arguments.once {
        print(arguments, "appended", &operator.once(&never).await?);
    } else {
        operator.run(&never).await?;
    }
    Ok(())
}

fn print(arguments: &Arguments, what: &str, steps: &[StepReport]) {
    let lines: Vec<_> = steps.iter().map(output::line).collect();
    let text = if lines.is_empty() {
        "up to date".to_owned()
    } else {
        lines.join("\n")
    };
    let values: Vec<Value> = steps.iter().map(output::json).collect();
    output::result(arguments.json, &json!({ what: values }), &text);
}
