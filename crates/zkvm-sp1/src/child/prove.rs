//! What a `cpu` process does: proofs.

use std::sync::Arc;

use bincode::Options as _;
use sp1_prover::worker::{SP1LocalNode, SP1LocalNodeBuilder, cpu_worker_builder};
use sp1_prover_types::network_base_types::ProofMode;
use sp1_sdk::{SP1Context, SP1Proof, SP1ProofWithPublicValues};
use tokio::runtime::Runtime;
use valence_coprocessor_zkvm::{Proof, ProofKind, Stage, ZkvmError};

use super::{elf, execute::stdin};

/// SP1's prover on the CPU; takes minutes to start, so it is kept.
pub(crate) struct Cpu {
    node: SP1LocalNode,
    runtime: Arc<Runtime>,
}

impl Cpu {
    pub(crate) fn start(runtime: Arc<Runtime>) -> Result<Self, ZkvmError> {
        let builder = SP1LocalNodeBuilder::from_worker_client_builder(cpu_worker_builder());
        let node = runtime
            .block_on(builder.build())
            .map_err(|error| failed(&format!("{error:#}")))?;
        Ok(Self { node, runtime })
    }

    /// Makes a proof. Its proving key is made on the way, so there is no separate set-up.
    pub(crate) fn prove(
        &self,
        bytes: &[u8],
        input: &[u8],
        kind: ProofKind,
        report: impl Fn(Stage),
    ) -> Result<Proof, ZkvmError> {
        let mode = match kind {
            ProofKind::Execute => return Err(ZkvmError::NoProof),
            ProofKind::Core => ProofMode::Core,
            ProofKind::Compressed => ProofMode::Compressed,
            ProofKind::Groth16 => ProofMode::Groth16,
            ProofKind::Plonk => ProofMode::Plonk,
        };
        elf::program(bytes)?;
        report(Stage::Proving);
        let proving = self
            .node
            .prove_with_mode(bytes, stdin(input), SP1Context::default(), mode);
        let made = self
            .runtime
            .block_on(proving)
            .map_err(|error| failed(&format!("{error:#}")))?;
        let public_values = made.public_values.to_vec();
        Ok(Proof {
            kind,
            public_values,
            bytes: proof_bytes(SP1ProofWithPublicValues::from(made))?,
        })
    }
}

/// The form that [`verify`](super::verify) takes.
fn proof_bytes(made: SP1ProofWithPublicValues) -> Result<Vec<u8>, ZkvmError> {
    match &made.proof {
        SP1Proof::Core(_) | SP1Proof::Compressed(_) => bincode::DefaultOptions::new()
            .with_fixint_encoding()
            .serialize(&made.proof)
            .map_err(|error| failed(&error.to_string())),
        SP1Proof::Groth16(_) | SP1Proof::Plonk(_) => Ok(made.bytes()),
    }
}

fn failed(reason: &str) -> ZkvmError {
    ZkvmError::Failed {
        reason: reason.to_owned(),
    }
}
