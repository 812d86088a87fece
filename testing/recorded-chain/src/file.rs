//! Files of recorded data, read in place, and the hexadecimal in them.

use serde::de::DeserializeOwned;
use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{Update, Versioned};
use valence_coprocessor_recorded_data::folder;

/// A file of recorded data.
pub fn bytes(path: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(folder()?.join(path)).expect("the file of recorded data is readable"))
}

/// A JSON file.
pub fn json(path: &str) -> Option<Value> {
    Some(serde_json::from_slice(&bytes(path)?).expect("the file of recorded data is JSON"))
}

/// A JSON file with an answer of an execution node, which may be wrapped.
pub fn node_json(path: &str) -> Option<Value> {
    let mut value = json(path)?;
    for wrapper in ["result", "proof"] {
        if value.get(wrapper).is_some() {
            value = value[wrapper].take();
        }
    }
    Some(value)
}

/// A value that was cut out of a JSON file.
pub fn parse<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("an object of the Beacon API")
}

/// An answer of the Beacon API with its version.
pub fn answer<T: DeserializeOwned>(path: &str) -> Option<T> {
    Some(parse::<Versioned<T>>(&json(path)?).data)
}

/// The list of `/updates`.
pub fn answers(path: &str) -> Option<Vec<Update>> {
    let list: Vec<Versioned<Update>> = parse(&json(path)?);
    Some(list.into_iter().map(|update| update.data).collect())
}

/// Hexadecimal with `0x`, of any number of digits.
pub fn hex(text: &str) -> Vec<u8> {
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

/// Hexadecimal of 32 bytes.
pub fn hash(text: &str) -> [u8; 32] {
    hex(text).try_into().expect("32 bytes")
}

/// A string field as bytes of a fixed number, zeros first.
pub fn fixed<const N: usize>(value: &Value) -> [u8; N] {
    let bytes = hex(value.as_str().expect("the field is a string"));
    let mut fixed = [0; N];
    fixed[N - bytes.len()..].copy_from_slice(&bytes);
    fixed
}

/// An array of string fields as bytes.
pub fn nodes(value: &Value) -> Vec<Vec<u8>> {
    value
        .as_array()
        .expect("nodes are an array")
        .iter()
        .map(|node| hex(node.as_str().expect("the field is a string")))
        .collect()
}
