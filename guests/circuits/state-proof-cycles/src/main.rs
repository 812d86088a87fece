//! A circuit that asks proofs for what its witnesses name: what it costs is the cost of state proofs.
//!
//! Witnesses come in pairs, a request and its proof. A request is a state root, an address and slots, or none for the
//! account itself; or a receipts root and an index; or a block hash, whose proof is the header.
#![cfg_attr(target_os = "zkvm", no_main)]

use std::error::Error;

use valence_coprocessor_circuit_sdk::{StateRoot, Verified, Witnesses, circuit};
use valence_coprocessor_ethereum_state_proof::{
    Address, BlockHash, Header, ReceiptsRoot, Slot, StateProof,
};
use valence_coprocessor_protocol::AlignedBytes;

circuit!(ask);

#[cfg_attr(
    not(target_os = "zkvm"),
    expect(dead_code, reason = "only the zkVM calls a circuit")
)]
fn ask(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut output = Vec::new();
    for pair in 0..witnesses.len() / 2 {
        let (request, proof) = (witnesses.data(2 * pair)?, witnesses.data(2 * pair + 1)?);
        let (root, asked) = request.split_first_chunk::<32>().ok_or("no root")?;
        if asked.is_empty() {
            let header = Header::verify(proof, &BlockHash::from_bytes(*root))?;
            output.extend_from_slice(header.state_root.as_bytes());
            continue;
        }
        let aligned = AlignedBytes::new(proof)?;
        let mut proof = StateProof::decode(aligned.words())?;
        if let Ok(index) = asked.try_into() {
            let root = ReceiptsRoot::from_bytes(*root);
            let receipt = proof
                .receipt(&root, u64::from_be_bytes(index))?
                .ok_or("no receipt")?;
            output.extend_from_slice(receipt.log(0)?.data);
        } else {
            let (address, slots) = asked.split_first_chunk::<20>().ok_or("no address")?;
            let root = StateRoot::from_bytes(*root);
            let account = proof.account(&root, &Address::from_bytes(*address))?;
            if let ([], Some(state)) = (slots, account.present()) {
                output.extend_from_slice(&state.nonce.to_be_bytes());
                output.extend_from_slice(&state.balance);
                output.extend_from_slice(&state.storage_root);
                output.extend_from_slice(&state.code_hash);
            }
            for slot in slots.as_chunks::<32>().0 {
                let value = proof.slot(&account, &Slot::from_bytes(*slot))?;
                output.extend_from_slice(&value.to_word());
            }
        }
        proof.finish()?;
    }
    Ok(output)
}

#[cfg(not(target_os = "zkvm"))]
fn main() {}
