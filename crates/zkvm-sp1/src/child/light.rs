//! What a `light` process does: keys, executions, verification.

use sp1_core_executor::SP1CoreOpts;
use sp1_prover::worker::SP1LightNode;
use sp1_sdk::RiscvAir;
use tokio::runtime::Runtime;
use valence_coprocessor_zkvm::{Execution, Proof, VerifyingKey, ZkvmError};

use super::{elf, execute, key, verify};

/// SP1 without a prover.
pub(crate) struct Light {
    node: SP1LightNode,
    runtime: Runtime,
}

impl Light {
    pub(crate) fn start(runtime: Runtime) -> Self {
        let node =
            SP1LightNode::with_opts_and_machine_sync(RiscvAir::machine(), SP1CoreOpts::default());
        Self { node, runtime }
    }

    pub(crate) fn verifying_key(&self, bytes: &[u8]) -> Result<VerifyingKey, ZkvmError> {
        elf::program(bytes)?;
        let key = self
            .runtime
            .block_on(self.node.setup(bytes))
            .map_err(|error| ZkvmError::InvalidElf {
                reason: format!("{error:#}"),
            })?;
        key::encode(&key)
    }

    pub(crate) fn execute(
        &self,
        bytes: &[u8],
        input: &[u8],
        cycles: u64,
    ) -> Result<Execution, ZkvmError> {
        execute::execute(&self.runtime, elf::program(bytes)?, input, cycles)
            .map(|(execution, _)| execution)
    }

    pub(crate) fn verify(&self, key: &VerifyingKey, proof: &Proof) -> Result<(), ZkvmError> {
        verify::verify(&self.node, key, proof)
    }
}
