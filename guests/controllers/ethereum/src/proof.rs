//! State proofs: what the node answers, verified before anybody gets it.

use serde::Deserialize;
use valence_coprocessor_controller_sdk::{Error, StateProof};
use valence_coprocessor_ethereum_state_proof as ethereum;
use valence_coprocessor_ethereum_state_proof::{Address, Slot, encode_nodes};
use valence_coprocessor_protocol::{AlignedBytes, StateRoot};

use crate::{anchor, hex, node};

/// What to prove.
#[derive(Clone, Debug, Deserialize)]
pub struct StateArguments {
    /// The account.
    pub address: String,
    /// Slots of its storage, 32 bytes each.
    #[serde(default)]
    pub slots: Vec<String>,
    /// The block; without it, the domain's newest.
    #[serde(default)]
    pub number: Option<u64>,
}

/// Fetches and verifies a proof of an account and of slots.
pub fn state_proof(arguments: StateArguments) -> Result<StateProof, Error> {
    let StateArguments {
        address: named,
        slots: keys,
        number,
    } = arguments;
    let address = Address::from_bytes(hex::fixed("address", &named)?);
    let slots = keys
        .iter()
        .map(|slot| hex::fixed("slots", slot).map(Slot::from_bytes));
    let slots = slots.collect::<Result<Vec<_>, _>>()?;
    let anchor = anchor::find(number)?;
    let paths = node::paths(&anchor, &named, &keys)?;
    let proof = encode_nodes(paths.iter().map(Vec::as_slice));
    verify(&proof, &anchor.state_root, &address, &slots)
        .map_err(|error| node::explain(&anchor, &Error::new(error)))?;
    Ok(StateProof {
        domain: anchor.domain,
        number: anchor.number,
        state_root: anchor.state_root,
        payload: anchor.payload,
        proof,
    })
}

fn verify(
    proof: &[u8],
    state_root: &StateRoot,
    address: &Address,
    slots: &[Slot],
) -> Result<(), String> {
    let shown = |error: ethereum::StateProofError| {
        let source = std::error::Error::source(&error)
            .map_or_else(String::new, |source| format!(": {source}"));
        format!("{error}{source}")
    };
    let aligned = AlignedBytes::new(proof).map_err(|error| error.to_string())?;
    let mut decoded = ethereum::StateProof::decode(aligned.words()).map_err(shown)?;
    let account = decoded.account(state_root, address).map_err(shown)?;
    for slot in slots {
        decoded.slot(&account, slot).map_err(shown)?;
    }
    decoded.finish().map_err(shown)
}
