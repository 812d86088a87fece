//! The tasks that build and then run something: the demo, the tests, the whole gate.

use anyhow::Context as _;

use crate::{
    build,
    command::{Step, say},
    guests,
    repository::Repository,
    setup, tidy,
};

/// The controllers have a workspace of their own, and tests that run on the host.
const CONTROLLERS: &str = "guests/controllers/Cargo.toml";

/// The provers that are not in every build. Linting compiles them, so that they are compiled at all; one selection for
/// everything that only checks, because another one checks the proving stack anew.
const PROVERS: [&str; 2] = [
    "--features",
    "valence-coprocessor-prover/cuda,valence-coprocessor-prover/network",
];

/// Whether the tests make a real proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proofs {
    /// Minutes of every core, and 10 GiB of memory.
    Real,
    /// Executed only.
    None,
}

impl Proofs {
    /// Real proofs unless they are declined.
    pub(crate) fn unless(declined: bool) -> Self {
        if declined { Self::None } else { Self::Real }
    }

    /// The profile of .config/nextest.toml that selects the tests.
    fn profile(self) -> &'static str {
        match self {
            Self::Real => "full",
            Self::None => "default",
        }
    }
}

/// Sets up, builds and runs the demo with these arguments.
pub(crate) fn demo(repository: &Repository, arguments: &[String]) -> anyhow::Result<()> {
    setup::for_building(repository)?;
    build::everything(repository)?;
    let program = build::program(repository, "demo")?;
    let program = program.to_str().context("the target folder is not UTF-8")?;
    Step::new(program)
        .args(arguments)
        .folder(repository.root())
        .run()
}

/// Sets up, builds and runs every test; the last lines are the test runner's summary.
pub(crate) fn test(repository: &Repository, proofs: Proofs) -> anyhow::Result<()> {
    setup::for_building(repository)?;
    let has_runner = setup::test_runner(repository);
    build::everything(repository)?;
    build::published_client(repository)?;
    repository
        .cargo()
        .args(["test", "--doc", "--workspace", "--locked"])
        .run()?;
    repository
        .cargo()
        .args(["test", "--locked", "--manifest-path", CONTROLLERS])
        .run()?;
    if has_runner {
        return repository
            .cargo()
            .args(["nextest", "run", "--workspace", "--locked", "--profile"])
            .arg(proofs.profile())
            .run();
    }
    let tests = repository
        .cargo()
        .args(["test", "--workspace", "--all-targets", "--locked"]);
    match proofs {
        Proofs::Real => tests.run(),
        Proofs::None => tests.args(["--", "--skip", "real_proof"]).run(),
    }
}

/// Everything that a change must pass.
pub(crate) fn ci(repository: &Repository, without_tests: bool) -> anyhow::Result<()> {
    setup::for_guests(repository)?;
    repository.cargo().args(["fmt", "--all", "--check"]).run()?;
    tidy::run(repository)?;
    let lints = ["clippy", "--workspace", "--all-targets", "--locked"];
    repository
        .cargo()
        .args(lints)
        .args(PROVERS)
        .args(["--", "--deny", "warnings"])
        .run()?;
    repository
        .cargo()
        .args(["doc", "--workspace", "--no-deps", "--locked"])
        .args(PROVERS)
        .env("RUSTDOCFLAGS", "--deny warnings")
        .run()?;
    // Builds every L0 crate for the zkVM and for WebAssembly, without the standard library's I/O.
    guests::run(true)?;
    if_installed(repository, "deny", &["deny", "check"])?;
    if_installed(repository, "typos", &["typos"])?;
    if without_tests {
        return Ok(());
    }
    test(repository, Proofs::Real)
}

/// Checks that need a program which the registries do not always bring.
fn if_installed(repository: &Repository, name: &str, command: &[&str]) -> anyhow::Result<()> {
    let program = command.first().context("a command has a program")?;
    let (is_there, step) = if *program == "typos" {
        (
            Step::new("typos").arg("--version").succeeds(),
            Step::new("typos").folder(repository.root()),
        )
    } else {
        (
            repository.cargo().args([program, "--version"]).succeeds(),
            repository.cargo().args(command),
        )
    };
    if is_there {
        step.run()
    } else {
        say(&format!("skipped: {name} is not installed"));
        Ok(())
    }
}
