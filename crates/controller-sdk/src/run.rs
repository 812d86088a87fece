//! What an exported function does around the controller's own: arguments in, return value or error out.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;
use valence_coprocessor_controller_abi::{StateProofValue, ValidatedBlock, WitnessValue};
use valence_coprocessor_protocol::{StateProof, Witness};

use crate::error::Error;
use crate::import::{Request, call, start};

/// Runs `get_witnesses`.
pub fn witnesses<A: DeserializeOwned, E: Display>(
    function: impl FnOnce(A) -> Result<Vec<Witness>, E>,
) {
    let encode = |witnesses: Vec<Witness>| -> Vec<WitnessValue> {
        witnesses.into_iter().map(WitnessValue::from).collect()
    };
    run(|args| function(args).map(encode));
}

/// Runs `entrypoint`.
pub fn value<A: DeserializeOwned, R: Serialize, E: Display>(
    function: impl FnOnce(A) -> Result<R, E>,
) {
    run(function);
}

/// Runs `validate_block`.
pub fn block<A: DeserializeOwned, E: Display>(
    function: impl FnOnce(A) -> Result<ValidatedBlock, E>,
) {
    run(function);
}

/// Runs `get_state_proof`.
pub fn state_proof<A: DeserializeOwned, E: Display>(
    function: impl FnOnce(A) -> Result<StateProof, E>,
) {
    run(|args| function(args).map(StateProofValue::from));
}

fn run<A: DeserializeOwned, R: Serialize, E: Display>(function: impl FnOnce(A) -> Result<R, E>) {
    start();
    let failure = match arguments().map(function) {
        Ok(Ok(value)) => match give_back(&value) {
            Ok(()) => return,
            Err(error) => error
                .context("the return value could not be delivered")
                .to_string(),
        },
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.context("the arguments could not be read").to_string(),
    };
    // The host ends the call, so there is nothing to do with an answer.
    let _ = call(Request::Panic(&failure));
}

fn arguments<A: DeserializeOwned>() -> Result<A, Error> {
    Ok(serde_json::from_slice(&call(Request::Args)?)?)
}

fn give_back<R: Serialize>(value: &R) -> Result<(), Error> {
    call(Request::Ret(&serde_json::to_vec(value)?))?;
    Ok(())
}
