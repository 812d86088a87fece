//! A circuit of the tests: replays attacks on tree, history and witnesses inside the zkVM.
#![cfg_attr(target_os = "zkvm", no_main)]

valence_coprocessor_circuit_sdk::circuit!(valence_coprocessor_attacks::replay);

#[cfg(not(target_os = "zkvm"))]
fn main() {}
