//! What the tests take of recorded data.

use serde_json::Value;
pub(crate) use valence_coprocessor_recorded_chain::{
    EthGetProof, eth_get_proofs, exchange, fixed, folder, hex, node_json as json, nodes,
};

/// A string field as bytes.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex(value.as_str().expect("the field is a string"))
}
