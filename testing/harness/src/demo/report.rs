//! What the demo shows: one line for each step, with its time; a spinner only on a terminal.

use std::{
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Where the lines go.
#[derive(Debug)]
pub(crate) struct Report {
    is_terminal: bool,
    start: Instant,
}

/// A step that runs.
#[derive(Debug)]
pub(crate) struct Step {
    title: String,
    start: Instant,
    spinner: Option<ProgressBar>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            start: Instant::now(),
        }
    }

    /// Begins a step.
    pub(crate) fn step(&self, title: &str) -> Step {
        let spinner = self.is_terminal.then(|| {
            let style = ProgressStyle::with_template("  {spinner} {msg} {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let spinner = ProgressBar::new_spinner().with_style(style);
            spinner.set_message(title.to_owned());
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        });
        Step {
            title: title.to_owned(),
            start: Instant::now(),
            spinner,
        }
    }

    /// The last line.
    pub(crate) fn done(&self) {
        write_line(&format!(
            "done in {:.1} s",
            self.start.elapsed().as_secs_f64()
        ));
    }
}

impl Step {
    /// What the step does now, on a terminal.
    pub(crate) fn progress(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(format!("{}: {text}", self.title));
        }
    }

    /// Ends the step with what came of it.
    pub(crate) fn done(self, outcome: &str) {
        if let Some(spinner) = self.spinner {
            spinner.finish_and_clear();
        }
        let seconds = self.start.elapsed().as_secs_f64();
        write_line(&format!("{seconds:>7.2} s  {:<24} {outcome}", self.title));
    }
}

/// A line of explanation.
pub(crate) fn say(line: &str) {
    write_line(line);
}

/// The result, on stdout, where programs look for it.
pub(crate) fn result(lines: &[(&str, String)]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, value) in lines {
        writeln!(out, "{name:<10} {value}")?;
    }
    out.flush()
}

/// Why it ended early.
pub(crate) fn failed(error: &anyhow::Error) {
    write_line(&format!("error: {error:#}"));
}

/// A closed stderr is no reason to stop.
fn write_line(line: &str) {
    let mut out = std::io::stderr().lock();
    drop(writeln!(out, "{line}"));
}
