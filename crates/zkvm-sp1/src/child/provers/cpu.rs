//! Proofs on the CPU.

use sp1_sdk::{
    Elf,
    blocking::{CpuProver, ProveRequest as _, Prover as _, ProverClient},
};
use valence_coprocessor_zkvm::{Proof, Stage, ZkvmError, wire::Prove};

use super::{Prover, failed, mode_of, proof_of};
use crate::child::{elf, execute::stdin};

/// SP1's prover on the CPU; takes minutes to start, so it is kept.
///
/// The SDK's own client, because SP1 compiles its prover anew into every crate that builds one from parts.
pub(super) struct Cpu(CpuProver);

impl Cpu {
    pub(super) fn start() -> Self {
        Self(ProverClient::builder().cpu().build())
    }
}

impl Prover for Cpu {
    fn prove(&self, work: &Prove, report: &dyn Fn(Stage)) -> Result<Proof, ZkvmError> {
        let mode = mode_of(work.kind)?;
        elf::program(&work.elf)?;
        report(Stage::Setup);
        let key = self
            .0
            .setup(Elf::from(work.elf.clone()))
            .map_err(|error| failed(&error.to_string()))?;
        report(Stage::Proving);
        let made = self
            .0
            .prove(&key, stdin(&work.input))
            .mode(mode)
            .run()
            .map_err(|error| failed(&error.to_string()))?;
        proof_of(&made, work.kind)
    }
}
