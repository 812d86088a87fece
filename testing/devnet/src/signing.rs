//! Signature domains and fork digests (`beacon-chain.md` of phase 0 and of Fulu).

use alloy_primitives::B256;
use tree_hash::TreeHash as _;

use crate::{
    containers::{ForkData, SigningData},
    merkle::sha256,
};

/// `DOMAIN_BEACON_PROPOSER`.
pub const DOMAIN_BEACON_PROPOSER: [u8; 4] = [0, 0, 0, 0];

/// `DOMAIN_BEACON_ATTESTER`.
pub const DOMAIN_BEACON_ATTESTER: [u8; 4] = [1, 0, 0, 0];

/// `DOMAIN_SYNC_COMMITTEE`.
pub const DOMAIN_SYNC_COMMITTEE: [u8; 4] = [7, 0, 0, 0];

/// `compute_fork_data_root`.
pub fn compute_fork_data_root(current_version: [u8; 4], genesis_validators_root: B256) -> B256 {
    ForkData {
        current_version,
        genesis_validators_root,
    }
    .tree_hash_root()
}

/// `compute_domain`.
pub fn compute_domain(
    domain_type: [u8; 4],
    fork_version: [u8; 4],
    genesis_validators_root: B256,
) -> B256 {
    let root = compute_fork_data_root(fork_version, genesis_validators_root);
    let mut domain = B256::ZERO;
    domain[..4].copy_from_slice(&domain_type);
    domain[4..].copy_from_slice(&root[..28]);
    domain
}

/// `compute_signing_root`, of an object whose root is known.
pub fn compute_signing_root(object_root: B256, domain: B256) -> B256 {
    SigningData {
        object_root,
        domain,
    }
    .tree_hash_root()
}

/// `compute_fork_digest` before Fulu.
pub fn compute_fork_digest(fork_version: [u8; 4], genesis_validators_root: B256) -> [u8; 4] {
    first_four(compute_fork_data_root(
        fork_version,
        genesis_validators_root,
    ))
}

/// `compute_fork_digest` from Fulu on, with the blob parameters of the epoch.
pub fn compute_fork_digest_with_blobs(
    fork_version: [u8; 4],
    genesis_validators_root: B256,
    blobs_since_epoch: u64,
    max_blobs_per_block: u64,
) -> [u8; 4] {
    let base = compute_fork_data_root(fork_version, genesis_validators_root);
    let mask = sha256(&[
        &blobs_since_epoch.to_le_bytes(),
        &max_blobs_per_block.to_le_bytes(),
    ]);
    first_four(base ^ mask)
}

fn first_four(root: B256) -> [u8; 4] {
    [root[0], root[1], root[2], root[3]]
}
