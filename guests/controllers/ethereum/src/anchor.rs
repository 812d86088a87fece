//! The block to prove under, found in the history: from the root of the call backwards.

use valence_coprocessor_controller_sdk::{
    Block, DomainId, Error, controller, historical, historical_update,
};
use valence_coprocessor_ethereum_state_proof::BlockPayload;
use valence_coprocessor_protocol::{Root, StateRoot};

/// Appends of all domains that are looked through before the search ends.
const LOOK_BACK: usize = 4_096;

/// A block of the domain that this controller belongs to.
#[derive(Debug)]
pub(crate) struct Anchor {
    pub(crate) domain: DomainId,
    pub(crate) number: u64,
    pub(crate) state_root: StateRoot,
    /// As the history commits to it.
    pub(crate) payload: Vec<u8>,
    /// What the payload says.
    pub(crate) facts: BlockPayload,
}

/// The block with a number, or the newest one.
pub(crate) fn find(number: Option<u64>) -> Result<Anchor, Error> {
    let domain = DomainId::from_bytes(controller()?);
    let mut root = historical()?;
    let mut newest = None;
    for _ in 0..LOOK_BACK {
        if root == Root::ZERO {
            return Err(missing(number, newest));
        }
        let update = historical_update(&root)?
            .ok_or_else(|| Error::new(format!("the history has no append that led to {root}")))?;
        root = update.previous();
        let block = update.block;
        if block.domain() != domain {
            continue;
        }
        match number {
            Some(number) if block.number > number => {
                newest.get_or_insert(block.number);
            }
            // Numbers of a domain only rise, so no older append has it.
            Some(wanted) if block.number < wanted => {
                return Err(between(wanted, block.number, newest));
            }
            _ => return Anchor::of(domain, block),
        }
    }
    let block = number.map_or_else(|| "a block".to_owned(), |number| format!("block {number}"));
    Err(Error::new(format!(
        "{block} of this domain is not among the newest {LOOK_BACK} appends: ask under an older root"
    )))
}

impl Anchor {
    fn of(domain: DomainId, block: Block) -> Result<Self, Error> {
        let facts = BlockPayload::decode(&block.payload).map_err(|error| {
            Error::new(format!(
                "block {} is not a proven one: {error}",
                block.number
            ))
        })?;
        Ok(Self {
            domain,
            number: block.number,
            state_root: block.state_root(),
            payload: block.payload,
            facts,
        })
    }
}

fn missing(number: Option<u64>, newest: Option<u64>) -> Error {
    Error::new(match (number, newest) {
        (Some(number), Some(newest)) => format!(
            "block {number} was not added to this domain: its blocks begin after it and end with {newest}"
        ),
        _ => "no block of this domain was added yet".to_owned(),
    })
}

fn between(number: u64, below: u64, newest: Option<u64>) -> Error {
    Error::new(match newest {
        Some(newest) => format!(
            "block {number} was not added to this domain: the one before it is {below}, the newest {newest}"
        ),
        None => format!("block {number} was not added to this domain: the newest is {below}"),
    })
}
