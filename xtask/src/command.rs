//! Running other programs, visibly: what runs is printed, and a failure names the command.

use std::{
    ffi::OsStr,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

/// One line for the person who runs the task.
#[expect(clippy::print_stderr, reason = "tasks talk to a person on stderr")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// A variable of the environment, if it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where tasks read the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a program lies on the search path.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// Whether cargo sets this variable for one package's program, rather than reading it.
fn is_of_a_package(name: &str) -> bool {
    const PREFIXES: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];
    const NAMES: [&str; 4] = [
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// A command that is printed before it runs.
#[derive(Debug)]
pub(crate) struct Step {
    command: Command,
    text: String,
}

impl Step {
    /// A program found on the search path.
    pub(crate) fn new(program: &str) -> Self {
        Self {
            command: Command::new(program),
            text: program.to_owned(),
        }
    }

    /// The cargo that runs this task.
    pub(crate) fn cargo() -> Self {
        let program = variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
        let mut step = Self::new(&program);
        "cargo".clone_into(&mut step.text);
        // What cargo set for the task itself is not for the cargo that the task starts: crates whose build scripts look
        // at it, `ring` among them, would be compiled anew whenever a person calls cargo without the task.
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| is_of_a_package(&name.to_string_lossy())) {
            step.command.env_remove(name);
        }
        step
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        let argument = argument.as_ref();
        write!(self.text, " {}", argument.to_string_lossy()).expect("strings take any text");
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Sets a variable of the command's environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.text = format!("{name}='{value}' {}", self.text);
        self.command.env(name, value);
        self
    }

    /// Runs in this folder.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it; its output goes where ours goes.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        say(&format!("$ {}", self.text));
        let status = self
            .command
            .status()
            .with_context(|| format!("starting `{}`", self.text))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.text);
        }
        Ok(())
    }

    /// Whether it runs and succeeds, without a word.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// What it prints on stdout, if it succeeds.
    pub(crate) fn output(mut self) -> anyhow::Result<String> {
        let output = self
            .command
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("starting `{}`", self.text))?;
        if !output.status.success() {
            bail!("`{}` failed ({})", self.text, output.status);
        }
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` printed no UTF-8", self.text))
    }
}
