//! Headers: `BeaconBlockHeader`, and `LightClientHeader` with what it says of the execution payload.

use crate::ssz::{Chunk, Hasher, ZERO, equal, merkleize, number_chunk};
use crate::{
    BlockRoot, ChainConfig, Execution, ExecutionPayloadHeader, Fork, GeneralizedIndex, HeaderError,
};

/// `BeaconBlockHeader` (consensus specifications, `phase0/beacon-chain.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeaconBlockHeader {
    /// The slot of the block.
    pub slot: u64,
    /// The validator that proposed it.
    pub proposer_index: u64,
    /// The root of the block before.
    pub parent_root: BlockRoot,
    /// `hash_tree_root` of the `BeaconState` after the block.
    pub state_root: Chunk,
    /// `hash_tree_root` of the block's body.
    pub body_root: Chunk,
}

impl BeaconBlockHeader {
    /// `hash_tree_root`, which is the block's.
    #[must_use]
    pub fn hash_tree_root(&self, hasher: &mut Hasher) -> BlockRoot {
        let mut chunks = [
            number_chunk(self.slot),
            number_chunk(self.proposer_index),
            *self.parent_root.words(),
            self.state_root,
            self.body_root,
        ];
        BlockRoot::from_words(merkleize(hasher, &mut chunks, 3))
    }

    /// Whether this is the header of zeros, which stands for the genesis in a finality proof.
    pub(crate) fn is_default(&self) -> bool {
        self.slot == 0
            && self.proposer_index == 0
            && [self.parent_root.words(), &self.state_root, &self.body_root]
                .into_iter()
                .all(|chunk| equal(chunk, &ZERO))
    }
}

/// `LightClientHeader` (`capella/light-client/sync-protocol.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightClientHeader<'a> {
    /// The header of the beacon block.
    pub beacon: BeaconBlockHeader,
    /// The header of its execution payload, from Capella on; none before.
    pub execution: Option<Execution<'a>>,
}

impl LightClientHeader<'_> {
    /// `is_valid_light_client_header`: the payload's header stands in the block's body, and has the fields
    /// of the block's fork.
    pub(crate) fn verify(
        &self,
        hasher: &mut Hasher,
        config: &ChainConfig,
    ) -> Result<Option<ExecutionPayloadHeader>, HeaderError> {
        let slot = self.beacon.slot;
        let fork = config.fork(slot);
        let Some(execution) = &self.execution else {
            if fork >= Fork::Capella {
                return Err(HeaderError::ExecutionMissing { slot });
            }
            return Ok(None);
        };
        if fork < Fork::Capella {
            return Err(HeaderError::ExecutionBeforeCapella { slot });
        }
        let header = &execution.header;
        if fork < Fork::Deneb && (header.blob_gas_used | header.excess_blob_gas) != 0 {
            return Err(HeaderError::BlobFieldsBeforeDeneb { slot });
        }
        let index = GeneralizedIndex::EXECUTION_PAYLOAD;
        if execution.branch.len() != index.depth() {
            return Err(HeaderError::ExecutionBranchDepth {
                got: execution.branch.len(),
                expected: index.depth(),
            });
        }
        let root = header.hash_tree_root(hasher, fork);
        if !index.leads(hasher, &root, execution.branch, &self.beacon.body_root) {
            return Err(HeaderError::ExecutionBranch { slot });
        }
        Ok(Some(*header))
    }
}
