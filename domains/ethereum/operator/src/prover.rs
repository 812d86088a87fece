//! `StepProver`: from a step to the evidence that a service takes.

use std::sync::Arc;
use std::time::Instant;

use valence_coprocessor_controller_abi::{Base64, StepEvidence};
use valence_coprocessor_ethereum_beacon::Step;
use valence_coprocessor_zkvm::{
    CancellationToken, Limits, ProgressSender, Proof, ProofKind, ProveRequest, Zkvm, ZkvmError,
};

use crate::{Event, OperatorError, Reporter, StepReport};

/// How a step becomes evidence.
#[derive(Clone, Debug)]
pub enum StepProver {
    /// A compressed proof of the circuit.
    Compressed {
        /// The zkVM.
        zkvm: Arc<dyn Zkvm>,
        /// The circuit `ethereum-step`.
        elf: Arc<[u8]>,
        /// What running it may cost.
        execution: Limits,
        /// What proving it may cost.
        proof: Limits,
    },
    /// The step's input, which a development service runs itself. Nothing is proven.
    Input,
}

impl StepProver {
    /// Runs the circuit, if there is one, and compares what it publishes with what the host computed.
    pub(crate) async fn execute(
        &self,
        step: &Step,
        report: &mut StepReport,
        reporter: &Reporter,
    ) -> Result<(), OperatorError> {
        let Self::Compressed {
            zkvm,
            elf,
            execution,
            ..
        } = self
        else {
            return Ok(());
        };
        let begun = Instant::now();
        let run = zkvm
            .execute(
                Arc::clone(elf),
                Arc::from(step.input.as_slice()),
                *execution,
            )
            .await
            .map_err(|source| failed("running the step", source))?;
        if run.public_values != step.output.public_values().encode() {
            return Err(OperatorError::OtherPublicValues { what: "the run" });
        }
        report.cycles = Some(run.cycles);
        reporter.report(&Event::Executed {
            cycles: run.cycles,
            elapsed: begun.elapsed(),
        });
        Ok(())
    }

    /// Makes the evidence. A proof is verified here before anybody gets it.
    pub(crate) async fn evidence(
        &self,
        step: &Step,
        report: &mut StepReport,
        reporter: &Reporter,
        cancel: &CancellationToken,
    ) -> Result<StepEvidence, OperatorError> {
        let Self::Compressed {
            zkvm, elf, proof, ..
        } = self
        else {
            return Ok(StepEvidence::Input(Base64(step.input.clone())));
        };
        let begun = Instant::now();
        let request = ProveRequest {
            elf: Arc::clone(elf),
            input: Arc::from(step.input.as_slice()),
            kind: ProofKind::Compressed,
            limits: *proof,
        };
        let made = prove(zkvm.as_ref(), request, reporter, cancel).await?;
        let key = zkvm.verifying_key(Arc::clone(elf)).await;
        let key = key.map_err(|source| failed("computing the verifying key", source))?;
        if made.public_values != step.output.public_values().encode() {
            return Err(OperatorError::OtherPublicValues { what: "the proof" });
        }
        if made.kind != ProofKind::Compressed {
            return Err(OperatorError::OtherProofKind { got: made.kind });
        }
        zkvm.verify(&key, &made)
            .await
            .map_err(|source| failed("verifying the proof", source))?;
        let elapsed = begun.elapsed();
        metrics::gauge!("valence_ethereum_last_proof_seconds").set(elapsed.as_secs_f64());
        report.proof_bytes = Some(made.bytes.len());
        reporter.report(&Event::Proven {
            bytes: made.bytes.len(),
            elapsed,
        });
        Ok(StepEvidence::Proof {
            public_values: Base64(made.public_values),
            proof: Base64(made.bytes),
        })
    }
}

/// Proves, and passes on how far it is.
async fn prove(
    zkvm: &dyn Zkvm,
    request: ProveRequest,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<Proof, OperatorError> {
    let (progress, mut news) = ProgressSender::channel();
    let proof = zkvm.prove(request, progress, cancel.clone());
    tokio::pin!(proof);
    let mut is_open = true;
    loop {
        tokio::select! {
            made = &mut proof => return made.map_err(|source| match source {
                ZkvmError::Cancelled => OperatorError::Cancelled,
                source => failed("proving the step", source),
            }),
            changed = news.changed(), if is_open => {
                is_open = changed.is_ok();
                if is_open {
                    let text = news.borrow_and_update().text.clone();
                    reporter.report(&Event::Proving { text });
                }
            }
        }
    }
}

fn failed(action: &'static str, source: ZkvmError) -> OperatorError {
    OperatorError::Zkvm { action, source }
}
