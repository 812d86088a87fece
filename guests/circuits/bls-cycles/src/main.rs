//! A circuit that verifies one signature of a sync committee: what that costs, and that attacks fail in the zkVM too.
//!
//! Its witness is the signing root, the signature, the aggregate key, the number of absent members, their keys, and the
//! advice.
#![cfg_attr(target_os = "zkvm", no_main)]

use core::error::Error;

use valence_coprocessor_circuit_sdk::{Verified, Witnesses, circuit};
use valence_coprocessor_ethereum_bls::{Advice, PublicKey, Signature, SigningRoot, verify};
use valence_coprocessor_protocol::{AlignedBytes, Reader};

circuit!(signed);

#[cfg_attr(
    not(target_os = "zkvm"),
    expect(dead_code, reason = "only the zkVM calls a circuit")
)]
fn signed(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, String> {
    try_signed(witnesses).map_err(|error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })
}

fn try_signed(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, Box<dyn Error>> {
    let aligned = AlignedBytes::new(witnesses.data(0)?)?;
    let mut reader = Reader::new(aligned.words());
    let root = SigningRoot(reader.bytes("signing root", 32)?.try_into()?);
    let signature = Signature(reader.bytes("signature", 96)?.try_into()?);
    let aggregate = PublicKey(reader.bytes("aggregate key", 48)?.try_into()?);
    let count = reader.length("number of absent members", 512)?;
    let absent = reader.bytes("absent members", 48 * count)?.as_chunks().0;
    let advice = Advice::read(&mut reader)?;
    reader.finish()?;
    verify(
        &aggregate,
        PublicKey::slice(absent),
        &root,
        &signature,
        &advice,
    )?;
    Ok(root.0.into())
}

#[cfg(not(target_os = "zkvm"))]
fn main() {}
