#![doc = include_str!("../README.md")]
//! SP1 behind the port to zkVMs.

mod backend;
mod child;
mod parent;
mod shared_memory;

pub use backend::{Backend, CudaConfig, InvalidNetworkKey, NetworkConfig, NetworkKey, NetworkMode};
pub use child::{ChildError, Mode, UnknownMode, serve};
pub use parent::{ChildConfig, PROVER_NAME, Requirements, Sp1Children};
