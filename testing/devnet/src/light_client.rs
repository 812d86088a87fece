//! Light-client objects as a node answers with them: JSON and SSZ of the fork that they belong to.

use alloy_primitives::B256;
use serde::Serialize;
use serde_json::Value;
use ssz::Encode;
use ssz_types::FixedVector;

use crate::{
    Block, Committee, DevnetError, Fork, Rules, Update,
    block::fixed,
    containers::{
        BeaconBlockHeader, LightClientBootstrap, LightClientFinalityUpdate, LightClientHeader,
        LightClientOptimisticUpdate, LightClientUpdate, PublicKeyBytes, Shape, Size, SyncCommittee,
        with_shape,
    },
};

/// An object in both of its forms.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) version: Fork,
    pub(crate) fork_digest: [u8; 4],
    pub(crate) data: Value,
    pub(crate) ssz: Vec<u8>,
}

impl Answer {
    fn new(
        rules: &Rules,
        slot: u64,
        object: &(impl Serialize + Encode),
    ) -> Result<Self, DevnetError> {
        Ok(Self {
            version: rules.fork_at_slot(slot),
            fork_digest: rules.fork_digest(slot),
            data: serde_json::to_value(object).map_err(DevnetError::container)?,
            ssz: object.as_ssz_bytes(),
        })
    }
}

/// `LightClientBootstrap` at a block.
pub(crate) fn bootstrap(
    rules: &Rules,
    block: &Block,
    committee: &Committee,
) -> Result<Answer, DevnetError> {
    with_shape!(rules.preset(), block.fork(), S => {
        let object = LightClientBootstrap::<S> {
            header: block.light_client_header()?,
            current_sync_committee: committee.container()?,
            current_sync_committee_branch: fixed(block.state().current_sync_committee_branch())?,
        };
        Answer::new(rules, block.slot(), &object)
    })
}

/// `LightClientUpdate`; what an update does not have is zero.
pub(crate) fn update(rules: &Rules, update: &Update) -> Result<Answer, DevnetError> {
    let attested = &update.attested;
    with_shape!(rules.preset(), attested.fork(), S => {
        let (finalized_header, finality_branch) = finality::<S>(update)?;
        let (next_sync_committee, next_sync_committee_branch) = match &update.next_sync_committee {
            Some(committee) => (
                committee.container()?,
                fixed(attested.state().next_sync_committee_branch())?,
            ),
            None => (no_committee(), zeros()),
        };
        let object = LightClientUpdate::<S> {
            attested_header: attested.light_client_header()?,
            next_sync_committee,
            next_sync_committee_branch,
            finalized_header,
            finality_branch,
            sync_aggregate: update.aggregate.container()?,
            signature_slot: update.signature_slot,
        };
        Answer::new(rules, attested.slot(), &object)
    })
}

/// `LightClientFinalityUpdate`.
pub(crate) fn finality_update(rules: &Rules, update: &Update) -> Result<Answer, DevnetError> {
    let attested = &update.attested;
    with_shape!(rules.preset(), attested.fork(), S => {
        let (finalized_header, finality_branch) = finality::<S>(update)?;
        let object = LightClientFinalityUpdate::<S> {
            attested_header: attested.light_client_header()?,
            finalized_header,
            finality_branch,
            sync_aggregate: update.aggregate.container()?,
            signature_slot: update.signature_slot,
        };
        Answer::new(rules, attested.slot(), &object)
    })
}

/// `LightClientOptimisticUpdate`.
pub(crate) fn optimistic_update(rules: &Rules, update: &Update) -> Result<Answer, DevnetError> {
    let attested = &update.attested;
    with_shape!(rules.preset(), attested.fork(), S => {
        let object = LightClientOptimisticUpdate::<S> {
            attested_header: attested.light_client_header()?,
            sync_aggregate: update.aggregate.container()?,
            signature_slot: update.signature_slot,
        };
        Answer::new(rules, attested.slot(), &object)
    })
}

type Finality<S> = (
    LightClientHeader<S>,
    FixedVector<B256, <S as Shape>::FinalityDepth>,
);

/// A finalized block of an earlier fork takes the attested block's form (`upgrade_lc_header_to_deneb`).
fn finality<S: Shape>(update: &Update) -> Result<Finality<S>, DevnetError> {
    match &update.finalized {
        Some(finalized) => Ok((
            finalized.light_client_header()?,
            fixed(update.attested.state().finality_branch())?,
        )),
        None => Ok((no_header(), zeros())),
    }
}

fn zeros<N: Size>() -> FixedVector<B256, N> {
    FixedVector::from_elem(B256::ZERO)
}

fn no_header<S: Shape>() -> LightClientHeader<S> {
    LightClientHeader {
        beacon: BeaconBlockHeader::default(),
        execution: S::Payload::default(),
        execution_branch: zeros(),
    }
}

fn no_committee<S: Shape>() -> SyncCommittee<S> {
    SyncCommittee {
        pubkeys: FixedVector::from_elem(PublicKeyBytes::default()),
        aggregate_pubkey: PublicKeyBytes::default(),
    }
}
