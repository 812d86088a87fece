#![doc = include_str!("../README.md")]

mod build;
mod error;
mod flags;
mod guest;
mod machine;
mod source;
mod target_spec;
mod toolchain;
mod wrapper;

pub use build::{Artifact, Build};
pub use error::BuildError;
pub use guest::GuestKind;
pub use machine::Machine;
pub use source::{SourceDigest, folder_digest, source_digest};
pub use toolchain::{Fingerprint, Toolchain};
