//! What an operator did, as values that a program prints.

use serde::Serialize;
use valence_coprocessor_ethereum_beacon::{Client, Step};

/// A step that was appended, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// The number of the block of the execution layer.
    pub number: u64,
    /// The slot of its beacon block.
    pub slot: u64,
    /// Its time, in seconds since 1970.
    pub time: u64,
    /// Its state root.
    pub state_root: String,
    /// Its hash.
    pub block_hash: String,
    /// The root of its beacon block.
    pub beacon_block_root: String,
    /// The state that the step starts from.
    pub previous: String,
    /// The state that it leads to.
    pub state: String,
    /// Updates in the step.
    pub updates: usize,
    /// Bytes that the circuit reads.
    pub input_bytes: usize,
    /// Cycles of the circuit, if it was run.
    pub cycles: Option<u64>,
    /// Bytes of the proof, if one was made.
    pub proof_bytes: Option<usize>,
    /// The root of the history with the block, if it was appended.
    pub root: Option<String>,
}

impl StepReport {
    pub(crate) fn of(step: &Step, updates: usize) -> Self {
        let (output, payload) = (&step.output, &step.output.payload);
        Self {
            number: output.number,
            slot: payload.slot,
            time: output.time,
            state_root: output.state_root.to_string(),
            block_hash: hex(payload.block_hash.as_bytes()),
            beacon_block_root: hex(&payload.beacon_block_root),
            previous: output.previous.to_string(),
            state: output.state.to_string(),
            updates,
            input_bytes: step.input.len(),
            cycles: None,
            proof_bytes: None,
            root: None,
        }
    }
}

/// Where trust begins: what a domain set pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GenesisReport {
    /// The name of the domain.
    pub domain: String,
    /// The trusted block.
    pub block_root: String,
    /// Its slot.
    pub slot: u64,
    /// The state, as the domain set has it.
    pub genesis: String,
}

impl GenesisReport {
    pub(crate) fn of(domain: &str, client: &Client) -> Self {
        let checkpoint = client.store().checkpoint();
        Self {
            domain: domain.to_owned(),
            block_root: checkpoint.block_root.to_string(),
            slot: checkpoint.slot,
            genesis: client.store().state().to_string(),
        }
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    valence_coprocessor_api::hex::encode(bytes)
}
