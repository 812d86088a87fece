//! Steps of a domain's light client: what has to hold before a block of it is appended.

use std::sync::Arc;

use valence_coprocessor_controller_abi::StepEvidence;
use valence_coprocessor_protocol::{DomainId, HeadState, StepPublicValues};
use valence_coprocessor_zkvm::{Proof, ProofKind, VerifyingKey, ZkvmError};

use super::Registry;
use super::record::{DomainRecord, LightClientRecord};
use crate::{ElectedDomain, EngineError, Mode, StepProof};

/// A step that the domain's light client accepts. Whether it goes on from the domain's head is seen at the append.
#[must_use]
#[derive(Clone, Debug)]
pub(crate) struct VerifiedStep {
    pub(crate) values: StepPublicValues,
    /// What a domain without blocks must start from; none in a development service, which believes the first step.
    pub(crate) genesis: Option<HeadState>,
    /// The proof, to be kept; none if the light client was only run.
    pub(crate) proof: Option<StepProof>,
}

impl Registry {
    /// What the domain set says of a domain; none in a development service. The pins were demanded at the deployment, and
    /// are again here and in [`Self::verify_step`], since the set may have changed since.
    pub(crate) fn elected(
        &self,
        id: DomainId,
        record: &DomainRecord,
    ) -> Result<Option<&ElectedDomain>, EngineError> {
        let Mode::Elected(set) = &self.config.mode else {
            return Ok(None);
        };
        let elected = set
            .get(&id)
            .ok_or_else(|| EngineError::DomainNotElected(record.name.clone()))?;
        if record.controller != elected.controller {
            return Err(pinned(record, "controller"));
        }
        Ok(Some(elected))
    }

    /// Checks the evidence of a step: its proof, or in a development service a run of the light client.
    pub(crate) async fn verify_step(
        &self,
        record: &DomainRecord,
        elected: Option<&ElectedDomain>,
        evidence: StepEvidence,
    ) -> Result<VerifiedStep, EngineError> {
        let light_client = record
            .light_client
            .as_ref()
            .ok_or_else(|| EngineError::NoLightClient(record.name.clone()))?;
        let (values, proof) = match evidence {
            StepEvidence::Proof {
                public_values,
                proof,
            } => {
                let key = self.key_of(light_client).await?;
                if elected.is_some_and(|elected| elected.verifying_key != key.hash) {
                    return Err(pinned(record, "verifying key"));
                }
                let proof = self.verify_proof(key, public_values.0, proof.0).await?;
                (decode(&proof.public_values)?, Some(proof))
            }
            StepEvidence::Input(_) if elected.is_some() => {
                return Err(EngineError::LightClientProofRequired(record.name.clone()));
            }
            StepEvidence::Input(input) => (self.run_step(light_client, input.0).await?, None),
        };
        Ok(VerifiedStep {
            values,
            genesis: elected.map(|elected| elected.genesis),
            proof,
        })
    }

    /// The key as it was computed at the deployment, or from the same ELF now.
    async fn key_of(&self, light_client: &LightClientRecord) -> Result<VerifyingKey, EngineError> {
        match &light_client.verifying_key {
            Some(key) => Ok(key.to_key()),
            None => self.compute_key(self.module(light_client.elf)?).await,
        }
    }

    async fn verify_proof(
        &self,
        key: VerifyingKey,
        public_values: Vec<u8>,
        bytes: Vec<u8>,
    ) -> Result<StepProof, EngineError> {
        let proof = Proof {
            kind: ProofKind::Compressed,
            public_values,
            bytes,
        };
        self.zkvm
            .verify(&key, &proof)
            .await
            .map_err(|error| match error {
                ZkvmError::InvalidProof { .. }
                | ZkvmError::OtherVerifyingKey { .. }
                | ZkvmError::ExitCode { .. } => EngineError::InvalidStep {
                    reason: error.to_string(),
                },
                error => EngineError::ZkvmUnavailable { error },
            })?;
        Ok(StepProof {
            verifying_key: key.hash,
            public_values: proof.public_values,
            bytes: proof.bytes,
        })
    }

    async fn run_step(
        &self,
        light_client: &LightClientRecord,
        input: Vec<u8>,
    ) -> Result<StepPublicValues, EngineError> {
        let elf = self.module(light_client.elf)?;
        let limits = self.config.limits.execution;
        let run = self.zkvm.execute(elf, Arc::from(input), limits).await;
        let execution = run.map_err(|error| match error {
            ZkvmError::GuestPanicked { message } => EngineError::InvalidStep { reason: message },
            error if error.is_transient() => EngineError::ZkvmUnavailable { error },
            error => EngineError::CircuitFailed(error),
        })?;
        decode(&execution.public_values)
    }
}

fn pinned(record: &DomainRecord, what: &'static str) -> EngineError {
    EngineError::DomainPinned {
        domain: record.name.clone(),
        what,
    }
}

fn decode(public_values: &[u8]) -> Result<StepPublicValues, EngineError> {
    StepPublicValues::decode(public_values).map_err(|error| EngineError::InvalidStep {
        reason: error.to_string(),
    })
}
