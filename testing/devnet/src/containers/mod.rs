//! SSZ containers of the consensus specs, in their JSON as well as their binary form.

mod chain;
mod committee;
mod execution;
mod light_client;
mod shape;

pub use chain::{
    BeaconBlockHeader, Checkpoint, ForkData, SigningData, StateFork, Validator, Validators,
};
pub use committee::{PublicKeyBytes, SignatureBytes, SyncAggregate, SyncCommittee};
pub use execution::{
    CapellaPayloadHeader, ExecutionPayloadHeader, PayloadHeader, Transactions, Withdrawal,
    Withdrawals,
};
pub use light_client::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientHeader,
    LightClientOptimisticUpdate, LightClientUpdate,
};
pub(crate) use shape::with_shape;
pub use shape::{Capella, Deneb, Electra, Mainnet, Minimal, PresetSize, Shape, Size};
