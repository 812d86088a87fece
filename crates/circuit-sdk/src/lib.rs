#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod encode;
#[cfg(target_os = "zkvm")]
mod entry;
mod error;
mod run;
mod witnesses;

#[cfg(target_os = "zkvm")]
#[doc(hidden)]
pub use entry::{enter, enter_program};
#[cfg(target_os = "zkvm")]
#[doc(hidden)]
pub use sp1_zkvm;

pub use encode::{OpenedWitness, encode_witnesses};
pub use error::{CircuitError, WitnessError};
pub use run::run;
pub use valence_coprocessor_history::{OpenedStateProof, Opening};
pub use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateProof, StateRoot};
pub use witnesses::{Verified, Witnesses};
