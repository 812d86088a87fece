//! The chain that a devnet serves, the rival chains of its faults, and which of them answers.

use std::sync::Arc;

use alloy_primitives::B256;

use crate::{
    Block, Chain, DevnetError, Fault, Participation, Rules, Update,
    containers::ExecutionPayloadHeader, fault, merkle::sha256,
};

/// Graffiti of the honest chain.
const HONEST: B256 = B256::ZERO;

/// Everything that changes while a devnet runs.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rules: Arc<Rules>,
    pub(crate) honest: Chain,
    /// The newest slot that has passed; its block may be missing.
    pub(crate) slot: u64,
    pub(crate) participation: Participation,
    faults: Vec<Fault>,
    rival: Option<Rival>,
}

#[derive(Debug)]
struct Rival {
    chain: Chain,
    graffiti: B256,
    turn: Turn,
}

/// When the rival answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Always,
    Next,
    AfterNext,
}

impl World {
    pub(crate) fn new(honest: Chain, rules: Arc<Rules>, participation: Participation) -> Self {
        Self {
            rules,
            honest,
            slot: 0,
            participation,
            faults: Vec::new(),
            rival: None,
        }
    }

    /// Fills the next slot.
    pub(crate) fn extend(
        &mut self,
        payload: ExecutionPayloadHeader,
    ) -> Result<Arc<Block>, DevnetError> {
        let slot = self.slot + 1;
        if let Some(rival) = &mut self.rival {
            rival
                .chain
                .extend(slot, payload.clone(), self.participation, rival.graffiti)?;
        }
        let block = self
            .honest
            .extend(slot, payload, self.participation, HONEST)?;
        self.slot = slot;
        Ok(block)
    }

    /// Switches on a fault that is not one of transport.
    pub(crate) fn switch_on(&mut self, fault: Fault) -> Result<(), DevnetError> {
        match fault {
            Fault::Fork => {
                let newest = self.honest.newest_update();
                let slot = newest.ok_or(DevnetError::NothingFinal)?.attested.slot();
                let graffiti = sha256(&[b"fork"]);
                self.rival = Some(Rival {
                    chain: self.honest.rewritten(slot, graffiti, |_| {})?,
                    graffiti,
                    turn: Turn::AfterNext,
                });
            }
            Fault::Equivocation => {
                let newest = self.honest.newest_final_update();
                let finalized = newest.and_then(|update| update.finalized.as_ref());
                let slot = finalized.ok_or(DevnetError::NothingFinal)?.slot();
                let graffiti = sha256(&[b"equivocation"]);
                let chain = self.honest.rewritten(slot, graffiti, |payload| {
                    payload.state_root = sha256(&[b"invented", payload.state_root.as_slice()]);
                    payload.block_hash = sha256(&[b"invented", payload.block_hash.as_slice()]);
                })?;
                self.rival = Some(Rival {
                    chain,
                    graffiti,
                    turn: Turn::Always,
                });
            }
            other => self.faults.push(other),
        }
        Ok(())
    }

    /// Switches all faults off.
    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear();
        self.rival = None;
    }

    /// The chain that the next answer comes from.
    pub(crate) fn chain(&mut self) -> &Chain {
        let Some(rival) = &mut self.rival else {
            return &self.honest;
        };
        match rival.turn {
            Turn::Always => &rival.chain,
            Turn::Next => {
                rival.turn = Turn::AfterNext;
                &rival.chain
            }
            Turn::AfterNext => {
                rival.turn = Turn::Next;
                &self.honest
            }
        }
    }

    /// An update as the faults make it.
    pub(crate) fn forged(&self, update: Update) -> Result<Update, DevnetError> {
        self.faults.iter().try_fold(update, |update, fault| {
            fault::forge(&self.rules, update, fault)
        })
    }

    /// Whether the update of a period is kept back.
    pub(crate) fn withholds(&self, wanted: u64) -> bool {
        self.faults
            .iter()
            .any(|fault| matches!(fault, Fault::WithheldUpdate { period } if wanted >= *period))
    }
}
