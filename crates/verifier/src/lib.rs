#![doc = include_str!("../README.md")]
//! Offline verification.

mod compressed;
mod error;
mod onchain;
mod proof_file;
mod proof_kind;
mod verify;
mod words;

pub use error::{ProofFileError, VerifyError};
pub use proof_file::{ProofFile, VerifiedProof};
pub use proof_kind::{ProofKind, UnknownProofKind};
pub use verify::verify_proof;
pub use words::{KOALA_BEAR_PRIME, hash_from_words, hash_to_words};
