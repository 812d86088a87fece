#![doc = include_str!("../README.md")]
//!
//! Start at [`Sandbox`]: `compile` turns bytes into a [`ControllerModule`], `call` runs one [`Export`] of it.

mod budget;
mod call;
mod config;
mod error;
mod failure;
mod host;
mod image;
mod imports;
mod module;
mod network;
mod sandbox;
mod state;

pub use budget::Budget;
pub use call::{Call, Outcome};
pub use config::{Limits, SandboxConfig};
pub use error::{CallError, CallFailure, CompileError, HostError, SandboxError};
pub use host::{FileChanges, Host, StoredFile};
pub use module::{ControllerModule, ModuleId};
pub use network::{
    AllowedTarget, GuardedClient, NameResolver, NetworkRules, ParseTargetError, RequestError,
    RpcEndpoints, SystemResolver, TargetError,
};
pub use sandbox::Sandbox;
pub use valence_coprocessor_controller_abi::{Block, Export, HistoricalUpdate};
