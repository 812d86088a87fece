//! A block with everything that light-client objects are made of.

use std::sync::Arc;

use alloy_primitives::B256;
use tree_hash::TreeHash as _;

use crate::{
    Aggregate, BeaconBlockBody, BeaconState, Committee, DevnetError, Fork, Rules,
    body::BodyFields,
    containers::{
        BeaconBlockHeader, Checkpoint, ExecutionPayloadHeader, LightClientHeader,
        PayloadHeader as _, Shape, StateFork, with_shape,
    },
    merkle::sha256,
    state::StateFields,
};

/// A block of the simulated chain, with the state after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    fork: Fork,
    header: BeaconBlockHeader,
    root: B256,
    state: BeaconState,
    body: BeaconBlockBody,
    payload: ExecutionPayloadHeader,
    aggregate: Aggregate,
}

/// What a block is made from.
pub(crate) struct Proposal {
    pub(crate) slot: u64,
    pub(crate) parent_root: B256,
    pub(crate) payload: ExecutionPayloadHeader,
    pub(crate) graffiti: B256,
    /// The signature over the block before.
    pub(crate) aggregate: Aggregate,
    pub(crate) previous_justified: Checkpoint,
    pub(crate) current_justified: Checkpoint,
    pub(crate) finalized: Checkpoint,
}

impl Block {
    pub(crate) fn new(rules: &Rules, proposal: Proposal) -> Result<Self, DevnetError> {
        let slot = proposal.slot;
        let fork = rules.fork_at_slot(slot);
        let mut payload = proposal.payload.clone();
        if fork < Fork::Deneb {
            // The field does not exist yet, whatever the execution node has.
            payload.blob_gas_used = 0;
            payload.excess_blob_gas = 0;
        }
        let payload_root = with_shape!(rules.preset(), fork, S => {
            <S as Shape>::Payload::of(&payload).tree_hash_root()
        });
        let body = BeaconBlockBody::new(
            fork,
            &BodyFields {
                graffiti: proposal.graffiti,
                sync_aggregate: proposal.aggregate.root(rules.preset())?,
                execution_payload: payload_root,
            },
        );
        let mut header = BeaconBlockHeader {
            slot,
            proposer_index: rules.proposer(slot),
            parent_root: proposal.parent_root,
            state_root: B256::ZERO,
            body_root: body.root(),
        };
        let fields = state_fields(rules, &proposal, header, payload_root)?;
        let state = BeaconState::new(fork, &fields);
        header.state_root = state.root();
        Ok(Self {
            fork,
            header,
            root: header.tree_hash_root(),
            state,
            body,
            payload,
            aggregate: proposal.aggregate,
        })
    }

    /// Its fork.
    pub fn fork(&self) -> Fork {
        self.fork
    }

    /// Its header.
    pub fn header(&self) -> &BeaconBlockHeader {
        &self.header
    }

    /// Its slot.
    pub fn slot(&self) -> u64 {
        self.header.slot
    }

    /// Its root.
    pub fn root(&self) -> B256 {
        self.root
    }

    /// The state after it.
    pub fn state(&self) -> &BeaconState {
        &self.state
    }

    /// The header of its execution payload; before Deneb without blob gas.
    pub fn payload(&self) -> &ExecutionPayloadHeader {
        &self.payload
    }

    /// The signature that it carries, which is over the block before it.
    pub fn aggregate(&self) -> &Aggregate {
        &self.aggregate
    }

    pub(crate) fn light_client_header<S: Shape>(
        &self,
    ) -> Result<LightClientHeader<S>, DevnetError> {
        Ok(LightClientHeader {
            beacon: self.header,
            execution: S::Payload::of(&self.payload),
            execution_branch: fixed(self.body.execution_branch())?,
        })
    }
}

/// The real fields of the state after a block.
fn state_fields(
    rules: &Rules,
    proposal: &Proposal,
    header: BeaconBlockHeader,
    payload_root: B256,
) -> Result<StateFields, DevnetError> {
    let slot = proposal.slot;
    let period = rules.preset().period(slot);
    let (previous_version, current_version, epoch) =
        rules.forks().state_fork(rules.preset().epoch(slot));
    Ok(StateFields {
        genesis_time: rules.genesis_time(),
        genesis_validators_root: rules.genesis_validators_root(),
        slot,
        fork: StateFork {
            previous_version,
            current_version,
            epoch,
        },
        latest_block_header: header,
        previous_justified_checkpoint: proposal.previous_justified,
        current_justified_checkpoint: proposal.current_justified,
        finalized_checkpoint: proposal.finalized,
        current_sync_committee: rules.validators().committee(period)?.root,
        next_sync_committee: rules.validators().committee(period + 1)?.root,
        latest_execution_payload_header: payload_root,
    })
}

/// A list as a vector of the length that its container demands.
pub(crate) fn fixed<T, V: TryFrom<Vec<T>, Error: std::fmt::Debug>>(
    list: Vec<T>,
) -> Result<V, DevnetError> {
    V::try_from(list).map_err(DevnetError::container)
}

/// Who proposes at a slot.
pub(crate) fn proposer(seed: B256, slot: u64, validators: usize) -> u64 {
    let hash = sha256(&[b"proposer", seed.as_slice(), &slot.to_le_bytes()]);
    let [a, b, c, d, ..] = hash.0;
    u64::from(u32::from_le_bytes([a, b, c, d])) % validators as u64
}

/// What a light client would learn from one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// What is signed.
    pub attested: Arc<Block>,
    /// What the attested state says is final; nothing while that is genesis.
    pub finalized: Option<Arc<Block>>,
    /// Who signs in the next period; nothing where the signature is of another period than the
    /// attested block.
    pub next_sync_committee: Option<Arc<Committee>>,
    /// The signature.
    pub aggregate: Aggregate,
    /// Slot of the block that carries it.
    pub signature_slot: u64,
}
