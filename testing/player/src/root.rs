//! Hash tree roots of the two containers that a recording names by their roots.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::PlayerError;

type Chunk = [u8; 32];

/// Bytes of a public key.
const KEY: usize = 48;

/// Hash tree root of a `BeaconBlockHeader`: five chunks, filled up to eight.
pub(crate) fn block_root(file: &Path, header: &Value) -> Result<String, PlayerError> {
    let mut chunks = [[0_u8; 32]; 8];
    for (chunk, field) in chunks.iter_mut().zip(["slot", "proposer_index"]) {
        let digits = header[field].as_str();
        let number = digits.and_then(|digits| digits.parse::<u64>().ok());
        let number = number.ok_or_else(|| missing(file, field))?;
        chunk[..8].copy_from_slice(&number.to_le_bytes());
    }
    for (chunk, field) in chunks[2..]
        .iter_mut()
        .zip(["parent_root", "state_root", "body_root"])
    {
        *chunk = bytes(&header[field]).ok_or_else(|| missing(file, field))?;
    }
    Ok(hex(&merkle_root(&chunks)))
}

/// Hash tree root of a `SyncCommittee`: the keys' root beside that of the aggregate key.
pub(crate) fn committee_root(file: &Path, committee: &Value) -> Result<String, PlayerError> {
    let keys = committee["pubkeys"].as_array();
    let keys: Option<Vec<Chunk>> = keys.and_then(|keys| keys.iter().map(key_root).collect());
    // The number of keys is a constant of the preset, and a power of two.
    let keys = keys.filter(|keys| keys.len().is_power_of_two());
    let keys = keys.ok_or_else(|| missing(file, "pubkeys"))?;
    let aggregate = key_root(&committee["aggregate_pubkey"])
        .ok_or_else(|| missing(file, "aggregate_pubkey"))?;
    Ok(hex(&merkle_root(&[merkle_root(&keys), aggregate])))
}

/// A key takes two chunks, of which the second is half empty.
fn key_root(key: &Value) -> Option<Chunk> {
    let key: [u8; KEY] = bytes(key)?;
    let mut chunks = [[0; 32]; 2];
    chunks.as_flattened_mut()[..KEY].copy_from_slice(&key);
    Some(merkle_root(&chunks))
}

/// The root over chunks, whose number is a power of two.
fn merkle_root(chunks: &[Chunk]) -> Chunk {
    let mut layer = chunks.to_vec();
    while layer.len() > 1 {
        let pairs = layer.as_chunks::<2>().0;
        layer = pairs
            .iter()
            .map(|pair| Sha256::digest(pair.as_flattened()).into())
            .collect();
    }
    layer.first().copied().unwrap_or_default()
}

fn missing(file: &Path, field: &'static str) -> PlayerError {
    PlayerError::Field {
        path: file.to_owned(),
        field,
    }
}

fn bytes<const N: usize>(value: &Value) -> Option<[u8; N]> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn hex(bytes: &Chunk) -> String {
    bytes.iter().fold("0x".to_owned(), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}
