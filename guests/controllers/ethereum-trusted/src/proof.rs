//! State proofs: what the node answers, verified before anybody gets it.

use serde::Deserialize;
use serde_json::{Value, json};
use valence_coprocessor_controller_sdk::{DomainId, Error, StateProof, latest_block, rpc};
use valence_coprocessor_ethereum_execution::hex;
use valence_coprocessor_ethereum_state_proof as ethereum;
use valence_coprocessor_ethereum_state_proof::{Address, Slot, TrustedPayload, encode_state_proof};
use valence_coprocessor_protocol::{AlignedBytes, StateRoot};

use crate::{CHAIN, DOMAIN, block};

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

/// A block of the history, as far as a state proof names it.
struct Anchor {
    domain: DomainId,
    number: u64,
    state_root: StateRoot,
    payload: Vec<u8>,
}

/// Fetches and verifies a proof of an account and of slots.
pub fn state_proof(arguments: StateArguments) -> Result<StateProof, Error> {
    let address = Address::from_bytes(hex::fixed("address", &arguments.address)?);
    let slots = arguments
        .slots
        .iter()
        .map(|slot| hex::fixed("slots", slot).map(Slot::from_bytes));
    let slots = slots.collect::<Result<Vec<_>, _>>()?;
    let anchor = anchor(arguments.number)?;
    let params = json!([
        arguments.address,
        arguments.slots,
        format!("{:#x}", anchor.number)
    ]);
    let answer = rpc(CHAIN, "eth_getProof", &params)?;
    let proof = encode(&answer)?;
    verify(&proof, &anchor.state_root, &address, &slots).map_err(|error| {
        Error::new(format!(
            "the node's proof at block {} is wrong: {error}",
            anchor.number
        ))
    })?;
    Ok(StateProof {
        domain: anchor.domain,
        number: anchor.number,
        state_root: anchor.state_root,
        payload: anchor.payload,
        proof,
    })
}

/// The block to prove under. The history keeps the newest one at hand; an older one is rebuilt from the
/// node's header, and does not open if it is not the one of the history.
fn anchor(number: Option<u64>) -> Result<Anchor, Error> {
    let newest = latest_block(DOMAIN)?
        .ok_or_else(|| Error::new(format!("no block of {DOMAIN} was added yet")))?;
    let domain = DomainId::from_bytes(newest.domain);
    match number {
        Some(number) if number != newest.number => {
            let header = block::at_number(number)?;
            let payload = TrustedPayload::of(&header).encode().to_vec();
            Ok(Anchor {
                domain,
                number,
                state_root: header.state_root,
                payload,
            })
        }
        _ => Ok(Anchor {
            domain,
            number: newest.number,
            state_root: StateRoot::from_bytes(newest.root),
            payload: newest.payload,
        }),
    }
}

fn encode(answer: &Value) -> Result<Vec<u8>, Error> {
    let account = nodes("accountProof", &answer["accountProof"])?;
    let slots = answer["storageProof"]
        .as_array()
        .ok_or_else(|| Error::new("the node's answer has no `storageProof`"))?;
    let slots = slots
        .iter()
        .map(|slot| nodes("proof", &slot["proof"]))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(encode_state_proof(&account, &slots))
}

fn nodes(what: &'static str, value: &Value) -> Result<Vec<Vec<u8>>, Error> {
    let missing = || Error::new(format!("the node's answer has no list `{what}`"));
    let list = value.as_array().ok_or_else(missing)?;
    list.iter()
        .map(|node| Ok(hex::bytes(what, node.as_str().ok_or_else(missing)?)?))
        .collect()
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
