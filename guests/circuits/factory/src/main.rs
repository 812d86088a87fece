//! A circuit of the tests: what is recorded of Uniswap V2's factory on mainnet.
#![cfg_attr(target_os = "zkvm", no_main)]

valence_coprocessor_circuit_sdk::circuit!(valence_coprocessor_statements::factory);

#[cfg(not(target_os = "zkvm"))]
fn main() {}
