//! RLP, as far as it is written here (Yellow Paper, appendix B).

use alloc::vec;
use alloc::vec::Vec;

/// First byte of a string, and of a list, of no bytes.
const STRING: u8 = 0x80;
const LIST: u8 = 0xc0;
/// Longest payload whose length stands in the first byte.
const SHORT: u8 = 55;

/// A string.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [byte] if *byte < STRING => vec![*byte],
        _ => [header(STRING, bytes.len()), bytes.to_vec()].concat(),
    }
}

/// A list of items that are RLP already.
pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let payload = items.concat();
    [header(LIST, payload.len()), payload].concat()
}

fn header(kind: u8, length: usize) -> Vec<u8> {
    if let Ok(short) = u8::try_from(length)
        && short <= SHORT
    {
        return vec![kind + short];
    }
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut header = vec![kind + SHORT];
    for byte in &bytes[zeros..] {
        // The first byte counts those of the length.
        header[0] += 1;
        header.push(*byte);
    }
    header
}
