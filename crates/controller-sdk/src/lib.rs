#![doc = include_str!("../README.md")]
//!
//! `host` holds the functions, `run` what `controller!` expands to, and `import` the one place that differs between
//! WebAssembly and the host.
#![no_std]

extern crate alloc;

mod error;
mod export;
mod host;
mod import;
#[doc(hidden)]
pub mod run;

pub use alloc::format as __format;

pub use error::Error;
pub use host::{
    HttpResponse, block_proof, controller, file, historical, historical_update, http, latest_block,
    light_client_step, log, raw, rpc, set_file, set_raw, set_storage_image, state_proof,
    storage_image,
};
pub use import::{HostFailure, Request};
#[cfg(not(target_arch = "wasm32"))]
pub use import::{Installed, install};
pub use valence_coprocessor_controller_abi::{
    Base64, Block, Code, HistoricalUpdate, ValidatedBlock,
};
pub use valence_coprocessor_protocol::{
    CircuitId, DomainId, PayloadHash, Root, StateProof, StateRoot, StepPublicValues, Witness,
};
