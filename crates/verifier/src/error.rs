//! Why a proof file is refused.

use valence_coprocessor_protocol::VerifyingKeyHash;

use crate::ProofKind;

/// Why bytes are no proof file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFileError {
    /// The file ends too early.
    #[error("the file ends within its {field}")]
    Truncated {
        /// What could not be read.
        field: &'static str,
    },
    /// The file does not begin as proof files do.
    #[error("not a proof file: it does not begin with `VALPROOF`")]
    Magic,
    /// The file is of another version.
    #[error("proof file of version {got}, this program reads version {expected}")]
    Version {
        /// The version of the file.
        got: u8,
        /// The version that is read.
        expected: u8,
    },
    /// The byte of the kind stands for none.
    #[error("unknown proof kind {got}")]
    Kind {
        /// The byte.
        got: u8,
    },
    /// The public values are too short to begin with a root.
    #[error("public values of {got} bytes are too short for a root of 32 bytes")]
    NoRoot {
        /// Their length.
        got: u64,
    },
    /// A file of kind `execute` carries a proof, or another carries none.
    #[error("a file of kind {kind} with a proof of {got} bytes")]
    ProofLength {
        /// The kind.
        kind: ProofKind,
        /// The length of the proof.
        got: u64,
    },
    /// Bytes follow the checksum.
    #[error("{got} bytes follow the end of the file")]
    Trailing {
        /// How many.
        got: usize,
    },
    /// The checksum is not that of the bytes before it.
    #[error("the checksum does not match: the file was changed or damaged")]
    Checksum,
}

/// Why a proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The proof is of another circuit than the caller demands.
    #[error("the proof is of verifying key {got}, expected {expected}")]
    OtherVerifyingKey {
        /// The key that the file names.
        got: VerifyingKeyHash,
        /// The key that the caller demands.
        expected: VerifyingKeyHash,
    },
    /// The 32 bytes are the hash of no verifying key.
    #[error(
        "{got} is the hash of no verifying key: word {position} is not below 0x7f000001, or the first byte is not 0"
    )]
    VerifyingKeyWord {
        /// The bytes.
        got: VerifyingKeyHash,
        /// The first word that is out of range, 0 too if the first byte is not 0.
        position: usize,
    },
    /// The kind `execute` is no proof.
    #[error("kind `execute` proves nothing: ask for a proof of kind compressed, groth16 or plonk")]
    NothingProven,
    /// Core proofs are not verified offline.
    #[error(
        "a core proof cannot be verified offline: let the service verify it, or ask for kind compressed"
    )]
    CoreOffline,
    /// The bytes are no proof of the kind.
    #[error("malformed {kind} proof: {reason}")]
    Malformed {
        /// The kind.
        kind: ProofKind,
        /// What is wrong.
        reason: String,
    },
    /// The proof was made for another version of SP1's circuits.
    #[error("the {kind} proof is of another SP1 version: selector {got}, expected {expected}")]
    Selector {
        /// The kind.
        kind: ProofKind,
        /// The first four bytes of the proof, in hex.
        got: String,
        /// Those of this version.
        expected: String,
    },
    /// The proof is of another set of recursion circuits.
    #[error("the {kind} proof is of other recursion circuits than this version of SP1 has")]
    RecursionRoot {
        /// The kind.
        kind: ProofKind,
    },
    /// The circuit ended with an error.
    #[error("the {kind} proof is of a run that ended with an exit code other than 0")]
    ExitCode {
        /// The kind.
        kind: ProofKind,
    },
    /// The proof is of other public values.
    #[error("the {kind} proof is not of these public values under SHA-256")]
    PublicValues {
        /// The kind.
        kind: ProofKind,
    },
    /// The proof does not hold.
    #[error("the {kind} proof does not hold: {reason}")]
    Rejected {
        /// The kind.
        kind: ProofKind,
        /// What the verifier said.
        reason: String,
    },
}
