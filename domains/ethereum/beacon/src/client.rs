//! `Client`: follows a chain with a beacon node's updates, and keeps the committees in full.

use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, LightClientStore, VerifiedUpdate,
};

use crate::{
    BeaconError, Bootstrap, PreparedBootstrap, PreparedUpdate, StepBuilder, SyncCommittee, Update,
};

/// A light client on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    store: LightClientStore,
    current: SyncCommittee,
    next: Option<SyncCommittee>,
}

impl Client {
    /// Trusts a block, and takes its committee from a bootstrap.
    pub fn bootstrap(
        config: ChainConfig,
        trusted_block_root: BlockRoot,
        bootstrap: &Bootstrap,
    ) -> Result<Self, BeaconError> {
        let prepared = PreparedBootstrap::new(bootstrap, &config)?;
        let store = LightClientStore::bootstrap(config, trusted_block_root, &prepared.borrow())
            .map_err(BeaconError::Bootstrap)?;
        Ok(Self {
            store,
            current: bootstrap.current_sync_committee.clone(),
            next: None,
        })
    }

    /// From a store and the committees whose roots it names.
    pub fn trusted(
        store: LightClientStore,
        current: SyncCommittee,
        next: Option<SyncCommittee>,
    ) -> Result<Self, BeaconError> {
        let checkpoint = store.checkpoint();
        let check = |which, committee: &SyncCommittee, expected| {
            let got = committee.root()?;
            if got == expected {
                Ok(())
            } else {
                Err(BeaconError::RecordedCommittee {
                    which,
                    got,
                    expected,
                })
            }
        };
        check("current", &current, checkpoint.current_sync_committee)?;
        let next = match (next, checkpoint.next_sync_committee) {
            (Some(next), Some(expected)) => {
                check("next", &next, expected)?;
                Some(next)
            }
            (None, None) => None,
            _ => return Err(BeaconError::HalfNextCommittee),
        };
        Ok(Self {
            store,
            current,
            next,
        })
    }

    /// What is verified so far.
    pub const fn store(&self) -> &LightClientStore {
        &self.store
    }

    /// The committee of the store's period.
    pub const fn current_sync_committee(&self) -> &SyncCommittee {
        &self.current
    }

    /// The committee of the period after, once it is known.
    pub const fn next_sync_committee(&self) -> Option<&SyncCommittee> {
        self.next.as_ref()
    }

    /// Begins a step at the present state.
    pub fn begin(&self) -> StepBuilder {
        StepBuilder::new(self.clone())
    }

    /// Puts an update into the form that is verified, with the committee of its signature's period.
    pub fn prepare(&self, update: &Update) -> Result<PreparedUpdate, BeaconError> {
        let config = self.store.config();
        let period = |slot| config.preset.period(slot);
        let is_current = period(update.signature_slot) == period(self.store.checkpoint().slot);
        let committee = match &self.next {
            Some(next) if !is_current => next,
            // If neither committee is of that period, the verification says so.
            _ => &self.current,
        };
        PreparedUpdate::new(update, committee, config)
    }

    /// Verifies an update; `current_slot` is that of the host's clock.
    pub fn verify(
        &self,
        prepared: &PreparedUpdate,
        current_slot: u64,
    ) -> Result<VerifiedUpdate, BeaconError> {
        let borrowed = prepared.borrow();
        if borrowed.signature_slot > current_slot {
            return Err(BeaconError::FromTheFuture {
                signature: borrowed.signature_slot,
                current: current_slot,
            });
        }
        self.store.verify(&borrowed).map_err(BeaconError::Update)
    }

    /// Verifies an update and moves to what it says. `current_slot` is that of the host's clock.
    pub fn process(&mut self, update: &Update, current_slot: u64) -> Result<(), BeaconError> {
        let prepared = self.prepare(update)?;
        let verified = self.verify(&prepared, current_slot)?;
        self.apply(verified, update)
    }

    /// Moves the store, and the committees along with it.
    pub(crate) fn apply(
        &mut self,
        verified: VerifiedUpdate,
        update: &Update,
    ) -> Result<(), BeaconError> {
        let before = *self.store.checkpoint();
        self.store.apply(verified).map_err(BeaconError::Update)?;
        let after = self.store.checkpoint();
        // The store moves by a period only if it knew the next committee, which then is the current one.
        if self.period(after.slot) != self.period(before.slot)
            && let Some(next) = self.next.take()
        {
            self.current = next;
        }
        if after.next_sync_committee.is_none() {
            self.next = None;
        } else if self.next.is_none() {
            self.next.clone_from(&update.next_sync_committee);
        }
        Ok(())
    }

    const fn period(&self, slot: u64) -> u64 {
        self.store.config().preset.period(slot)
    }
}
