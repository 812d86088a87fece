//! The chain: blocks, what is final, and the best signature of each period.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use alloy_primitives::B256;

use crate::{
    Aggregate, Block, DevnetError, Merits, Participation, Rules, Update,
    block::Proposal,
    containers::{Checkpoint, ExecutionPayloadHeader},
};

/// A chain of blocks, from genesis to its head. Clones share the blocks.
#[derive(Debug, Clone)]
pub struct Chain {
    rules: Arc<Rules>,
    /// In order of their slots, which may have gaps; the first one is genesis.
    blocks: Vec<Arc<Block>>,
    by_root: HashMap<B256, usize>,
    best: BTreeMap<u64, Update>,
    newest: Option<Update>,
    newest_final: Option<Update>,
}

impl Chain {
    /// A chain whose genesis block, at slot 0, carries this payload.
    pub fn new(rules: Arc<Rules>, payload: ExecutionPayloadHeader) -> Result<Self, DevnetError> {
        let proposal = Proposal {
            slot: 0,
            parent_root: B256::ZERO,
            payload,
            graffiti: B256::ZERO,
            aggregate: Aggregate::empty(rules.preset().committee_size()),
            previous_justified: Checkpoint::default(),
            current_justified: Checkpoint::default(),
            finalized: Checkpoint::default(),
        };
        let genesis = Arc::new(Block::new(&rules, proposal)?);
        Ok(Self {
            rules,
            by_root: HashMap::from([(genesis.root(), 0)]),
            blocks: vec![genesis],
            best: BTreeMap::new(),
            newest: None,
            newest_final: None,
        })
    }

    /// What is fixed for it.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Its newest block.
    pub fn head(&self) -> &Arc<Block> {
        // A chain has its genesis block from the start, and none is ever taken away.
        &self.blocks[self.blocks.len() - 1]
    }

    /// What the head's state says is final; at first genesis.
    pub fn finalized(&self) -> &Arc<Block> {
        let root = self.head().state().finalized_checkpoint().root;
        self.block(root).unwrap_or(&self.blocks[0])
    }

    /// The block with this root.
    pub fn block(&self, root: B256) -> Option<&Arc<Block>> {
        self.by_root.get(&root).map(|at| &self.blocks[*at])
    }

    /// The block at this very slot.
    pub fn block_at(&self, slot: u64) -> Option<&Arc<Block>> {
        let at = self
            .blocks
            .binary_search_by_key(&slot, |block| block.slot());
        at.ok().map(|at| &self.blocks[at])
    }

    /// The best update of a period, in the order of `is_better_update`.
    pub fn best_update(&self, period: u64) -> Option<&Update> {
        self.best.get(&period)
    }

    /// The newest update.
    pub fn newest_update(&self) -> Option<&Update> {
        self.newest.as_ref()
    }

    /// The newest update that finalizes something.
    pub fn newest_final_update(&self) -> Option<&Update> {
        self.newest_final.as_ref()
    }

    /// Adds a block at `slot`, which carries a signature over the present head.
    pub fn extend(
        &mut self,
        slot: u64,
        payload: ExecutionPayloadHeader,
        participation: Participation,
        graffiti: B256,
    ) -> Result<Arc<Block>, DevnetError> {
        let head = self.head();
        if slot <= head.slot() {
            return Err(DevnetError::SlotOrder {
                slot,
                head: head.slot(),
            });
        }
        let parent_root = head.root();
        let epoch = self.rules.preset().epoch(slot);
        let proposal = Proposal {
            slot,
            parent_root,
            payload,
            graffiti,
            aggregate: self
                .rules
                .sync_aggregate(parent_root, slot, participation)?,
            previous_justified: self.checkpoint(epoch.saturating_sub(2)),
            current_justified: self.checkpoint(epoch.saturating_sub(1)),
            finalized: self.checkpoint(epoch.saturating_sub(2)),
        };
        let block = Arc::new(Block::new(&self.rules, proposal)?);
        self.adopt(block.clone())?;
        Ok(block)
    }

    /// Another chain: the same up to the block before `slot`, and from there on with another graffiti
    /// and payloads as `change` makes them, signed by as many of the same committees.
    pub(crate) fn rewritten(
        &self,
        slot: u64,
        graffiti: B256,
        change: impl Fn(&mut ExecutionPayloadHeader),
    ) -> Result<Self, DevnetError> {
        let genesis = self.blocks[0].clone();
        let mut rival = Self {
            rules: self.rules.clone(),
            by_root: HashMap::from([(genesis.root(), 0)]),
            blocks: vec![genesis],
            best: BTreeMap::new(),
            newest: None,
            newest_final: None,
        };
        for block in &self.blocks[1..] {
            if block.slot() < slot {
                rival.adopt(block.clone())?;
                continue;
            }
            let mut payload = block.payload().clone();
            change(&mut payload);
            let participation = Participation::Count(block.aggregate().signers());
            rival.extend(block.slot(), payload, participation, graffiti)?;
        }
        Ok(rival)
    }

    /// Adds a finished block, and the update that its signature makes.
    fn adopt(&mut self, block: Arc<Block>) -> Result<(), DevnetError> {
        let update = self.update(&block)?;
        self.by_root.insert(block.root(), self.blocks.len());
        self.blocks.push(block);
        let Some(update) = update else {
            return Ok(());
        };
        if update.next_sync_committee.is_some() {
            let preset = self.rules.preset();
            let period = preset.period(update.attested.slot());
            let rank = |update| Merits::from(update).rank(preset);
            let best = self.best.get(&period);
            if best.is_none_or(|best| rank(&update) > rank(best)) {
                self.best.insert(period, update.clone());
            }
        }
        if update.finalized.is_some() {
            self.newest_final = Some(update.clone());
        }
        self.newest = Some(update);
        Ok(())
    }

    /// `create_light_client_update` for the signature in `block`, over the present head.
    fn update(&self, block: &Block) -> Result<Option<Update>, DevnetError> {
        if block.aggregate().signers() == 0 {
            return Ok(None);
        }
        let attested = self.head().clone();
        let preset = self.rules.preset();
        let period = preset.period(attested.slot());
        let next_sync_committee = if preset.period(block.slot()) == period {
            Some(self.rules.validators().committee(period + 1)?)
        } else {
            None
        };
        let finalized = self
            .block(attested.state().finalized_checkpoint().root)
            .filter(|finalized| finalized.slot() > 0)
            .cloned();
        Ok(Some(Update {
            attested,
            finalized,
            next_sync_committee,
            aggregate: block.aggregate().clone(),
            signature_slot: block.slot(),
        }))
    }

    /// The checkpoint of an epoch: the last block at or before its first slot. Epoch 0 has none.
    fn checkpoint(&self, epoch: u64) -> Checkpoint {
        if epoch == 0 {
            return Checkpoint::default();
        }
        let start = self.rules.preset().start_slot(epoch);
        // Genesis is at slot 0, so there is one.
        let after = self.blocks.partition_point(|block| block.slot() <= start);
        Checkpoint {
            epoch,
            root: self.blocks[after - 1].root(),
        }
    }
}
