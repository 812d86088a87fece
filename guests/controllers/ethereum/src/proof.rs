//! State proofs: what the node answers, verified before anybody gets it.

use serde::Deserialize;
use valence_coprocessor_controller_sdk::{Error, StateProof};
use valence_coprocessor_ethereum_execution::{BlockHeader, hex};
use valence_coprocessor_ethereum_state_proof as ethereum;
use valence_coprocessor_ethereum_state_proof::{Address, Slot, encode_nodes};
use valence_coprocessor_protocol::AlignedBytes;

use crate::anchor::{self, Anchor};
use crate::node;

/// What to prove: an account with slots, receipts, or both; or the header.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct StateArguments {
    /// The account.
    #[serde(default)]
    pub address: Option<String>,
    /// Slots of its storage, 32 bytes each.
    #[serde(default)]
    pub slots: Vec<String>,
    /// Numbers of transactions in the block, from 0, whose receipts to prove.
    #[serde(default)]
    pub receipts: Vec<u64>,
    /// Whether the proof is the block's header, and nothing else.
    #[serde(default)]
    pub header: bool,
    /// The block; without it, the domain's newest.
    #[serde(default)]
    pub number: Option<u64>,
}

/// Fetches and verifies a proof under a block of the history.
pub fn state_proof(arguments: StateArguments) -> Result<StateProof, Error> {
    let number = arguments.number;
    let wanted = Wanted::read(arguments)?;
    let anchor = anchor::find(number)?;
    let proof = match wanted {
        Wanted::Header => header(&anchor)?,
        Wanted::Facts(facts) => facts.prove(&anchor)?,
    };
    Ok(StateProof {
        domain: anchor.domain,
        number: anchor.number,
        state_root: anchor.state_root,
        payload: anchor.payload,
        proof,
    })
}

enum Wanted {
    Header,
    Facts(Facts),
}

/// What one set of nodes can prove.
struct Facts {
    account: Option<Account>,
    receipts: Vec<u64>,
}

struct Account {
    /// As it is asked for.
    named: String,
    keys: Vec<String>,
    address: Address,
    slots: Vec<Slot>,
}

impl Wanted {
    fn read(arguments: StateArguments) -> Result<Self, Error> {
        let StateArguments {
            address,
            slots,
            receipts,
            header,
            number: _,
        } = arguments;
        if address.is_none() && !slots.is_empty() {
            return Err(Error::new("`slots` are those of an `address`"));
        }
        match (header, address.is_some() || !receipts.is_empty()) {
            (true, true) => Err(Error::new("the `header` is a state proof of its own")),
            (false, false) => Err(Error::new(
                "nothing to prove: name an `address`, `receipts` or the `header`",
            )),
            (true, false) => Ok(Self::Header),
            (false, true) => Ok(Self::Facts(Facts {
                account: address
                    .map(|named| Account::read(named, slots))
                    .transpose()?,
                receipts,
            })),
        }
    }
}

impl Account {
    fn read(named: String, keys: Vec<String>) -> Result<Self, Error> {
        let address = Address::from_bytes(hex::fixed("address", &named)?);
        let slots = keys
            .iter()
            .map(|slot| hex::fixed("slots", slot).map(Slot::from_bytes));
        let slots = slots.collect::<Result<_, _>>()?;
        Ok(Self {
            named,
            keys,
            address,
            slots,
        })
    }
}

impl Facts {
    fn prove(&self, anchor: &Anchor) -> Result<Vec<u8>, Error> {
        let mut paths = match &self.account {
            Some(account) => node::paths(anchor, &account.named, &account.keys)?,
            None => Vec::new(),
        };
        if !self.receipts.is_empty() {
            paths.push(node::receipts(anchor, &self.receipts)?);
        }
        let proof = encode_nodes(paths.iter().map(Vec::as_slice));
        self.verify(&proof, anchor)
            .map_err(|error| node::explain(anchor, &Error::new(error)))?;
        Ok(proof)
    }

    /// Asks the proof what a circuit will.
    fn verify(&self, proof: &[u8], anchor: &Anchor) -> Result<(), String> {
        let shown = |error: ethereum::StateProofError| {
            let source = std::error::Error::source(&error)
                .map_or_else(String::new, |source| format!(": {source}"));
            format!("{error}{source}")
        };
        let aligned = AlignedBytes::new(proof).map_err(|error| error.to_string())?;
        let mut decoded = ethereum::StateProof::decode(aligned.words()).map_err(shown)?;
        if let Some(asked) = &self.account {
            let account = decoded.account(&anchor.state_root, &asked.address);
            let account = account.map_err(shown)?;
            for slot in &asked.slots {
                decoded.slot(&account, slot).map_err(shown)?;
            }
        }
        for index in &self.receipts {
            decoded
                .receipt(&anchor.facts.receipts_root, *index)
                .map_err(shown)?;
        }
        decoded.finish().map_err(shown)
    }
}

/// The header in the form that hashes to the proven hash of the block.
fn header(anchor: &Anchor) -> Result<Vec<u8>, Error> {
    let block = node::block(anchor)?;
    let verified = BlockHeader::verify(&block, &anchor.facts.block_hash)
        .map_err(|error| node::explain(anchor, &Error::from(error)))?;
    Ok(verified.encoded)
}
