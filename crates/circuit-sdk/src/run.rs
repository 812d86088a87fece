//! `run`: all of a circuit except reading the input and committing the result.

use alloc::vec::Vec;

use valence_coprocessor_protocol::{AlignedBytes, PublicValues};

use crate::{CircuitError, Verified, WitnessError, Witnesses};

/// Runs a circuit on its encoded input and returns its public values, `root ‖ output`.
///
/// A circuit in the zkVM does this and nothing else, so a host learns the outcome without one.
pub fn run<E>(
    input: &[u8],
    circuit: impl FnOnce(&Verified<Witnesses<'_>>) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, CircuitError<E>> {
    let refused = CircuitError::Witnesses;
    let aligned = AlignedBytes::new(input)
        .map_err(WitnessError::Malformed)
        .map_err(refused)?;
    let verified = Witnesses::decode(aligned.words())
        .and_then(Witnesses::verify)
        .map_err(CircuitError::Witnesses)?;
    let output = circuit(&verified).map_err(CircuitError::Circuit)?;
    Ok(PublicValues {
        root: verified.root(),
        output,
    }
    .encode())
}

/// Makes a function the entry point of a circuit.
///
/// The crate that calls it is `#![no_main]`. On a host it expands to nothing.
#[macro_export]
macro_rules! circuit {
    ($circuit:path) => {
        #[cfg(target_os = "zkvm")]
        fn circuit_entry() {
            $crate::enter($circuit);
        }

        #[cfg(target_os = "zkvm")]
        $crate::sp1_zkvm::entrypoint!(circuit_entry);
    };
}

/// Makes a function from input bytes to public values the entry point of a circuit that has no witnesses: those of
/// domains, which prove blocks instead of opening them.
///
/// The crate that calls it is `#![no_main]`. On a host it expands to nothing.
#[macro_export]
macro_rules! program {
    ($program:path) => {
        #[cfg(target_os = "zkvm")]
        fn program_entry() {
            $crate::enter_program($program);
        }

        #[cfg(target_os = "zkvm")]
        $crate::sp1_zkvm::entrypoint!(program_entry);
    };
}
