//! The port through which the engine reaches a zkVM.

use core::{fmt::Debug, time::Duration};
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::{Execution, Made, ProgressSender, Proof, ProofKind, VerifyingKey, ZkvmError};

/// What a request may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Cycles of the circuit.
    pub cycles: u64,
    /// Time from the start of the work to its answer; waiting for another request, or for a prover to start, does not
    /// count.
    pub duration: Duration,
}

/// A proof to make.
#[derive(Clone, Debug)]
pub struct ProveRequest {
    /// The circuit.
    pub elf: Arc<[u8]>,
    /// What the circuit reads.
    pub input: Arc<[u8]>,
    /// The kind of proof.
    pub kind: ProofKind,
    /// What it may cost.
    pub limits: Limits,
}

/// A zero-knowledge virtual machine.
///
/// Nothing that an ELF, an input or a proof contains may end the calling process.
#[async_trait]
pub trait Zkvm: Send + Sync + Debug {
    /// The verifying key of an ELF.
    async fn verifying_key(&self, elf: Arc<[u8]>) -> Result<VerifyingKey, ZkvmError>;

    /// Runs a circuit; only a run that ended with exit code 0 within the limits is `Ok`.
    async fn execute(
        &self,
        elf: Arc<[u8]>,
        input: Arc<[u8]>,
        limits: Limits,
    ) -> Result<Execution, ZkvmError>;

    /// Makes a proof. The caller verifies it, and compares its public values with those of an execution.
    async fn prove(
        &self,
        request: ProveRequest,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Proof, ZkvmError>;

    /// Runs the circuit or makes the proof, as the kind says.
    async fn make(
        &self,
        request: ProveRequest,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Made, ZkvmError> {
        if request.kind != ProofKind::Execute {
            return self.prove(request, progress, cancel).await.map(Made::Proof);
        }
        let ProveRequest {
            elf, input, limits, ..
        } = request;
        let run = self.execute(elf, input, limits);
        let ended = cancel.run_until_cancelled(run).await;
        ended
            .unwrap_or(Err(ZkvmError::Cancelled))
            .map(Made::Execution)
    }

    /// Checks that `proof` is one of `key` for exactly its public values, of a run that ended with exit code 0.
    async fn verify(&self, key: &VerifyingKey, proof: &Proof) -> Result<(), ZkvmError>;

    /// Ends every process that this zkVM started; later calls fail with [`ZkvmError::ShutDown`].
    async fn shutdown(&self);
}
