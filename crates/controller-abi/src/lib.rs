#![doc = include_str!("../README.md")]
//!
//! Three files: the names and codes ([`Code`], [`Export`]), the values (`value`), and the blocks that are posted to a service
//! (`light_client_block`).
#![no_std]

extern crate alloc;

mod code;
mod export;
mod light_client_block;
mod value;

pub use code::Code;
pub use export::Export;
pub use light_client_block::{Base64, LightClientBlock, StepEvidence};
pub use value::{
    Block, HistoricalUpdate, StateProofValue, UnpackError, ValidatedBlock, WitnessValue, pack,
    pack_option, unpack, unpack_option,
};

/// The published import module.
pub const MODULE: &str = "valence";

/// The import module of what was added since:
///
/// - `last_error(ptr, capacity) -> length`: why the latest import call answered a negative code, in words;
/// - `light_client_step(ptr) -> length`: in `validate_block` of a domain with a light client, the public values of the
///   step whose proof the service has verified (144 bytes, docs/protocol.md): under the verifying key and from the genesis
///   of the domain set. Elsewhere [`Code::LightClientStep`].
pub const MODULE_V2: &str = "valence_v2";

/// Bytes that a controller reserves for the result of an import call. The published imports take no capacity, so the
/// host never writes more than this.
pub const BUFFER_LENGTH: usize = 16 * 1024 * 1024;
