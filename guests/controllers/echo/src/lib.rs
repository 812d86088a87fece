//! The smallest controller: its witness is the JSON of its arguments, and its entry point returns them.

use std::convert::Infallible;

use serde_json::Value;
use valence_coprocessor_controller_sdk::{Witness, controller};

/// One witness: the arguments as JSON text.
#[expect(clippy::unnecessary_wraps, reason = "the signature of controllers")]
pub fn witnesses(args: Value) -> Result<Vec<Witness>, Infallible> {
    Ok(vec![Witness::Data(args.to_string().into_bytes())])
}

/// The arguments.
#[expect(clippy::unnecessary_wraps, reason = "the signature of controllers")]
pub fn entrypoint(args: Value) -> Result<Value, Infallible> {
    Ok(args)
}

controller! {
    get_witnesses: witnesses,
    entrypoint: entrypoint,
}
