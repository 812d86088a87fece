#![doc = include_str!("../README.md")]
#![no_std]
#![expect(
    clippy::inline_always,
    reason = "in the zkVM a call costs more than most of what these functions do"
)]

extern crate alloc;

mod advice;
#[cfg(not(target_os = "zkvm"))]
mod advise;
mod advised;
mod arithmetic;
mod curve;
mod encoding;
mod error;
mod field;
mod hash_to_curve;
mod oracle;
mod pairing;
mod public_key;
mod signature;
mod verify;

pub use advice::Advice;
#[cfg(not(target_os = "zkvm"))]
pub use advise::{Unadvisable, advise};
pub use advised::verify_advised;
pub use error::{AdviceError, Key, PointError, SignatureError};
pub use public_key::PublicKey;
pub use signature::{Signature, SigningRoot};
pub use verify::verify;
