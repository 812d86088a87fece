//! One step of Ethereum's light client: from a committed state to the next, with the block that it proves.
#![cfg_attr(target_os = "zkvm", no_main)]

use valence_coprocessor_circuit_sdk::program;
use valence_coprocessor_ethereum_light_client::{StepError, step};
use valence_coprocessor_protocol::StepPublicValues;

program!(prove);

#[cfg_attr(
    not(target_os = "zkvm"),
    expect(dead_code, reason = "only the zkVM calls a circuit")
)]
fn prove(input: &[u8]) -> Result<[u8; StepPublicValues::LENGTH], StepError> {
    Ok(step(input)?.public_values().encode())
}

#[cfg(not(target_os = "zkvm"))]
fn main() {}
