//! `cargo xtask demo`: the co-processor at work, from an empty machine to a verified statement.
//!
//! Steps go to stderr with their times, the result to stdout.

mod arguments;
mod report;
mod story;
mod subject;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{arguments::Arguments, report::Report};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report = Report::new();
    let story = tokio::select! {
        story = story::tell(&arguments, &report) => story,
        // What was started is killed when the story is dropped.
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match story {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::failed(&error);
            ExitCode::FAILURE
        }
    }
}
