//! A circuit of the tests: a transfer's log and its block's header, on the simulated chain.
#![cfg_attr(target_os = "zkvm", no_main)]

valence_coprocessor_circuit_sdk::circuit!(valence_coprocessor_statements::transfer);

#[cfg(not(target_os = "zkvm"))]
fn main() {}
