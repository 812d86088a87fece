//! `ClientRecord`: a client between two runs.

use serde::{Deserialize, Serialize};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, LightClientStore,
};

use crate::bytes::{Bytes, quoted};
use crate::{BeaconError, Client, SyncCommittee};

/// A client as JSON. Whoever reads it compares the state of what comes out with the domain's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRecord {
    /// The root of the newest finalized block.
    pub block_root: Bytes<32>,
    /// Its slot.
    #[serde(with = "quoted")]
    pub slot: u64,
    /// The committee of that slot's period.
    pub current_sync_committee: SyncCommittee,
    /// The committee of the period after, once it is known.
    pub next_sync_committee: Option<SyncCommittee>,
}

impl ClientRecord {
    /// Records a client.
    pub fn of(client: &Client) -> Self {
        let checkpoint = client.store().checkpoint();
        Self {
            block_root: Bytes(checkpoint.block_root.to_bytes()),
            slot: checkpoint.slot,
            current_sync_committee: client.current_sync_committee().clone(),
            next_sync_committee: client.next_sync_committee().cloned(),
        }
    }

    /// The client of a chain that was recorded.
    pub fn restore(self, config: ChainConfig) -> Result<Client, BeaconError> {
        let checkpoint = Checkpoint {
            block_root: BlockRoot::from_bytes(&self.block_root.0),
            slot: self.slot,
            current_sync_committee: self.current_sync_committee.root()?,
            next_sync_committee: self
                .next_sync_committee
                .as_ref()
                .map(SyncCommittee::root)
                .transpose()?,
        };
        Client::trusted(
            LightClientStore::trusted(config, checkpoint),
            self.current_sync_committee,
            self.next_sync_committee,
        )
    }
}
