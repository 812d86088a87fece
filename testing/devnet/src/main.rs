//! A simulated beacon chain as a program, beside an execution node such as anvil.

mod arguments;

use std::{io::Write as _, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};
use valence_coprocessor_devnet::{Devnet, DevnetConfig};

use crate::arguments::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell if stderr is gone.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(1)
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let pace = arguments.seconds_per_slot;
    let config = DevnetConfig::try_from(arguments)?;
    let devnet = Devnet::start(config).await?;
    writeln!(std::io::stdout(), "Listening on {}", devnet.url())
        .context("cannot write to stdout")?;
    let growing = async {
        if pace == 0 {
            std::future::pending::<()>().await;
        }
        devnet.run(Duration::from_secs(pace)).await;
    };
    tokio::select! {
        () = growing => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    devnet.stop().await;
    Ok(())
}
