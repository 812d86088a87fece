//! The functions that a controller imports, with the published codes and encodings.

mod call;
mod guest_memory;
mod history;
mod network;
mod storage;

use wasmtime::{Caller, Linker};

use crate::error::CallError;
use crate::state::CallState;

use valence_coprocessor_controller_abi::Code;

/// A controller that calls the host.
type Guest<'a> = Caller<'a, CallState>;

/// Why an import does not answer a length.
#[derive(Debug)]
enum Stop {
    /// The controller gets the code, and its log the reason.
    Answer(Code, String),
    /// The call ends.
    End(CallError),
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::End(error)
    }
}

/// Defines every import.
pub(crate) fn define(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    call::define(linker)?;
    storage::define(linker)?;
    history::define(linker)?;
    network::define(linker)
}

/// Turns an import's result into what the controller sees; a reason is kept for `last_error` and logged.
fn answer(guest: &mut Guest<'_>, import: &str, result: Result<i32, Stop>) -> wasmtime::Result<i32> {
    match result {
        Ok(length) => Ok(length),
        Err(Stop::End(error)) => Err(wasmtime::Error::new(error)),
        Err(Stop::Answer(code, reason)) => {
            let state = guest.data_mut();
            let line = format!("{import}: {reason}");
            state.last_error = Some(line.clone());
            state.log(line).map_err(wasmtime::Error::new)?;
            Ok(code.number())
        }
    }
}
