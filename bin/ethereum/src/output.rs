//! What is printed: results to stdout, all else to stderr.

use std::{
    error::Error,
    io::{self, IsTerminal as _, Write as _},
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use valence_coprocessor_ethereum_operator::{Event, Reporter, StepReport};

const SPINNER: &str = "{elapsed_precise} {spinner} {msg}";

/// Prints one line for each event, with the time since the start; what a proof says of itself only on a terminal.
/// With `prints_blocks`, appended blocks are results.
pub(crate) fn reporter(is_json: bool, prints_blocks: bool) -> Reporter {
    let begun = Instant::now();
    let spinner: Mutex<Option<ProgressBar>> = Mutex::new(None);
    Reporter::new(move |event| {
        let Ok(mut spinner) = spinner.lock() else {
            return;
        };
        if let Event::Proving { text } = event {
            if io::stderr().is_terminal() {
                let bar = spinner.get_or_insert_with(new_spinner);
                bar.set_message(text.clone());
            }
            return;
        }
        if let Some(bar) = spinner.take() {
            bar.finish_and_clear();
        }
        note(&format!("{:>8.1}s  {event}", begun.elapsed().as_secs_f32()));
        if prints_blocks && let Event::Appended(report) = event {
            result(is_json, &json(report), &line(report));
        }
    })
}

fn new_spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(SPINNER) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// A report as JSON.
pub(crate) fn json(report: &StepReport) -> Value {
    serde_json::to_value(report).unwrap_or_default()
}

/// A report for people.
pub(crate) fn line(report: &StepReport) -> String {
    let cycles = report
        .cycles
        .map_or_else(String::new, |cycles| format!(", {cycles} cycles"));
    format!(
        "block {}  slot {}  {} updates{cycles}  state {}",
        report.number, report.slot, report.updates, report.state
    )
}

/// The result, in the format that was asked for. Nobody is left to tell if stdout is closed.
pub(crate) fn result(is_json: bool, value: &Value, text: &str) {
    let line = if is_json {
        value.to_string()
    } else {
        text.to_owned()
    };
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Something to know beside the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Why there is no result, with all reasons behind it.
pub(crate) fn report(error: &(dyn Error + 'static), hint: Option<&str>) {
    let mut text = format!("error: {error}");
    let mut source = error.source();
    while let Some(reason) = source {
        text.push_str("\n  because: ");
        text.push_str(&reason.to_string());
        source = reason.source();
    }
    if let Some(hint) = hint {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    note(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(SPINNER).is_ok());
    }
}
