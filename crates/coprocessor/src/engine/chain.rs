//! The engine's side of the history: roots, blocks, openings.

use serde_json::Value;
use valence_coprocessor_controller_abi::ValidatedBlock;
use valence_coprocessor_protocol::{DomainId, DomainName, HeadState, Root, StateRoot};
use valence_coprocessor_wasm::Export;

use super::Engine;
use crate::history::ValidBlock;
use crate::witness::parse;
use crate::{
    AddedBlock, BlockRecord, Caller, EngineError, Mode, OpeningAnswer, ProvenUpdate, Trust, Update,
};

impl Engine {
    /// The co-processor root; takes no lock and reads no store.
    pub fn root(&self) -> Root {
        self.runtime.history.head().root
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

    /// Has a domain's controller validate a block, and appends it in one commit.
    ///
    /// In a development service anybody may feed a domain: its controller alone decides what a block is.
    pub async fn add_block(
        &self,
        caller: &Caller,
        domain: &DomainName,
        args: Value,
    ) -> Result<AddedBlock, EngineError> {
        let id = DomainId::of(domain);
        if let Mode::Elected(set) = &self.config.mode {
            return Err(match set.get(&id) {
                Some(_) => EngineError::LightClientProofRequired(domain.clone()),
                None => EngineError::DomainNotElected(domain.clone()),
            });
        }
        let found = self.runtime.registry.domain(id).await?;
        let found = found.ok_or_else(|| EngineError::UnknownDomain(domain.to_string()))?;
        let (export, budget) = (Export::ValidateBlock, self.runtime.sandbox.budget());
        let args = args.to_string().into_bytes();
        let called =
            self.runtime
                .call_domain(id, &found.controller, export, args, budget, self.root());
        let (valid, log): (ValidatedBlock, _) = parse(export, called.await?)?;
        let ValidatedBlock {
            number,
            root: state_root,
            payload,
        } = valid;
        let state_root = StateRoot::from_bytes(state_root);
        let block = ValidBlock {
            name: domain.clone(),
            domain: id,
            number,
            state_root,
            payload: payload.clone(),
            // Without a light client there is no state to commit to.
            head: HeadState::ZERO,
        };
        let appended = self.runtime.history.append(block).await?;
        tracing::debug!(target: "valence_coprocessor", %domain, number, ?caller, "block accepted");
        let block = BlockRecord {
            domain: id,
            number,
            state_root,
            payload,
            trust: self.trust(),
        };
        Ok(AddedBlock {
            block,
            previous: appended.previous,
            root: appended.root,
            sequence: appended.sequence,
            log,
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
        let root = root.unwrap_or_else(|| self.root());
        let id = DomainId::of(domain);
        let answer = self.runtime.history.opening(&root, id, number);
        if answer.is_err() && self.runtime.registry.domain_record(id)?.is_none() {
            return Err(EngineError::UnknownDomain(domain.to_string()));
        }
        answer
    }
}
