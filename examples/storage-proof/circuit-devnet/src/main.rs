//! The circuit: a balance of the demo's token, in blocks that the light client has accepted.
#![cfg_attr(target_os = "zkvm", no_main)]

valence_coprocessor_circuit_sdk::circuit!(storage_proof_core::devnet_balance);

#[cfg(not(target_os = "zkvm"))]
fn main() {}
