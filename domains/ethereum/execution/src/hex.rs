//! Hexadecimal, as execution nodes write it.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::AnswerError;

/// Bytes; `what` names them in the error.
pub fn bytes(what: &'static str, text: &str) -> Result<Vec<u8>, AnswerError> {
    let malformed = || AnswerError::NotHexadecimal {
        what,
        got: text.to_owned(),
    };
    let digits = text.strip_prefix("0x").ok_or_else(malformed)?;
    let digit = |character: char| {
        let digit = character.to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let digits: Option<Vec<u8>> = digits.chars().map(digit).collect();
    let digits = digits.ok_or_else(malformed)?;
    // Nodes write numbers without a leading zero.
    let (first, pairs) = digits.split_at(digits.len() % 2);
    let pairs = pairs.as_chunks::<2>().0.iter();
    let pairs = pairs.map(|[high, low]| (high << 4) | low);
    Ok(first.iter().copied().chain(pairs).collect())
}

/// Exactly `N` bytes.
pub fn fixed<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], AnswerError> {
    let bytes = bytes(what, text)?;
    let got = bytes.len();
    let wrong = |_| AnswerError::Length {
        what,
        got,
        expected: N,
    };
    bytes.try_into().map_err(wrong)
}

/// A number's bytes without zeros in front, as RLP has them.
pub fn number_bytes(what: &'static str, text: &str) -> Result<Vec<u8>, AnswerError> {
    let mut bytes = bytes(what, text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Ok(bytes)
}

/// Lower-case with `0x`.
pub fn encode(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16));
    ['0', 'x'].into_iter().chain(digits).collect()
}

/// A field that is text.
pub(crate) fn text<'a>(
    of: &'static str,
    answer: &'a Value,
    field: &'static str,
) -> Result<&'a str, AnswerError> {
    answer[field]
        .as_str()
        .ok_or(AnswerError::NoField { of, field })
}
