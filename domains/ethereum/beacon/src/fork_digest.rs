//! `fork_digest`: the four bytes by which SSZ answers name their fork.

use valence_coprocessor_ethereum_light_client::{
    ChainConfig, Fork, ForkVersion, Hasher, bytes_chunk, chunk_bytes,
};

/// `compute_fork_digest` before Fulu: the first bytes of the root of `ForkData`.
pub fn fork_digest(version: ForkVersion, genesis_validators_root: &[u8; 32]) -> [u8; 4] {
    let root = Hasher::new().pair(
        &bytes_chunk(version.as_bytes()),
        &bytes_chunk(genesis_validators_root),
    );
    let bytes = chunk_bytes(&root);
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

/// The fork whose layout an SSZ answer has. An unknown digest is taken for Fulu's, whose digests change with the
/// limits of blobs.
pub fn fork_of_digest(config: &ChainConfig, digest: [u8; 4]) -> Fork {
    Fork::ALL
        .into_iter()
        .zip(config.forks.forks())
        .find(|(_, scheduled)| {
            fork_digest(scheduled.version, &config.genesis_validators_root) == digest
        })
        .map_or(Fork::Fulu, |(fork, _)| fork)
}
