#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod codec;
mod domain_name;
mod error;
#[cfg(feature = "blake3")]
mod formula;
mod identifier;
mod public_values;
pub mod sha256;
mod step_public_values;
mod witness;

pub use codec::{AlignedBytes, Reader, Writer};
pub use domain_name::DomainName;
pub use error::{DecodeError, DomainNameError, ParseIdentifierError};
pub use identifier::{
    CircuitId, DomainId, DomainRoot, HeadState, PayloadHash, Root, StateRoot, VerifyingKeyHash,
};
pub use public_values::PublicValues;
pub use step_public_values::StepPublicValues;
pub use witness::{StateProof, StateProofRef, Witness};
