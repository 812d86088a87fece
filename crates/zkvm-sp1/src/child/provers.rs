//! Who makes proofs in this process. What this build has of them is decided in this file alone.

mod cpu;
#[cfg(feature = "cuda")]
mod cuda;
#[cfg(feature = "network")]
mod network;

use bincode::Options as _;
use sp1_sdk::{SP1Proof, SP1ProofMode, SP1ProofWithPublicValues};
use valence_coprocessor_zkvm::{Proof, ProofKind, Stage, ZkvmError, wire::Prove};

use super::Mode;
use crate::{CudaConfig, NetworkConfig};

/// Makes proofs.
pub(super) trait Prover: Send + Sync {
    /// Makes a proof.
    fn prove(&self, work: &Prove, report: &dyn Fn(Stage)) -> Result<Proof, ZkvmError>;

    /// Calls off, within seconds, what was begun outside of this process; called from another thread when the parent is
    /// gone or waits no longer. The process ends after it.
    fn call_off(&self) {}
}

impl Mode {
    /// Whether this build can do what the mode is for.
    pub fn check_build(self) -> Result<(), ZkvmError> {
        let is_built = match self {
            Self::Light | Self::Cpu => true,
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Network => cfg!(feature = "network"),
        };
        if is_built {
            Ok(())
        } else {
            Err(not_built(self))
        }
    }
}

fn not_built(mode: Mode) -> ZkvmError {
    ZkvmError::Unavailable {
        what: format!("proving with backend {mode}: this build has no prover for it, so it"),
        hint: format!(
            "build it in, `cargo build -p valence-coprocessor-prover --features {mode}`, or prove with `--backend cpu`"
        ),
    }
}

/// The CPU's prover.
pub(super) fn cpu() -> Box<dyn Prover> {
    Box::new(cpu::Cpu::start())
}

/// A GPU's prover.
#[cfg(feature = "cuda")]
pub(super) fn cuda(config: &CudaConfig) -> Result<Box<dyn Prover>, ZkvmError> {
    Ok(Box::new(cuda::Cuda::start(config)?))
}

/// A GPU's prover.
#[cfg(not(feature = "cuda"))]
pub(super) fn cuda(_: &CudaConfig) -> Result<Box<dyn Prover>, ZkvmError> {
    Err(not_built(Mode::Cuda))
}

/// The network's client.
#[cfg(feature = "network")]
pub(super) fn network(config: &NetworkConfig) -> Result<Box<dyn Prover>, ZkvmError> {
    Ok(Box::new(network::Network::start(config)?))
}

/// The network's client.
#[cfg(not(feature = "network"))]
pub(super) fn network(_: &NetworkConfig) -> Result<Box<dyn Prover>, ZkvmError> {
    Err(not_built(Mode::Network))
}

fn mode_of(kind: ProofKind) -> Result<SP1ProofMode, ZkvmError> {
    match kind {
        ProofKind::Execute => Err(ZkvmError::NoProof),
        ProofKind::Core => Ok(SP1ProofMode::Core),
        ProofKind::Compressed => Ok(SP1ProofMode::Compressed),
        ProofKind::Groth16 => Ok(SP1ProofMode::Groth16),
        ProofKind::Plonk => Ok(SP1ProofMode::Plonk),
    }
}

/// The port's form of a proof, which [`verify`](super::verify::verify) takes.
fn proof_of(made: &SP1ProofWithPublicValues, kind: ProofKind) -> Result<Proof, ZkvmError> {
    let bytes = match &made.proof {
        SP1Proof::Core(_) | SP1Proof::Compressed(_) => bincode::DefaultOptions::new()
            .with_fixint_encoding()
            .serialize(&made.proof)
            .map_err(|error| failed(&error.to_string()))?,
        SP1Proof::Groth16(_) | SP1Proof::Plonk(_) => made.bytes(),
    };
    Ok(Proof {
        kind,
        public_values: made.public_values.to_vec(),
        bytes,
    })
}

fn failed(reason: &str) -> ZkvmError {
    ZkvmError::Failed {
        reason: reason.to_owned(),
    }
}
