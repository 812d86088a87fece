//! Why an answer is not what was asked for.

use alloc::string::String;

use valence_coprocessor_ethereum_state_proof::{BlockHash, HeaderError};

use crate::hex;

/// Why an answer is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// A text is no hexadecimal.
    #[error("`{what}` is not hexadecimal with 0x: {got}")]
    NotHexadecimal {
        /// What the text is.
        what: &'static str,
        /// The text.
        got: String,
    },
    /// Bytes of another length than their field has.
    #[error("`{what}` has {got} bytes, expected {expected}")]
    Length {
        /// What the bytes are.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A field is not there, or no text.
    #[error("the {of} has no field `{field}`")]
    NoField {
        /// What should have it.
        of: &'static str,
        /// Its name.
        field: &'static str,
    },
    /// A list is not there.
    #[error("the {of} has no list `{field}`")]
    NoList {
        /// What should have it.
        of: &'static str,
        /// Its name.
        field: &'static str,
    },
    /// The header is not that of the block.
    #[error(
        "{error} {}; a fork that is not known here may have added fields",
        hex::encode(hash.as_bytes())
    )]
    Header {
        /// The block's hash.
        hash: BlockHash,
        /// What the header fails at.
        error: HeaderError,
    },
}
