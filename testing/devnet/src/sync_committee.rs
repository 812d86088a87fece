//! Sync committees and what they sign with: seats, signers, aggregates.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use ssz_types::BitVector;
use tree_hash::TreeHash as _;

use crate::{
    DevnetError, Preset,
    block::fixed,
    containers::{PublicKeyBytes, Shape, SignatureBytes, SyncAggregate, SyncCommittee, with_shape},
};

/// How many members of a committee sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Participation {
    /// All.
    #[default]
    Full,
    /// As few as make a supermajority: the smallest number n with 3n ≥ 2 × size.
    TwoThirds,
    /// This many; more than there are means all.
    Count(usize),
}

impl Participation {
    /// The number of signers in a committee of `size`.
    pub fn signers(self, size: usize) -> usize {
        match self {
            Self::Full => size,
            Self::TwoThirds => (2 * size).div_ceil(3),
            Self::Count(count) => count.min(size),
        }
    }
}

/// A sync committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committee {
    /// Which validators, seat by seat.
    pub members: Vec<usize>,
    /// Their keys, seat by seat.
    pub pubkeys: Vec<PublicKeyBytes>,
    /// The sum of the keys.
    pub aggregate_pubkey: PublicKeyBytes,
    /// Hash tree root of the container.
    pub root: B256,
}

impl Committee {
    /// As a container.
    pub(crate) fn container<S: Shape>(&self) -> Result<SyncCommittee<S>, DevnetError> {
        container(&self.pubkeys, &self.aggregate_pubkey)
    }
}

/// Who signed, and the sum of their signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// For each seat, whether its member signed.
    pub bits: Vec<bool>,
    /// The signature.
    pub signature: SignatureBytes,
}

impl Aggregate {
    /// The number of signers.
    pub fn signers(&self) -> usize {
        self.bits.iter().filter(|bit| **bit).count()
    }
}

impl Aggregate {
    /// Of nobody, in a committee of `size`.
    pub(crate) fn empty(size: usize) -> Self {
        Self {
            bits: vec![false; size],
            signature: point_at_infinity(),
        }
    }

    /// As a container.
    pub(crate) fn container<S: Shape>(&self) -> Result<SyncAggregate<S>, DevnetError> {
        let mut sync_committee_bits = BitVector::new();
        for (seat, bit) in self.bits.iter().enumerate() {
            sync_committee_bits
                .set(seat, *bit)
                .map_err(DevnetError::container)?;
        }
        Ok(SyncAggregate {
            sync_committee_bits,
            sync_committee_signature: self.signature.clone(),
        })
    }

    pub(crate) fn root(&self, preset: Preset) -> Result<B256, DevnetError> {
        // The container is the same in every fork.
        with_shape!(preset, Fork::Electra, S => Ok(self.container::<S>()?.tree_hash_root()))
    }
}

/// Keys as a container.
pub(crate) fn container<S: Shape>(
    pubkeys: &[PublicKeyBytes],
    aggregate_pubkey: &PublicKeyBytes,
) -> Result<SyncCommittee<S>, DevnetError> {
    Ok(SyncCommittee {
        pubkeys: fixed(pubkeys.to_vec())?,
        aggregate_pubkey: aggregate_pubkey.clone(),
    })
}

/// The signature of nobody: `G2_POINT_AT_INFINITY`.
pub(crate) fn point_at_infinity() -> SignatureBytes {
    let mut bytes = [0; 96];
    bytes[0] = 0xc0;
    SignatureBytes::from(bytes)
}
