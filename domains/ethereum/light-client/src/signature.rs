//! The signature of a sync committee: what it signs, and its verification by `bls`.

use valence_coprocessor_ethereum_bls::{self as bls, SigningRoot};

use crate::ssz::{Chunk, Hasher, bytes_chunk, chunk_bytes};
use crate::{BlockRoot, ChainConfig, ForkVersion, Update, UpdateError};

/// `DOMAIN_SYNC_COMMITTEE`, the first word of the domain's chunk.
const DOMAIN_SYNC_COMMITTEE: u32 = 0x0700_0000;

/// `compute_signing_root` of a block's root in the sync committees' domain.
#[must_use]
pub fn signing_root(
    hasher: &mut Hasher,
    genesis_validators_root: &[u8; 32],
    version: ForkVersion,
    block: &BlockRoot,
) -> Chunk {
    let fork_data = hasher.pair(
        &bytes_chunk(version.as_bytes()),
        &bytes_chunk(genesis_validators_root),
    );
    // The domain is its type, then the first 28 bytes of the root of `ForkData`.
    let mut domain = [DOMAIN_SYNC_COMMITTEE; 8];
    domain[1..].copy_from_slice(&fork_data[..7]);
    hasher.pair(block.words(), &domain)
}

impl Update<'_> {
    /// What the committee signed: the attested block, in the domain of the signature's fork.
    #[must_use]
    pub fn signing_root(&self, hasher: &mut Hasher, config: &ChainConfig) -> SigningRoot {
        let version = config.signature_version(self.signature_slot);
        let block = self.attested.beacon.hash_tree_root(hasher);
        let root = signing_root(hasher, &config.genesis_validators_root, version, &block);
        SigningRoot(chunk_bytes(&root))
    }

    /// Verifies that those whom the bits name signed the attested block.
    pub(crate) fn verify_signature(
        &self,
        hasher: &mut Hasher,
        config: &ChainConfig,
    ) -> Result<(), UpdateError> {
        let root = self.signing_root(hasher, config);
        let signers = &self.signers;
        bls::verify(
            &signers.aggregate_pubkey,
            signers.absent,
            &root,
            &self.signature,
            &self.advice,
        )
        .map_err(UpdateError::Signature)
    }
}
