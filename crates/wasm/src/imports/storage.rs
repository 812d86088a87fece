//! Imports about what a controller stores: files, the image of all files, raw bytes.

use std::future::{Future, pending};
use std::sync::Arc;

use valence_coprocessor_controller_abi::{Code, MODULE, pack_option};
use wasmtime::Linker;

use super::guest_memory::{read, read_text, write};
use super::{Guest, Stop, answer};
use crate::error::{CallError, HostError};
use crate::host::StoredFile;
use crate::image;
use crate::state::CallState;

pub(super) fn define(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        MODULE,
        "get_storage",
        |mut guest: Guest<'_>, (pointer,): (u32,)| {
            Box::new(async move {
                let result = get_storage(&mut guest, pointer).await;
                answer(&mut guest, "get_storage", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "set_storage",
        |mut guest: Guest<'_>, (pointer, length): (u32, u32)| {
            Box::new(async move {
                let result = set_storage(&mut guest, pointer, length).await;
                answer(&mut guest, "set_storage", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "get_storage_file",
        |mut guest: Guest<'_>, (path, path_length, pointer): (u32, u32, u32)| {
            Box::new(async move {
                let result = get_storage_file(&mut guest, (path, path_length), pointer).await;
                answer(&mut guest, "get_storage_file", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "set_storage_file",
        |mut guest: Guest<'_>, (path, path_length, pointer, length): (u32, u32, u32, u32)| {
            Box::new(async move {
                let result =
                    set_storage_file(&mut guest, (path, path_length), (pointer, length)).await;
                answer(&mut guest, "set_storage_file", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "get_raw_storage",
        |mut guest: Guest<'_>, (pointer,): (u32,)| {
            Box::new(async move {
                let result = get_raw_storage(&mut guest, pointer).await;
                answer(&mut guest, "get_raw_storage", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "set_raw_storage",
        |mut guest: Guest<'_>, (pointer, length): (u32, u32)| {
            Box::new(async move {
                let result = set_raw_storage(&mut guest, pointer, length).await;
                answer(&mut guest, "set_raw_storage", result)
            })
        },
    )?;
    Ok(())
}

/// Counts a host call, and waits for the host no longer than the call may last.
pub(super) async fn ask<T>(
    guest: &Guest<'_>,
    code: Code,
    question: impl Future<Output = Result<T, HostError>>,
) -> Result<T, Stop> {
    let budget = &guest.data().budget;
    budget.spend_host_call()?;
    match tokio::time::timeout(budget.remaining(), question).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Stop::Answer(code, error.message)),
        Err(_) => Err(budget.deadline_error().into()),
    }
}

async fn get_storage(guest: &mut Guest<'_>, pointer: u32) -> Result<i32, Stop> {
    let host = Arc::clone(&guest.data().host);
    let files = ask(guest, Code::Storage, host.files()).await?;
    let image = blocking(move || image::build(&files)).await?;
    write(guest, pointer, &image)
}

async fn set_storage(guest: &mut Guest<'_>, pointer: u32, length: u32) -> Result<i32, Stop> {
    let bytes = read(guest, pointer, length)?;
    let host = Arc::clone(&guest.data().host);
    let stored: Vec<StoredFile> = ask(guest, Code::Storage, host.files()).await?;
    let changes = blocking(move || image::changes(&stored, &bytes)).await?;
    ask(guest, Code::Storage, host.change_files(changes)).await?;
    Ok(0)
}

/// Runs the work on an image where it holds up no other call.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, image::ImageError> + Send + 'static,
) -> Result<T, Stop> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Stop::Answer(Code::Storage, error.to_string())),
        // The runtime ends, and the call with it: that is no fault of the guest.
        Err(error) if error.is_cancelled() => pending().await,
        Err(error) => Err(CallError::Start {
            reason: error.to_string(),
        }
        .into()),
    }
}

async fn get_storage_file(
    guest: &mut Guest<'_>,
    path: (u32, u32),
    pointer: u32,
) -> Result<i32, Stop> {
    let path = read_text(guest, path.0, path.1)?;
    let host = Arc::clone(&guest.data().host);
    let file = ask(guest, Code::Storage, host.file(&path)).await?;
    write(guest, pointer, &pack_option(file.as_ref()))
}

async fn set_storage_file(
    guest: &mut Guest<'_>,
    path: (u32, u32),
    contents: (u32, u32),
) -> Result<i32, Stop> {
    let path = read_text(guest, path.0, path.1)?;
    let contents = read(guest, contents.0, contents.1)?;
    let host = Arc::clone(&guest.data().host);
    ask(guest, Code::Storage, host.set_file(&path, contents)).await?;
    Ok(0)
}

async fn get_raw_storage(guest: &mut Guest<'_>, pointer: u32) -> Result<i32, Stop> {
    let host = Arc::clone(&guest.data().host);
    let bytes = ask(guest, Code::RawStorage, host.raw()).await?;
    write(guest, pointer, &bytes.unwrap_or_default())
}

async fn set_raw_storage(guest: &mut Guest<'_>, pointer: u32, length: u32) -> Result<i32, Stop> {
    let bytes = read(guest, pointer, length)?;
    let host = Arc::clone(&guest.data().host);
    ask(guest, Code::RawStorage, host.set_raw(bytes)).await?;
    Ok(0)
}
