//! `Asked`: what the circuit `state-proof-cycles` is asked, with the proof that answers it.

use core::error::Error;

use valence_coprocessor_circuit_sdk::{
    OpenedWitness, Root, StateRoot, Verified, Witnesses, encode_witnesses, run,
};
use valence_coprocessor_ethereum_state_proof::{
    Address, BlockHash, Header, ReceiptsRoot, Slot, StateProof,
};
use valence_coprocessor_protocol::AlignedBytes;

/// A request and its proof. The circuit answers any number of them, each by its own proof.
#[derive(Debug, Clone)]
pub struct Asked {
    request: Vec<u8>,
    proof: Vec<u8>,
}

impl Asked {
    /// Slots of an account under a state root. Without slots it is the account that is asked for: its nonce (8 bytes,
    /// big-endian), balance, storage root and code hash, or nothing if there is none.
    pub fn slots(
        state_root: [u8; 32],
        address: [u8; 20],
        slots: &[[u8; 32]],
        proof: Vec<u8>,
    ) -> Self {
        Self {
            request: [&state_root[..], &address, slots.as_flattened()].concat(),
            proof,
        }
    }

    /// The data of the first log of a receipt.
    pub fn receipt(receipts_root: [u8; 32], index: u64, proof: Vec<u8>) -> Self {
        Self {
            request: [&receipts_root[..], &index.to_be_bytes()].concat(),
            proof,
        }
    }

    /// The state root in the header of a block.
    pub fn header(block_hash: [u8; 32], header: Vec<u8>) -> Self {
        Self {
            request: block_hash.to_vec(),
            proof: header,
        }
    }

    /// What the circuit reads.
    pub fn input(asked: &[Self]) -> Vec<u8> {
        let witnesses: Vec<_> = asked
            .iter()
            .flat_map(|pair| [&pair.request, &pair.proof])
            .map(|bytes| OpenedWitness::Data(bytes.clone()))
            .collect();
        encode_witnesses(&Root::ZERO, &witnesses)
    }
}

/// What the circuit says to an input: its public values, or the words of its refusal.
pub fn answer(input: &[u8]) -> Result<Vec<u8>, String> {
    run(input, ask).map_err(|error| error.to_string())
}

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
