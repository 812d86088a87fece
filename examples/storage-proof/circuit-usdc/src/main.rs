//! The circuit: a balance of USDC on mainnet.
#![cfg_attr(target_os = "zkvm", no_main)]

valence_coprocessor_circuit_sdk::circuit!(storage_proof_core::usdc_balance);

#[cfg(not(target_os = "zkvm"))]
fn main() {}
