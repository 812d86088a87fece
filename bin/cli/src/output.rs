//! What is printed: results to stdout, all else to stderr.

use std::{
    error::Error as _,
    io::{self, IsTerminal as _, Write as _},
};

use serde::Serialize;

use crate::error::CliError;

/// Writes results in the format that was asked for.
#[derive(Debug)]
pub(crate) struct Printer {
    is_json: bool,
}

impl Printer {
    pub(crate) const fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// The result of a command: `value` as JSON, or `text` for people.
    pub(crate) fn result(&self, value: &impl Serialize, text: &str) -> Result<(), CliError> {
        let line = if self.is_json {
            serde_json::to_string_pretty(value).map_err(|source| {
                CliError::failure("the result cannot be written as JSON", source)
            })?
        } else {
            text.trim_end().to_owned()
        };
        let mut stdout = io::stdout().lock();
        match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
            // The reader has seen enough: `… | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|source| CliError::failure("stdout cannot be written", source)),
        }
    }
}

/// Why there is no result, with all reasons behind it.
pub(crate) fn report(error: &CliError) {
    let mut text = format!("error: {error}");
    let mut source = error.source();
    while let Some(reason) = source {
        text.push_str("\n  because: ");
        text.push_str(&reason.to_string());
        source = reason.source();
    }
    if let Some(hint) = error.advice() {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    note(&text);
}

/// Whether somebody watches.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Something to know beside the result, as a line on stderr; if that is closed, nobody is left to tell.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// `name  value` lines, with the values below one another.
pub(crate) fn table(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<_> = rows
        .iter()
        .map(|(name, value)| format!("{name:width$}  {value}"))
        .collect();
    lines.join("\n")
}
