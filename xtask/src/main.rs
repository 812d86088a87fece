//! `cargo xtask`: the project's tasks, written in Rust so that they run wherever the project builds.
//!
//! Each task prints the commands that it runs, so that a reader can run them alone.

mod build;
mod command;
mod gate;
mod guests;
mod repository;
mod setup;
mod tidy;

use std::process::ExitCode;

use clap::Parser;

use crate::{gate::Proofs, repository::Repository};

/// The project's tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Install what building, testing and the demo need; says what before it does.
    Setup {
        /// Also what building the guests needs (a Rust compiler with the standard library's source).
        #[arg(long)]
        guests: bool,
    },
    /// Show the co-processor at work on a real execution node: deploy, prove, verify.
    #[command(disable_help_flag = true)]
    Demo {
        /// What the demo itself takes; `cargo xtask demo --help` lists it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every test, the scenarios with real processes included.
    Test {
        /// Leave out the real proof, which takes minutes and 10 GiB of memory.
        #[arg(long)]
        without_proof: bool,
    },
    /// Run the whole gate: formatting, lints, tidy, documentation, guests, and every test.
    Ci {
        /// Stop before the tests.
        #[arg(long)]
        without_tests: bool,
    },
    /// Check the rules of the repository that no compiler knows.
    Tidy,
    /// Build the guests, and write down what they were built from.
    Guests {
        /// Build, compare with what is committed, change nothing.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            command::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let repository = Repository::open()?;
    match task {
        Task::Setup { guests: false } => setup::for_building(&repository),
        Task::Setup { guests: true } => setup::for_guests(&repository),
        Task::Demo { arguments } => gate::demo(&repository, &arguments),
        Task::Test { without_proof } => gate::test(&repository, Proofs::unless(without_proof)),
        Task::Ci { without_tests } => gate::ci(&repository, without_tests),
        Task::Tidy => tidy::run(&repository),
        Task::Guests { check } => guests::run(check),
    }
}
