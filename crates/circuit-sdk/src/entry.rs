//! The entry point of a circuit in the zkVM: read, run, commit.

use alloc::vec::Vec;
use core::fmt::Display;

use crate::{Verified, Witnesses, run};

/// Reads the input where the zkVM put it, runs the circuit, and commits to its public values.
///
/// # Panics
///
/// If the circuit refuses: the panic's text is the reason that the job shows.
pub fn enter<E: Display>(circuit: fn(&Verified<Witnesses<'_>>) -> Result<Vec<u8>, E>) {
    let input = sp1_zkvm::io::read_vec();
    match run(&input, circuit) {
        Ok(public_values) => sp1_zkvm::io::commit_slice(&public_values),
        Err(error) => panic!("{error}"),
    }
    // The input lies outside the heap; giving it back would only cost cycles.
    core::mem::forget(input);
}

/// Reads the input where the zkVM put it, runs the program on its bytes, and commits to what it returns.
///
/// # Panics
///
/// If the program refuses: the panic's text is the reason that the job shows.
pub fn enter_program<O: AsRef<[u8]>, E: Display>(program: fn(&[u8]) -> Result<O, E>) {
    let input = sp1_zkvm::io::read_vec();
    match program(&input) {
        Ok(public_values) => sp1_zkvm::io::commit_slice(public_values.as_ref()),
        Err(error) => panic!("{error}"),
    }
    // The input lies outside the heap; giving it back would only cost cycles.
    core::mem::forget(input);
}
