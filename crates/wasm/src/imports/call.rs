//! Imports about the call itself: arguments, return value, log, panic, identity.

use serde::de::IgnoredAny;
use valence_coprocessor_controller_abi::{Code, MODULE, MODULE_V2};
use wasmtime::Linker;

use super::guest_memory::{memory, read, read_text, write, write_arguments};
use super::{Guest, Stop, answer};
use crate::error::CallError;
use crate::state::CallState;

/// Longest text of a panic.
const PANIC_LENGTH: u32 = 64 * 1024;

pub(super) fn define(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "panic", panic)?;
    linker.func_wrap(MODULE, "args", |mut guest: Guest<'_>, pointer: u32| {
        let result = write_arguments(&mut guest, pointer);
        answer(&mut guest, "args", result)
    })?;
    linker.func_wrap(
        MODULE,
        "ret",
        |mut guest: Guest<'_>, pointer: u32, length: u32| {
            let result = ret(&mut guest, pointer, length);
            answer(&mut guest, "ret", result)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "log",
        |mut guest: Guest<'_>, pointer: u32, length: u32| {
            let result = log(&mut guest, pointer, length);
            answer(&mut guest, "log", result)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "get_controller",
        |mut guest: Guest<'_>, pointer: u32| {
            let controller = guest.data().host.controller();
            let result = write(&mut guest, pointer, &controller);
            answer(&mut guest, "get_controller", result)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "get_historical",
        |mut guest: Guest<'_>, pointer: u32| {
            let root = guest.data().host.historical();
            let result = write(&mut guest, pointer, root.as_bytes());
            answer(&mut guest, "get_historical", result)
        },
    )?;
    linker.func_wrap(
        MODULE_V2,
        "last_error",
        |mut guest: Guest<'_>, pointer: u32, capacity: u32| {
            let result = last_error(&mut guest, pointer, capacity);
            answer(&mut guest, "last_error", result)
        },
    )?;
    Ok(())
}

/// Ends the call: a controller that has panicked has nothing more to say.
fn panic(mut guest: Guest<'_>, pointer: u32, length: u32) -> wasmtime::Result<()> {
    let message = match read(&mut guest, pointer, length.min(PANIC_LENGTH)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => "its message could not be read".to_owned(),
    };
    Err(wasmtime::Error::new(CallError::Panic { message }))
}

fn ret(guest: &mut Guest<'_>, pointer: u32, length: u32) -> Result<i32, Stop> {
    let limit = guest.data().budget.limits().value_bytes;
    let got = length as usize;
    if got > limit {
        return Err(CallError::OutputLimit { got, limit }.into());
    }
    let value = read(guest, pointer, length)?;
    let checked = serde_json::from_slice::<IgnoredAny>(&value).map_err(|error| error.to_string());
    let state = guest.data_mut();
    state.refused_ret = checked.as_ref().err().cloned();
    checked.map_err(|reason| Stop::Answer(Code::ReturnBytes, reason))?;
    state.ret = Some(value);
    Ok(0)
}

fn log(guest: &mut Guest<'_>, pointer: u32, length: u32) -> Result<i32, Stop> {
    let limits = guest.data().budget.limits();
    if length as usize > limits.log_bytes {
        let (lines, bytes) = (limits.log_lines, limits.log_bytes);
        return Err(CallError::LogLimit { lines, bytes }.into());
    }
    let line = read_text(guest, pointer, length)?;
    guest.data_mut().log(line)?;
    Ok(0)
}

/// As much of the text as fits.
fn last_error(guest: &mut Guest<'_>, pointer: u32, capacity: u32) -> Result<i32, Stop> {
    memory(guest)?;
    let text = guest.data().last_error.clone().unwrap_or_default();
    let end = text.floor_char_boundary(capacity as usize);
    write(guest, pointer, &text.as_bytes()[..end])
}
