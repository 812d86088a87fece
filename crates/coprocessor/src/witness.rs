//! Witnesses: what a controller gives for a circuit, opened at a root.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use valence_coprocessor_circuit_sdk::{OpenedWitness, encode_witnesses};
use valence_coprocessor_controller_abi::{StateProofValue, WitnessValue};
use valence_coprocessor_protocol::{CircuitId, Root, StateProof, Witness};
use valence_coprocessor_wasm::{Export, Outcome};

use crate::runtime::Runtime;
use crate::{EngineError, OpeningAnswer, WitnessReport};

/// Witnesses with what a circuit needs to accept them.
#[derive(Debug)]
pub(crate) struct OpenedWitnesses {
    root: Root,
    witnesses: Vec<OpenedWitness>,
    openings: Vec<OpeningAnswer>,
    pub(crate) log: Vec<String>,
}

impl OpenedWitnesses {
    /// Has a circuit's controller give its witnesses, and opens every state proof among them.
    pub(crate) async fn compute(
        runtime: &Arc<Runtime>,
        circuit: CircuitId,
        root: Root,
        args: Vec<u8>,
    ) -> Result<Self, EngineError> {
        let export = Export::GetWitnesses;
        let outcome = runtime.call_circuit(circuit, export, args, root).await?;
        let (values, log): (Vec<WitnessValue>, _) = parse(export, outcome)?;
        let limit = runtime.config.limits.witnesses;
        if values.len() > limit {
            let reason = format!("{} witnesses, at most {limit} are accepted", values.len());
            return Err(EngineError::ControllerAnswer {
                export,
                reason,
                log,
            });
        }
        let mut opened = Self {
            root,
            witnesses: Vec::with_capacity(values.len()),
            openings: Vec::new(),
            log,
        };
        for value in values {
            opened.open(runtime, value.into())?;
        }
        Ok(opened)
    }

    fn open(&mut self, runtime: &Runtime, witness: Witness) -> Result<(), EngineError> {
        let state_proof = match witness {
            Witness::Data(data) => {
                self.witnesses.push(OpenedWitness::Data(data));
                return Ok(());
            }
            Witness::StateProof(state_proof) => state_proof,
        };
        let StateProof { domain, number, .. } = state_proof;
        let (opening, block) = runtime.history.opened(&self.root, domain, number)?;
        if block.state_root != state_proof.state_root || block.payload != state_proof.payload {
            // The circuit would refuse it as well; here it can be said which field is wrong.
            let what = if block.state_root == state_proof.state_root {
                "payload"
            } else {
                "state root"
            };
            let reason = format!(
                "the {what} of a state proof is not that of block {number} of domain {domain}"
            );
            let log = std::mem::take(&mut self.log);
            return Err(EngineError::ControllerAnswer {
                export: Export::GetWitnesses,
                reason,
                log,
            });
        }
        self.openings.push(OpeningAnswer {
            root: self.root,
            block,
            opening: opening.encode(),
        });
        self.witnesses.push(OpenedWitness::StateProof {
            state_proof,
            opening,
        });
        Ok(())
    }

    /// What the circuit reads.
    pub(crate) fn encode(&self, limit: usize) -> Result<Vec<u8>, EngineError> {
        let input = encode_witnesses(&self.root, &self.witnesses);
        if input.len() > limit {
            let (what, size) = ("the encoded witnesses", input.len() as u64);
            return Err(EngineError::TooLarge {
                what,
                size,
                limit: limit as u64,
            });
        }
        Ok(input)
    }

    pub(crate) fn into_report(self, runtime: &Runtime) -> WitnessReport {
        let witnesses = self.witnesses.into_iter().map(|witness| match witness {
            OpenedWitness::Data(data) => Witness::Data(data),
            OpenedWitness::StateProof { state_proof, .. } => Witness::StateProof(state_proof),
        });
        WitnessReport {
            root: self.root,
            trust: runtime.history.trust(),
            openings: self.openings,
            witnesses: witnesses.collect(),
            log: self.log,
        }
    }
}

/// The state proof that a domain's controller returned.
pub(crate) fn parse_state_proof(outcome: Outcome) -> Result<StateProof, EngineError> {
    let (value, _): (StateProofValue, _) = parse(Export::GetStateProof, outcome)?;
    Ok(value.into())
}

/// Reads what a controller returned, and keeps its log.
pub(crate) fn parse<T: DeserializeOwned>(
    export: Export,
    outcome: Outcome,
) -> Result<(T, Vec<String>), EngineError> {
    let Outcome { ret, log } = outcome;
    match serde_json::from_slice(&ret) {
        Ok(value) => Ok((value, log)),
        Err(error) => Err(EngineError::ControllerAnswer {
            export,
            reason: error.to_string(),
            log,
        }),
    }
}
