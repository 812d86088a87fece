//! `valence-coprocessor`: build, deploy, prove and verify from a shell.
#![doc = include_str!("../README.md")]

mod arguments;
mod artifacts;
mod commands;
mod context;
mod environment;
mod error;
mod lock;
mod manifest;
mod output;
mod progress;

use std::process::ExitCode;

use clap::{Parser as _, error::ErrorKind};

use crate::{arguments::Arguments, output::Printer};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let printer = Printer::new(arguments.json);
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| error::CliError::failure("the runtime does not start", source))
        .and_then(|runtime| runtime.block_on(commands::run(arguments, &printer)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::report(&error);
            ExitCode::from(error.exit_code())
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
