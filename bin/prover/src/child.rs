//! Entry of a prover process, whatever executable it was started from.

use std::{env, io, process::ExitCode};

use valence_coprocessor_zkvm_sp1::{Mode, PROVER_NAME, serve};

use crate::logging;

/// What is logged unless `RUST_LOG` says otherwise: SP1 tells every shard at level info.
pub(crate) const DEFAULT_FILTER: &str = "warn";

/// The same in a prover process, with the numbers of requests that others are paid for.
const CHILD_FILTER: &str = "warn,valence_coprocessor=info";

/// Whether this process was started as a prover: under the prover's name, with `child` as first argument.
pub fn is_child() -> bool {
    let mut arguments = env::args_os();
    arguments.next().is_some_and(|name| name == PROVER_NAME)
        && arguments.next().is_some_and(|first| first == "child")
}

/// Runs a prover process until its parent is gone.
pub fn child_main() -> ExitCode {
    logging::to_stderr(CHILD_FILTER);
    let arguments: Vec<String> = env::args().skip(2).collect();
    let mode = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["--mode", name] => name.parse::<Mode>().map_err(|error| error.to_string()),
        _ => Err("expected `child --mode light|cpu|cuda|network`".to_owned()),
    };
    let outcome = mode.and_then(|mode| serve(mode).map_err(|error| chain(&error)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            report(&reason);
            ExitCode::from(2)
        }
    }
}

/// Writes an error for a person.
pub(crate) fn report(reason: &str) {
    use io::Write as _;
    let _ = writeln!(io::stderr(), "error: {reason}");
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
