//! A running devnet.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use alloy_primitives::B256;
use axum::Router;
use tokio::time::{Duration, MissedTickBehavior, interval};
use valence_coprocessor_faulty_server::{Faults, FaultyServer};

use crate::{
    Block, Chain, DevnetConfig, DevnetError, Fault, Participation, Rules, execution::ExecutionNode,
    routes, world::World,
};

/// A simulated beacon chain with its beacon API; it ends when this is dropped.
#[derive(Debug)]
pub struct Devnet {
    shared: Arc<Shared>,
    server: FaultyServer,
}

/// What the routes know.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) rules: Arc<Rules>,
    pub(crate) chain_id: u64,
    pub(crate) faults: Faults,
    world: Mutex<World>,
    execution: ExecutionNode,
    /// Slots are filled one after the other.
    growing: tokio::sync::Mutex<()>,
}

impl Devnet {
    /// Starts a chain whose genesis block holds the execution node's newest block.
    pub async fn start(config: DevnetConfig) -> Result<Self, DevnetError> {
        let execution = ExecutionNode::new(&config.execution);
        let payload = execution.payload(execution.newest().await?).await?;
        let preset = config.preset;
        let rules = Arc::new(Rules::new(
            preset,
            config.forks,
            config.genesis_time.unwrap_or(payload.timestamp),
            config.seconds_per_slot.unwrap_or(preset.seconds_per_slot()),
            config.seed,
            config.validators.unwrap_or(2 * preset.committee_size()),
        )?);
        let chain = Chain::new(rules.clone(), payload)?;
        let faults = Faults::default();
        let shared = Arc::new(Shared {
            chain_id: execution.chain_id().await?,
            world: Mutex::new(World::new(chain, rules.clone(), config.participation)),
            rules,
            faults: faults.clone(),
            execution,
            growing: tokio::sync::Mutex::default(),
        });
        let api: Router = routes::beacon(shared.clone());
        let server = FaultyServer::start(config.bind, api, routes::admin(shared.clone()), faults)
            .await
            .map_err(|source| DevnetError::Listen { source })?;
        Ok(Self { shared, server })
    }

    /// URL of the beacon API, without a slash at the end.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Where the beacon API listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// What is fixed for the chain: preset, forks, genesis, validators.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.shared.rules
    }

    /// `genesis_validators_root`.
    pub fn genesis_validators_root(&self) -> B256 {
        self.shared.rules.genesis_validators_root()
    }

    /// The honest chain as it is now.
    pub fn chain(&self) -> Chain {
        self.shared.world().honest.clone()
    }

    /// The newest slot that has passed.
    pub fn slot(&self) -> u64 {
        self.shared.world().slot
    }

    /// The newest block of the honest chain.
    pub fn head(&self) -> Arc<Block> {
        self.shared.world().honest.head().clone()
    }

    /// The newest finalized block of the honest chain; at first genesis.
    pub fn finalized(&self) -> Arc<Block> {
        self.shared.world().honest.finalized().clone()
    }

    /// Fills the next slots, each with the next block of the execution node; where there is none, it is
    /// told to mine one.
    pub async fn advance(&self, slots: u64) -> Result<Arc<Block>, DevnetError> {
        self.shared.advance(slots).await
    }

    /// Fills slots up to this one.
    pub async fn advance_to(&self, slot: u64) -> Result<Arc<Block>, DevnetError> {
        let slots = slot.saturating_sub(self.slot());
        self.advance(slots).await
    }

    /// Lets slots pass without blocks.
    pub async fn miss(&self, slots: u64) {
        self.shared.miss(slots).await;
    }

    /// Fills slots until the block that the execution node now has as its newest one is final, and that
    /// is signed.
    pub async fn finalize(&self) -> Result<Arc<Block>, DevnetError> {
        self.shared.finalize().await
    }

    /// Sets how many of a committee sign from the next slot on.
    pub fn set_participation(&self, participation: Participation) {
        self.shared.world().participation = participation;
    }

    /// Fills a slot every so often, for ever; a slot that the execution node has no block for is missed.
    pub async fn run(&self, slot: Duration) {
        let mut slots = interval(slot);
        slots.set_missed_tick_behavior(MissedTickBehavior::Delay);
        slots.tick().await;
        loop {
            slots.tick().await;
            if let Err(error) = self.advance(1).await {
                tracing::warn!(%error, "a slot is missed");
                self.miss(1).await;
            }
        }
    }

    /// Switches a fault on.
    pub fn switch_on(&self, fault: Fault) -> Result<(), DevnetError> {
        self.shared.switch_on(fault)
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.shared.clear_faults();
    }

    /// Ends it.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

impl Shared {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn advance(&self, slots: u64) -> Result<Arc<Block>, DevnetError> {
        let _growing = self.growing.lock().await;
        self.fill(slots).await
    }

    pub(crate) async fn miss(&self, slots: u64) {
        let _growing = self.growing.lock().await;
        self.world().slot += slots;
    }

    pub(crate) async fn finalize(&self) -> Result<Arc<Block>, DevnetError> {
        let _growing = self.growing.lock().await;
        let newest = self.execution.newest().await?;
        let preset = self.rules.preset();
        let mut head = self.world().honest.head().clone();
        while head.payload().block_number < newest {
            head = self.fill(1).await?;
        }
        // The first checkpoint at or after it, which the chain two epochs later says is final; and one
        // slot more, whose block carries the signature.
        let epoch = head.slot().div_ceil(preset.slots_per_epoch()).max(1);
        let signed = preset.start_slot(epoch + 2) + 1;
        let slots = signed.saturating_sub(self.world().slot);
        self.fill(slots).await?;
        Ok(self.world().honest.finalized().clone())
    }

    pub(crate) fn switch_on(&self, fault: Fault) -> Result<(), DevnetError> {
        match fault {
            Fault::Transport { route, fault } => {
                self.faults.switch_on(&route, fault);
                Ok(())
            }
            other => self.world().switch_on(other),
        }
    }

    pub(crate) fn clear_faults(&self) {
        self.faults.clear();
        self.world().clear_faults();
    }

    /// The caller holds `growing`.
    async fn fill(&self, slots: u64) -> Result<Arc<Block>, DevnetError> {
        let mut head = self.world().honest.head().clone();
        for _ in 0..slots {
            let slot = self.world().slot + 1;
            let number = head.payload().block_number + 1;
            if self.execution.newest().await? < number {
                let time = self.rules.time(slot);
                self.execution.mine(head.payload().timestamp, time).await?;
            }
            let payload = self.execution.payload(number).await?;
            head = self.world().extend(payload)?;
        }
        Ok(head)
    }
}
