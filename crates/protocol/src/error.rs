//! What can be wrong with bytes and names that come from outside.

use thiserror::Error;

/// Why bytes are not the one encoding of a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The input length is not a whole number of 8-byte words.
    #[error("input of {length} bytes is not a whole number of 8-byte words")]
    NotWords {
        /// Length of the input in bytes.
        length: usize,
    },
    /// The input ends inside a field.
    #[error("input ends inside {field}: {needed} bytes needed, {remaining} left")]
    Truncated {
        /// What was being read.
        field: &'static str,
        /// Bytes that the field takes.
        needed: u64,
        /// Bytes that were left.
        remaining: u64,
    },
    /// The value ended before the input did.
    #[error("{remaining} bytes follow the end of the value")]
    Trailing {
        /// Bytes that were left.
        remaining: u64,
    },
    /// The bytes that fill a field up to a whole word are not zero.
    #[error("padding of {field} is not zero")]
    Padding {
        /// The padded field.
        field: &'static str,
    },
    /// A length or a count is larger than the field can ever be.
    #[error("{field} is {got}, at most {limit} is possible")]
    TooLarge {
        /// The field.
        field: &'static str,
        /// The value that was read.
        got: u64,
        /// The largest possible value.
        limit: u64,
    },
    /// A tag names no known variant.
    #[error("{field} has the unknown tag {got}")]
    UnknownTag {
        /// The field.
        field: &'static str,
        /// The tag that was read.
        got: u64,
    },
}

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseIdentifierError {
    /// The text does not have 64 hexadecimal digits.
    #[error("an identifier has 64 hexadecimal digits, got {got}")]
    Length {
        /// Characters after the optional `0x`.
        got: usize,
    },
    /// A character is not a hexadecimal digit.
    #[error("character {position} of an identifier is not a hexadecimal digit")]
    Digit {
        /// Position of the character, from 0, after the optional `0x`.
        position: usize,
    },
}

/// Why a text is not a domain name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DomainNameError {
    /// The name is empty or longer than 64 characters.
    #[error("a domain name has 1 to 64 characters, got {got}")]
    Length {
        /// Length of the name in bytes.
        got: usize,
    },
    /// The name has a character outside `a-z`, `0-9` and `-`.
    #[error("a domain name consists of a-z, 0-9 and -, byte {position} is something else")]
    Character {
        /// Position of the byte, from 0.
        position: usize,
    },
}
