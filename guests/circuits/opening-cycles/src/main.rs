//! A circuit that does nothing but read and open its witnesses: what it costs is the co-processor's own cost.
#![cfg_attr(target_os = "zkvm", no_main)]

use core::convert::Infallible;

use valence_coprocessor_circuit_sdk::{Verified, Witnesses, circuit};

circuit!(nothing);

#[cfg_attr(
    not(target_os = "zkvm"),
    expect(dead_code, reason = "only the zkVM calls a circuit")
)]
#[expect(clippy::unnecessary_wraps, reason = "the signature of circuits")]
fn nothing(_witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, Infallible> {
    Ok(Vec::new())
}

#[cfg(not(target_os = "zkvm"))]
fn main() {}
