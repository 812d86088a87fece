#![doc = include_str!("../README.md")]
//!
//! Two files: the names and codes ([`Code`], [`Export`]), and the values (`value`).
#![no_std]

extern crate alloc;

mod code;
mod export;
mod value;

pub use code::Code;
pub use export::Export;
pub use value::{
    Block, HistoricalUpdate, StateProofValue, UnpackError, ValidatedBlock, WitnessValue, pack,
    pack_option, unpack, unpack_option,
};

/// The published import module.
pub const MODULE: &str = "valence";

/// The import module of what was added since: at present `last_error(ptr, capacity) -> length`, the text of the
/// reason why the latest import call answered a negative code.
pub const MODULE_V2: &str = "valence_v2";

/// Bytes that a controller reserves for the result of an import call. The published imports take no capacity, so the
/// host never writes more than this.
pub const BUFFER_LENGTH: usize = 16 * 1024 * 1024;
