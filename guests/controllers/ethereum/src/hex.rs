//! Hexadecimal, as execution nodes write it.

use valence_coprocessor_controller_sdk::Error;

/// Bytes; `what` names them in the error.
pub(crate) fn bytes(what: &str, text: &str) -> Result<Vec<u8>, Error> {
    let malformed = || Error::new(format!("`{what}` is not hexadecimal with 0x: {text}"));
    let digits = text.strip_prefix("0x").ok_or_else(malformed)?;
    // Nodes write numbers without a leading zero.
    let padded = if digits.len() % 2 == 1 {
        format!("0{digits}")
    } else {
        digits.to_owned()
    };
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16)
            .ok()
            .filter(|_| !pair.starts_with('+'))
    };
    padded
        .as_bytes()
        .chunks(2)
        .map(byte)
        .collect::<Option<_>>()
        .ok_or_else(malformed)
}

/// Exactly `N` bytes.
pub(crate) fn fixed<const N: usize>(what: &str, text: &str) -> Result<[u8; N], Error> {
    let bytes = bytes(what, text)?;
    let got = bytes.len();
    bytes
        .try_into()
        .map_err(|_| Error::new(format!("`{what}` has {got} bytes, expected {N}")))
}

/// Lower-case with `0x`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| {
        text + &format!("{byte:02x}")
    })
}
