//! `PreparedUpdate`: a beacon node's update in the form that the light client verifies.

use valence_coprocessor_ethereum_bls::{Advice, PublicKey, Signature, advise};
use valence_coprocessor_ethereum_light_client::{
    BeaconBlockHeader, BlockRoot, Bootstrap as LightClientBootstrap, ChainConfig, Chunk,
    CommitteeTree, Execution, ExecutionPayloadHeader as Summary, Fork, GeneralizedIndex, Hasher,
    LightClientHeader as LightClientHeaderRef, NextSyncCommittee, Signers, SyncCommitteeBits,
    SyncCommitteeRoot, Update as LightClientUpdate, bytes_chunk, merkleize, number_chunk,
    sync_committee_root,
};

use crate::{
    BeaconError, BeaconHeader, Bootstrap, Bytes, ExecutionPayloadHeader, LightClientHeader,
    SyncCommittee, Update,
};

/// Most bytes of extra data.
const EXTRA_DATA: usize = 32;

/// Owns what a [`LightClientUpdate`] borrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedUpdate {
    attested: PreparedHeader,
    finalized: PreparedHeader,
    finality_branch: Vec<Chunk>,
    next_sync_committee: Option<(SyncCommitteeRoot, Vec<Chunk>)>,
    sync_committee_bits: SyncCommitteeBits,
    aggregate_pubkey: PublicKey,
    absent: Vec<PublicKey>,
    siblings: Vec<Chunk>,
    signature: Signature,
    signature_slot: u64,
    advice: Advice<'static>,
}

/// Owns what a [`LightClientBootstrap`] borrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedBootstrap {
    header: PreparedHeader,
    current_sync_committee: SyncCommitteeRoot,
    branch: Vec<Chunk>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PreparedHeader {
    beacon: BeaconBlockHeader,
    execution: Option<(Summary, Vec<Chunk>)>,
}

impl PreparedUpdate {
    /// Takes an update and the committee that is to have signed it.
    pub fn new(
        update: &Update,
        committee: &SyncCommittee,
        config: &ChainConfig,
    ) -> Result<Self, BeaconError> {
        let slot = update.attested_header.beacon.slot;
        let fork = config.fork(slot);
        if update.finality_branch.iter().all(Bytes::is_zero) {
            return Err(BeaconError::NoFinality { slot });
        }
        let bits = SyncCommitteeBits::from_bytes(
            &update.sync_aggregate.sync_committee_bits,
            committee.pubkeys.len(),
        )
        .map_err(BeaconError::Committee)?;
        let keys = committee.keys();
        let tree = CommitteeTree::new(&keys).map_err(BeaconError::Committee)?;
        let absent = (0..keys.len())
            .filter(|member| !bits.signed(*member))
            .map(|member| keys[member])
            .collect();
        Ok(Self {
            attested: PreparedHeader::new(&update.attested_header, config)?,
            finalized: PreparedHeader::new(&update.finalized_header, config)?,
            finality_branch: normalized(
                &update.finality_branch,
                GeneralizedIndex::finalized_root(fork),
            ),
            next_sync_committee: next_committee(update, fork)?,
            sync_committee_bits: bits,
            aggregate_pubkey: PublicKey(committee.aggregate_pubkey.0),
            absent,
            siblings: tree.siblings(&bits).map_err(BeaconError::Committee)?,
            signature: Signature(update.sync_aggregate.sync_committee_signature.0),
            signature_slot: update.signature_slot,
            advice: Advice::none(),
        })
    }

    /// Adds what a circuit needs to verify the signature cheaply. The signature must be a true one.
    pub fn advise(&mut self, config: &ChainConfig) -> Result<(), BeaconError> {
        let root = self.borrow().signing_root(&mut Hasher::new(), config);
        self.advice = advise(&self.aggregate_pubkey, &self.absent, &root, &self.signature)
            .map_err(BeaconError::Advice)?;
        Ok(())
    }

    /// The update as the light client verifies it.
    pub fn borrow(&self) -> LightClientUpdate<'_> {
        LightClientUpdate {
            attested: self.attested.borrow(),
            finalized: self.finalized.borrow(),
            finality_branch: &self.finality_branch,
            next_sync_committee: self.next_sync_committee.as_ref().map(|(root, branch)| {
                NextSyncCommittee {
                    root: *root,
                    branch,
                }
            }),
            sync_committee_bits: self.sync_committee_bits,
            signers: Signers {
                aggregate_pubkey: self.aggregate_pubkey,
                absent: &self.absent,
                siblings: &self.siblings,
            },
            signature: self.signature,
            signature_slot: self.signature_slot,
            advice: self.advice.clone(),
        }
    }
}

impl PreparedBootstrap {
    /// Takes a bootstrap.
    pub fn new(bootstrap: &Bootstrap, config: &ChainConfig) -> Result<Self, BeaconError> {
        let fork = config.fork(bootstrap.header.beacon.slot);
        Ok(Self {
            header: PreparedHeader::new(&bootstrap.header, config)?,
            current_sync_committee: bootstrap.current_sync_committee.root()?,
            branch: normalized(
                &bootstrap.current_sync_committee_branch,
                GeneralizedIndex::current_sync_committee(fork),
            ),
        })
    }

    /// The bootstrap as the light client verifies it.
    pub fn borrow(&self) -> LightClientBootstrap<'_> {
        LightClientBootstrap {
            header: self.header.borrow(),
            current_sync_committee: self.current_sync_committee,
            current_sync_committee_branch: &self.branch,
        }
    }
}

impl SyncCommittee {
    /// `hash_tree_root`.
    pub fn root(&self) -> Result<SyncCommitteeRoot, BeaconError> {
        sync_committee_root(&self.keys(), &PublicKey(self.aggregate_pubkey.0))
            .map_err(BeaconError::Committee)
    }

    /// Whether this is the committee of zeros, which stands for none.
    pub fn is_default(&self) -> bool {
        self.aggregate_pubkey.is_zero() && self.pubkeys.iter().all(Bytes::is_zero)
    }

    fn keys(&self) -> Vec<PublicKey> {
        self.pubkeys.iter().map(|key| PublicKey(key.0)).collect()
    }
}

impl BeaconHeader {
    /// The header as the light client knows it.
    pub fn summary(&self) -> BeaconBlockHeader {
        BeaconBlockHeader {
            slot: self.slot,
            proposer_index: self.proposer_index,
            parent_root: BlockRoot::from_bytes(&self.parent_root.0),
            state_root: bytes_chunk(&self.state_root.0),
            body_root: bytes_chunk(&self.body_root.0),
        }
    }
}

impl ExecutionPayloadHeader {
    /// The header with its large fields replaced by their roots. Blob fields that are missing become zeros.
    ///
    /// Extra data beyond 32 bytes has no root: see [`BeaconError::ExtraData`].
    pub fn summary(&self) -> Summary {
        let mut hasher = Hasher::new();
        let mut bloom: Vec<Chunk> = self
            .logs_bloom
            .0
            .chunks_exact(32)
            .map(bytes_chunk)
            .collect();
        let extra_data = bytes_chunk(&self.extra_data);
        let length = number_chunk(self.extra_data.len() as u64);
        Summary {
            parent_hash: bytes_chunk(&self.parent_hash.0),
            fee_recipient: bytes_chunk(&self.fee_recipient.0),
            state_root: bytes_chunk(&self.state_root.0),
            receipts_root: bytes_chunk(&self.receipts_root.0),
            logs_bloom_root: merkleize(&mut hasher, &mut bloom, 3),
            prev_randao: bytes_chunk(&self.prev_randao.0),
            block_number: self.block_number,
            gas_limit: self.gas_limit,
            gas_used: self.gas_used,
            timestamp: self.timestamp,
            extra_data_root: hasher.pair(&extra_data, &length),
            base_fee_per_gas: bytes_chunk(&self.base_fee_per_gas.0),
            block_hash: bytes_chunk(&self.block_hash.0),
            transactions_root: bytes_chunk(&self.transactions_root.0),
            withdrawals_root: bytes_chunk(&self.withdrawals_root.0),
            blob_gas_used: self.blob_gas_used.unwrap_or(0),
            excess_blob_gas: self.excess_blob_gas.unwrap_or(0),
        }
    }

    /// Whether this is the header of zeros, which stands for none.
    fn is_default(&self) -> bool {
        let hashes = [
            &self.parent_hash,
            &self.state_root,
            &self.receipts_root,
            &self.prev_randao,
            &self.base_fee_per_gas,
            &self.block_hash,
            &self.transactions_root,
            &self.withdrawals_root,
        ];
        let numbers = [
            self.block_number,
            self.gas_limit,
            self.gas_used,
            self.timestamp,
            self.blob_gas_used.unwrap_or(0),
            self.excess_blob_gas.unwrap_or(0),
        ];
        hashes.into_iter().all(Bytes::is_zero)
            && numbers == [0; 6]
            && self.fee_recipient.is_zero()
            && self.logs_bloom.is_zero()
            && self.extra_data.is_empty()
    }
}

impl PreparedHeader {
    fn new(header: &LightClientHeader, config: &ChainConfig) -> Result<Self, BeaconError> {
        let slot = header.beacon.slot;
        let execution = match (&header.execution, &header.execution_branch) {
            (None, None) => None,
            (Some(execution), Some(branch)) => {
                // Newer layouts say with zeros that there is nothing.
                if execution.is_default() && branch.iter().all(Bytes::is_zero) {
                    None
                } else {
                    check_execution(execution, slot, config)?;
                    Some((execution.summary(), chunks(branch)))
                }
            }
            _ => return Err(BeaconError::HalfExecution { slot }),
        };
        Ok(Self {
            beacon: header.beacon.summary(),
            execution,
        })
    }

    fn borrow(&self) -> LightClientHeaderRef<'_> {
        LightClientHeaderRef {
            beacon: self.beacon,
            execution: self.execution.as_ref().map(|(header, branch)| Execution {
                header: *header,
                branch,
            }),
        }
    }
}

fn check_execution(
    execution: &ExecutionPayloadHeader,
    slot: u64,
    config: &ChainConfig,
) -> Result<(), BeaconError> {
    let got = execution.extra_data.len();
    if got > EXTRA_DATA {
        return Err(BeaconError::ExtraData { slot, got });
    }
    if config.fork(slot) >= Fork::Deneb {
        let missing = |field| BeaconError::MissingField { slot, field };
        execution
            .blob_gas_used
            .ok_or_else(|| missing("blob_gas_used"))?;
        execution
            .excess_blob_gas
            .ok_or_else(|| missing("excess_blob_gas"))?;
    }
    Ok(())
}

fn next_committee(
    update: &Update,
    fork: Fork,
) -> Result<Option<(SyncCommitteeRoot, Vec<Chunk>)>, BeaconError> {
    match (
        &update.next_sync_committee,
        &update.next_sync_committee_branch,
    ) {
        (None, None) => Ok(None),
        (Some(committee), Some(branch)) => {
            let no_branch = branch.iter().all(Bytes::is_zero);
            if no_branch && committee.is_default() {
                return Ok(None);
            }
            if no_branch {
                return Err(BeaconError::HalfNextCommittee);
            }
            let index = GeneralizedIndex::next_sync_committee(fork);
            Ok(Some((committee.root()?, normalized(branch, index))))
        }
        _ => Err(BeaconError::HalfNextCommittee),
    }
}

/// A branch in the layout of a newer fork has zeros in front (`is_valid_normalized_merkle_branch`); any other
/// length is left for the light client to refuse.
fn normalized(branch: &[Bytes<32>], index: GeneralizedIndex) -> Vec<Chunk> {
    let extra = branch.len().saturating_sub(index.depth());
    let (front, rest) = branch.split_at(extra);
    if front.iter().all(Bytes::is_zero) {
        chunks(rest)
    } else {
        chunks(branch)
    }
}

fn chunks(branch: &[Bytes<32>]) -> Vec<Chunk> {
    branch.iter().map(|node| bytes_chunk(&node.0)).collect()
}
