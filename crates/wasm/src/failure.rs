//! From wasmtime's errors to ours.

use valence_coprocessor_controller_abi::MODULE;
use wasmtime::{Error, Trap, UnknownImportError, WasmBacktrace};

use crate::budget::Budget;
use crate::error::CallError;

/// The named reason of a failed run.
pub(crate) fn classify(error: &Error, budget: &Budget) -> CallError {
    if let Some(ours) = error.downcast_ref::<CallError>() {
        return ours.clone();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => CallError::FuelExhausted {
            limit: budget.limits().fuel,
        },
        Some(Trap::StackOverflow) => CallError::StackOverflow,
        Some(Trap::Interrupt) => budget.deadline_error(),
        Some(trap) => CallError::Trap {
            message: format!("{trap}{}", place(error)),
        },
        None => unclassified(error),
    }
}

fn unclassified(error: &Error) -> CallError {
    match error.downcast_ref::<UnknownImportError>() {
        Some(unknown) => {
            let (module, name) = (unknown.module(), unknown.name());
            let hint = if module == MODULE {
                "this service does not know it"
            } else {
                "only `valence` and `valence_v2` are provided"
            };
            CallError::Trap {
                message: format!("it called the import `{module}::{name}`, and {hint}"),
            }
        }
        None => CallError::Start {
            reason: chain(error),
        },
    }
}

/// The innermost function that has a name.
fn place(error: &Error) -> String {
    error
        .downcast_ref::<WasmBacktrace>()
        .and_then(|trace| trace.frames().iter().find_map(|frame| frame.func_name()))
        .map(|name| format!(" in `{name}`"))
        .unwrap_or_default()
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
