//! Finding recorded data, which is read in place.

use valence_coprocessor_recorded_data::folder;

/// A file of the recorded data, or nothing where there is none.
pub(crate) fn read(path: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(folder()?.join(path)).expect("the recorded data is readable"))
}

/// Hexadecimal with `0x`, of a fixed length.
pub(crate) fn hex<const N: usize>(text: &str) -> [u8; N] {
    let digits = text.strip_prefix("0x").expect("hexadecimal starts with 0x");
    let mut bytes = [0; N];
    assert_eq!(digits.len(), 2 * N);
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).expect("hexadecimal");
    }
    bytes
}
