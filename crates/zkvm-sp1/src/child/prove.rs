//! What a `cpu` process does: proofs.

use bincode::Options as _;
use sp1_sdk::{
    Elf, SP1Proof, SP1ProofMode, SP1ProofWithPublicValues,
    blocking::{CpuProver, ProveRequest as _, Prover as _, ProverClient},
};
use valence_coprocessor_zkvm::{Proof, ProofKind, Stage, ZkvmError};

use super::{elf, execute::stdin};

/// SP1's prover on the CPU; takes minutes to start, so it is kept.
///
/// The SDK's own client, because SP1 compiles its prover anew into every crate that builds one from parts.
pub(crate) struct Cpu(CpuProver);

impl Cpu {
    pub(crate) fn start() -> Self {
        Self(ProverClient::builder().cpu().build())
    }

    /// Makes a proof.
    pub(crate) fn prove(
        &self,
        bytes: &[u8],
        input: &[u8],
        kind: ProofKind,
        report: impl Fn(Stage),
    ) -> Result<Proof, ZkvmError> {
        let mode = match kind {
            ProofKind::Execute => return Err(ZkvmError::NoProof),
            ProofKind::Core => SP1ProofMode::Core,
            ProofKind::Compressed => SP1ProofMode::Compressed,
            ProofKind::Groth16 => SP1ProofMode::Groth16,
            ProofKind::Plonk => SP1ProofMode::Plonk,
        };
        elf::program(bytes)?;
        report(Stage::Setup);
        let key = self
            .0
            .setup(Elf::from(bytes.to_vec()))
            .map_err(|error| failed(&error.to_string()))?;
        report(Stage::Proving);
        let made = self
            .0
            .prove(&key, stdin(input))
            .mode(mode)
            .run()
            .map_err(|error| failed(&error.to_string()))?;
        let public_values = made.public_values.to_vec();
        Ok(Proof {
            kind,
            public_values,
            bytes: proof_bytes(&made)?,
        })
    }
}

/// The form that [`verify`](super::verify) takes.
fn proof_bytes(made: &SP1ProofWithPublicValues) -> Result<Vec<u8>, ZkvmError> {
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
