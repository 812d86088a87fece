//! `encode_witnesses`: the input of a circuit, as a host makes it.

use alloc::vec::Vec;

use valence_coprocessor_history::Opening;
use valence_coprocessor_protocol::{Root, StateProof, Writer};

use crate::witnesses::{DATA, LAYOUT, STATE_PROOF};

/// A witness with what a circuit needs to accept it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a host holds a handful of them")]
pub enum OpenedWitness {
    /// Plain data.
    Data(Vec<u8>),
    /// A state proof and the path of its block to the root.
    StateProof {
        /// The state proof.
        state_proof: StateProof,
        /// The path of its block.
        opening: Opening,
    },
}

/// Encodes the witnesses of one proof.
pub fn encode_witnesses(root: &Root, witnesses: &[OpenedWitness]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .number(LAYOUT)
        .identifier(root.as_bytes())
        .length(witnesses.len());
    for witness in witnesses {
        match witness {
            OpenedWitness::Data(data) => {
                writer.number(DATA).length(data.len()).bytes(data);
            }
            OpenedWitness::StateProof {
                state_proof,
                opening,
            } => {
                writer
                    .number(STATE_PROOF)
                    .identifier(state_proof.domain.as_bytes())
                    .number(state_proof.number)
                    .identifier(state_proof.state_root.as_bytes())
                    .length(state_proof.payload.len())
                    .bytes(&state_proof.payload)
                    .length(state_proof.proof.len())
                    .bytes(&state_proof.proof);
                opening.as_opening_ref().write(&mut writer);
            }
        }
    }
    writer.finish()
}
