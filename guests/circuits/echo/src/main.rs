//! The smallest circuit: outputs the data among its witnesses, one after the other.
#![cfg_attr(target_os = "zkvm", no_main)]

use valence_coprocessor_circuit_sdk::{Verified, WitnessError, Witnesses, circuit};

circuit!(echo);

#[cfg_attr(
    not(target_os = "zkvm"),
    expect(dead_code, reason = "only the zkVM calls a circuit")
)]
fn echo(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, WitnessError> {
    let mut output = Vec::new();
    for index in 0..witnesses.len() {
        match witnesses.data(index) {
            Ok(data) => output.extend_from_slice(data),
            Err(WitnessError::NotData { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(output)
}

#[cfg(not(target_os = "zkvm"))]
fn main() {}
