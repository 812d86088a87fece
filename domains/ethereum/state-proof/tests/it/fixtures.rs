//! Finding recorded data, which is read in place, and reading its hexadecimal.

use serde_json::Value;
pub(crate) use valence_coprocessor_recorded_data::folder;

/// A JSON file; answers of nodes are unwrapped.
pub(crate) fn json(path: &str) -> Option<Value> {
    let text = std::fs::read_to_string(folder()?.join(path))
        .expect("the file of recorded data is readable");
    let mut value: Value = serde_json::from_str(&text).expect("the file of recorded data is JSON");
    for wrapper in ["result", "proof"] {
        if value.get(wrapper).is_some() {
            value = value[wrapper].take();
        }
    }
    Some(value)
}

/// Hexadecimal with `0x`, of any number of digits.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("0x").expect("hexadecimal starts with 0x");
    let even = if digits.len() % 2 == 1 {
        format!("0{digits}")
    } else {
        digits.to_owned()
    };
    (0..even.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&even[at..at + 2], 16).expect("a hexadecimal digit"))
        .collect()
}

/// A string field as bytes.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex(value.as_str().expect("the field is a string"))
}

/// A string field as bytes of a fixed number, zeros first.
pub(crate) fn fixed<const N: usize>(value: &Value) -> [u8; N] {
    let bytes = bytes(value);
    let mut fixed = [0; N];
    fixed[N - bytes.len()..].copy_from_slice(&bytes);
    fixed
}

/// An array of string fields as bytes.
pub(crate) fn nodes(value: &Value) -> Vec<Vec<u8>> {
    value
        .as_array()
        .expect("nodes are an array")
        .iter()
        .map(bytes)
        .collect()
}
