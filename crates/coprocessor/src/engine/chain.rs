//! The engine's side of the history: roots, blocks, openings.

use serde::Deserialize as _;
use serde_json::{Value, json};
use valence_coprocessor_controller_abi::{Base64, LightClientBlock, ValidatedBlock};
use valence_coprocessor_protocol::{
    DomainId, DomainName, Root, StateRoot, StepPublicValues, sha256,
};
use valence_coprocessor_wasm::Export;

use super::Engine;
use crate::history::{ValidBlock, head_after};
use crate::registry::{DomainRecord, VerifiedStep};
use crate::witness::parse;
use crate::{
    AddedBlock, BlockRecord, Caller, EngineError, Mode, OpeningAnswer, ProvenUpdate, StepProof,
    Trust, Update,
};

impl Engine {
    /// The co-processor root, never older than one that any service on the store has acknowledged. Takes no lock; a store
    /// that only this process has open is not even read.
    pub fn root(&self) -> Result<Root, EngineError> {
        Ok(self.runtime.history.head()?.root)
    }

    /// What stands behind the roots of this service.
    pub fn trust(&self) -> Trust {
        self.runtime.history.trust()
    }

    /// The newest block of a domain; `None` if it has no block.
    pub fn domain_latest(&self, domain: &DomainName) -> Result<Option<BlockRecord>, EngineError> {
        let id = DomainId::of(domain);
        if self.runtime.registry.domain_record(id)?.is_none() {
            return Err(EngineError::UnknownDomain(domain.to_string()));
        }
        Ok(self.runtime.history.latest(id)?.map(|update| update.block))
    }

    /// Appends a block in one commit, with the light client's proof of it.
    ///
    /// With a domain set, `args` is a [`LightClientBlock`] whose proof verifies under the key of the set. In a development
    /// service it may be a run of the light client instead, or whatever the domain's controller alone takes for a block.
    /// The controller is asked in every case, and may refuse.
    pub async fn add_block(
        &self,
        caller: &Caller,
        domain: &DomainName,
        args: Value,
    ) -> Result<AddedBlock, EngineError> {
        let id = DomainId::of(domain);
        if let Mode::Elected(set) = &self.config.mode
            && set.get(&id).is_none()
        {
            return Err(EngineError::DomainNotElected(domain.clone()));
        }
        let found = self.runtime.registry.domain(id).await?;
        let found = found.ok_or_else(|| EngineError::UnknownDomain(domain.to_string()))?;
        let (args, step) = match self.verify_evidence(id, &found.record, &args).await? {
            Some((payload, step)) => (json!({ "payload": payload }), Some(step)),
            None => (args, None),
        };
        let called = self.runtime.validate_block(
            id,
            &found.controller,
            args.to_string().into_bytes(),
            step.as_ref().map(|step| step.values),
        );
        let (valid, log): (ValidatedBlock, _) = parse(Export::ValidateBlock, called.await?)?;
        if let Some(step) = &step {
            check_agrees(&step.values, &valid)?;
        }
        let block = BlockRecord {
            domain: id,
            number: valid.number,
            state_root: StateRoot::from_bytes(valid.root),
            payload: valid.payload,
            head: head_after(step.as_ref()),
            trust: self.trust(),
        };
        let appended = self.runtime.history.append(ValidBlock {
            name: domain.clone(),
            domain: id,
            number: block.number,
            state_root: block.state_root,
            payload: block.payload.clone(),
            step,
        });
        let appended = appended.await?;
        tracing::debug!(target: "valence_coprocessor", %domain, number = block.number, ?caller, "block accepted");
        Ok(AddedBlock {
            block,
            previous: appended.previous,
            root: appended.root,
            sequence: appended.sequence,
            log,
        })
    }

    /// The payload and the step of a block that comes with evidence; none if the controller alone is to be asked.
    async fn verify_evidence(
        &self,
        id: DomainId,
        record: &DomainRecord,
        args: &Value,
    ) -> Result<Option<(Base64, VerifiedStep)>, EngineError> {
        let registry = &self.runtime.registry;
        let elected = registry.elected(id, record)?;
        if args.get("evidence").is_none() {
            return match elected {
                Some(_) => Err(EngineError::LightClientProofRequired(record.name.clone())),
                None => Ok(None),
            };
        }
        let LightClientBlock { payload, evidence } =
            LightClientBlock::deserialize(args).map_err(|error| EngineError::InvalidArguments {
                reason: error.to_string(),
            })?;
        let step = registry.verify_step(record, elected, evidence).await?;
        if sha256::digest(&payload.0) != *step.values.payload_hash.as_bytes() {
            return Err(EngineError::StepDiffers { what: "payload" });
        }
        Ok(Some((payload, step)))
    }

    /// The light client's proof of a block.
    pub fn step_proof(&self, domain: &DomainName, number: u64) -> Result<StepProof, EngineError> {
        let id = DomainId::of(domain);
        let proof = self.runtime.history.step_proof(id, number)?;
        if let Some(proof) = proof {
            return Ok(proof);
        }
        // Says what is missing: the domain, the block, or its proof alone.
        self.opening(None, domain, number)?;
        Err(EngineError::NoStepProof {
            domain: domain.clone(),
            number,
        })
    }

    /// The step that led to a root; `None` if it never was a root. The zero root answers with zeros.
    pub fn update(&self, root: &Root) -> Result<Option<Update>, EngineError> {
        self.runtime.history.update(root)
    }

    /// The steps from one root (exclusive) to another (inclusive), oldest first: at most `limit`, and never more than
    /// the configuration allows. Go on from the last root of the answer.
    pub fn updates(
        &self,
        from: &Root,
        to: &Root,
        limit: Option<usize>,
    ) -> Result<Vec<ProvenUpdate>, EngineError> {
        let most = self.config.limits.updates;
        self.runtime
            .history
            .updates(from, to, limit.map_or(most, |limit| limit.min(most)))
    }

    /// The opening of a block at a root (the current one if none is named).
    pub fn opening(
        &self,
        root: Option<Root>,
        domain: &DomainName,
        number: u64,
    ) -> Result<OpeningAnswer, EngineError> {
        let root = root.map_or_else(|| self.root(), Ok)?;
        let id = DomainId::of(domain);
        let answer = self.runtime.history.opening(&root, id, number);
        if answer.is_err() && self.runtime.registry.domain_record(id)?.is_none() {
            return Err(EngineError::UnknownDomain(domain.to_string()));
        }
        answer
    }
}

/// The controller is believed about nothing that the light client has proven.
fn check_agrees(step: &StepPublicValues, block: &ValidatedBlock) -> Result<(), EngineError> {
    let differences = [
        ("number", block.number != step.number),
        ("state root", block.root != *step.state_root.as_bytes()),
        (
            "payload",
            sha256::digest(&block.payload) != *step.payload_hash.as_bytes(),
        ),
    ];
    match differences.into_iter().find(|(_, differs)| *differs) {
        Some((what, _)) => Err(EngineError::StepDiffers { what }),
        None => Ok(()),
    }
}
