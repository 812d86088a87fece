//! Reading and writing a controller's memory. Every pointer is the controller's, so every access is checked.

use valence_coprocessor_controller_abi::{BUFFER_LENGTH, Code};
use wasmtime::{Extern, Memory};

use super::{Guest, Stop};

/// The exported memory.
pub(super) fn memory(guest: &mut Guest<'_>) -> Result<Memory, Stop> {
    match guest.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(Stop::Answer(
            Code::NoMemory,
            Code::NoMemory.meaning().to_owned(),
        )),
    }
}

/// Copies bytes out of the memory.
pub(super) fn read(guest: &mut Guest<'_>, pointer: u32, length: u32) -> Result<Vec<u8>, Stop> {
    let memory = memory(guest)?;
    let limit = guest.data().budget.limits().value_bytes;
    let (pointer, length) = (pointer as usize, length as usize);
    if length > limit {
        let reason = format!("an argument has {length} bytes, at most {limit} are accepted");
        return Err(Stop::Answer(Code::BufferTooLarge, reason));
    }
    let bytes = memory.data(&*guest);
    pointer
        .checked_add(length)
        .and_then(|end| bytes.get(pointer..end))
        .map(<[u8]>::to_vec)
        .ok_or_else(|| {
            Stop::Answer(
                Code::BufferTooLarge,
                Code::BufferTooLarge.meaning().to_owned(),
            )
        })
}

/// Copies a fixed number of bytes out of the memory.
pub(super) fn read_array<const N: usize>(
    guest: &mut Guest<'_>,
    pointer: u32,
) -> Result<[u8; N], Stop> {
    let memory = memory(guest)?;
    memory
        .data(&*guest)
        .get(pointer as usize..)
        .and_then(|rest| rest.first_chunk::<N>())
        .copied()
        .ok_or_else(|| {
            Stop::Answer(
                Code::BufferTooLarge,
                Code::BufferTooLarge.meaning().to_owned(),
            )
        })
}

/// Copies a text out of the memory.
pub(super) fn read_text(guest: &mut Guest<'_>, pointer: u32, length: u32) -> Result<String, Stop> {
    String::from_utf8(read(guest, pointer, length)?)
        .map_err(|error| Stop::Answer(Code::Utf8, error.to_string()))
}

/// Copies bytes into the memory and answers their number.
pub(super) fn write(guest: &mut Guest<'_>, pointer: u32, bytes: &[u8]) -> Result<i32, Stop> {
    let memory = memory(guest)?;
    copy(memory.data_mut(&mut *guest), pointer, bytes)
}

/// Copies the call's arguments into the memory, without a copy between.
pub(super) fn write_arguments(guest: &mut Guest<'_>, pointer: u32) -> Result<i32, Stop> {
    let memory = memory(guest)?;
    let (data, state) = memory.data_and_store_mut(&mut *guest);
    copy(data, pointer, &state.args)
}

fn copy(memory: &mut [u8], pointer: u32, bytes: &[u8]) -> Result<i32, Stop> {
    let capacity = || {
        let reason = format!(
            "a result of {} bytes does not fit the controller's buffer",
            bytes.len()
        );
        Stop::Answer(Code::Capacity, reason)
    };
    if bytes.len() > BUFFER_LENGTH {
        return Err(capacity());
    }
    let length = i32::try_from(bytes.len()).map_err(|_| capacity())?;
    let pointer = pointer as usize;
    let target = pointer
        .checked_add(bytes.len())
        .and_then(|end| memory.get_mut(pointer..end))
        .ok_or_else(capacity)?;
    target.copy_from_slice(bytes);
    Ok(length)
}
