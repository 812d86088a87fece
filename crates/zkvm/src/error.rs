//! Why a zkVM gave no result.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use valence_coprocessor_protocol::VerifyingKeyHash;

use crate::{MemorySize, ProofKind};

/// Why a zkVM gave no result.
///
/// Plain values only, because it also travels from the prover process to its parent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ZkvmError {
    /// The circuit panicked or exited with a code other than 0.
    #[error("the circuit panicked: {message}")]
    GuestPanicked {
        /// The panic's text, or the exit code if it wrote none.
        message: String,
    },
    /// The circuit needs more cycles than allowed.
    #[error("the circuit needs more than the limit of {limit} cycles")]
    CycleLimit {
        /// The limit that it hit.
        limit: u64,
    },
    /// The request took longer than allowed.
    #[error("the prover gave no answer within {} s", limit.as_secs())]
    Timeout {
        /// The limit that it hit.
        limit: Duration,
    },
    /// The machine has too little free memory to begin.
    #[error("a {kind} proof needs {needed} of free memory, {free} are free")]
    OutOfMemory {
        /// The kind of proof that was asked for.
        kind: ProofKind,
        /// What it needs.
        needed: MemorySize,
        /// What is free.
        free: MemorySize,
    },
    /// The prover process ended while it worked on the request.
    #[error("the prover process ended: {reason}")]
    ProverDied {
        /// Its exit code or signal.
        reason: String,
    },
    /// The bytes are no program of this zkVM.
    #[error("not an ELF of this zkVM: {reason}")]
    InvalidElf {
        /// What is wrong with them.
        reason: String,
    },
    /// The bytes are no verifying key of this zkVM.
    #[error("not a verifying key: {reason}")]
    InvalidVerifyingKey {
        /// What is wrong with them.
        reason: String,
    },
    /// The proof does not verify.
    #[error("the {kind} proof does not verify: {reason}")]
    InvalidProof {
        /// The kind that it claims to be.
        kind: ProofKind,
        /// What is wrong with it.
        reason: String,
    },
    /// The proof verifies, but is of another program.
    #[error("the proof is of verifying key {got}, expected {expected}")]
    OtherVerifyingKey {
        /// The key that the proof is of.
        #[serde(with = "crate::verifying_key::hash_bytes")]
        got: VerifyingKeyHash,
        /// The key that was demanded.
        #[serde(with = "crate::verifying_key::hash_bytes")]
        expected: VerifyingKeyHash,
    },
    /// The proof is of a run that panicked.
    #[error("the {kind} proof is of a run that ended with exit code {code}, expected 0")]
    ExitCode {
        /// The kind of the proof.
        kind: ProofKind,
        /// The code that the guest ended with.
        code: u32,
    },
    /// A core proof of a circuit that verifies proofs: it binds none of them.
    #[error(
        "a core proof does not bind the proofs that its circuit verifies; use compressed, groth16 or plonk"
    )]
    DeferredCore,
    /// The kind is no proof.
    #[error("kind `execute` proves nothing: there is no proof to make or to verify")]
    NoProof,
    /// This installation cannot do it.
    #[error("{what} is not available")]
    Unavailable {
        /// What is missing.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// The caller cancelled the request.
    #[error("cancelled")]
    Cancelled,
    /// The zkVM was shut down.
    #[error("the prover is shut down")]
    ShutDown,
    /// The prover failed in a way that has no name.
    #[error("the prover failed: {reason}")]
    Failed {
        /// What it said.
        reason: String,
    },
}

impl ZkvmError {
    /// What the operator can do about it, where that is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Unavailable { hint, .. } => Some(hint),
            Self::OutOfMemory { .. } => {
                Some("free some memory, use a larger machine, or ask for kind `execute`")
            }
            Self::CycleLimit { .. } => {
                Some("raise the cycle limit of the service or make the circuit cheaper")
            }
            _ => None,
        }
    }

    /// Whether the same request may succeed later without any change.
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::ProverDied { .. } | Self::OutOfMemory { .. } | Self::ShutDown
        )
    }
}
