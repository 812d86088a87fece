//! One function, `call`, stands for every import. WebAssembly calls the host; elsewhere whoever was installed answers.

#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::{call, start};

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{Installed, install};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{call, start};

use alloc::string::String;
use core::fmt;

use valence_coprocessor_controller_abi::Code;

/// What a controller asks of the host; the answer is bytes in the encoding of the published imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// The arguments, as JSON.
    Args,
    /// Sets the return value, JSON.
    Ret(&'a [u8]),
    /// Writes a line to the log.
    Log(&'a str),
    /// Ends the call with a text.
    Panic(&'a str),
    /// The FAT image of all files.
    StorageImage,
    /// Replaces the FAT image of all files.
    SetStorageImage(&'a [u8]),
    /// A stored file.
    File(&'a str),
    /// Stores a file.
    SetFile(&'a str, &'a [u8]),
    /// The raw storage.
    Raw,
    /// Replaces the raw storage.
    SetRaw(&'a [u8]),
    /// Identifier of the circuit or domain.
    Controller,
    /// The co-processor root.
    Historical,
    /// The newest block of a domain.
    LatestBlock(&'a str),
    /// The opening of a block.
    BlockProof(&'a str, u64),
    /// The step that led to a root.
    HistoricalUpdate(&'a [u8; 32]),
    /// A state proof of a domain, with its arguments as JSON.
    StateProof(&'a str, &'a [u8]),
    /// The public values of the light client's step.
    LightClientStep,
    /// An HTTP request, as JSON.
    Http(&'a [u8]),
    /// A call of a chain's node: chain, method, parameters as JSON.
    Rpc(&'a str, &'a str, &'a [u8]),
}

/// The host refused or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFailure {
    /// The code of the import.
    pub code: i32,
    /// The reason, in words.
    pub reason: String,
}

impl fmt::Display for HostFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.reason.is_empty() {
            return formatter.write_str(&self.reason);
        }
        match Code::from_number(self.code) {
            Some(code) => code.fmt(formatter),
            None => write!(formatter, "the host answered {}", self.code),
        }
    }
}

impl core::error::Error for HostFailure {}
