//! `Plan`: an update that is right in everything, or in everything but one thing.

use valence_coprocessor_ethereum_beacon::{
    BeaconHeader, Bytes, Client, ExecutionPayloadHeader, LightClientHeader, SyncAggregate,
    SyncCommittee, Update,
};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, Fork, ForkSchedule, ForkVersion, Hasher, LightClientStore,
    Preset, ScheduledFork, bytes_chunk, chunk_bytes, signing_root,
};

use crate::{Committee, Tree};

/// Slots in a period of the minimal preset.
pub const PERIOD: u64 = 64;

/// A chain with the minimal preset whose forks start at these epochs.
pub fn config(epochs: [u64; 7]) -> ChainConfig {
    let fork = |index: usize| {
        let number = u8::try_from(index).expect("seven forks");
        ScheduledFork::new([number, 0, 0, 1], epochs[index])
    };
    ChainConfig {
        preset: Preset::MINIMAL,
        genesis_validators_root: [3; 32],
        forks: ForkSchedule::new(std::array::from_fn(fork)).expect("forks in order"),
    }
}

/// Electra from the start, with committees of mainnet's size.
pub fn electra_512() -> ChainConfig {
    ChainConfig {
        preset: Preset::new(512, 8, 8).expect("a preset"),
        ..electra()
    }
}

/// Electra from the start.
pub fn electra() -> ChainConfig {
    config([0, 0, 0, 0, 0, 0, ForkSchedule::NEVER])
}

/// What an update is to be; each field can be made wrong while all others stay right.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The chain.
    pub config: ChainConfig,
    /// Slots of the three headers.
    pub finalized_slot: u64,
    /// See [`Self::finalized_slot`].
    pub attested_slot: u64,
    /// See [`Self::finalized_slot`].
    pub signature_slot: u64,
    /// The period whose committee is announced as the next.
    pub next: Option<u64>,
    /// The period whose committee signs.
    pub signer: u64,
    /// The members who sign, and who are said to.
    pub signing: Vec<usize>,
    /// See [`Self::signing`].
    pub claimed: Vec<usize>,
    /// The domain and the version that are signed.
    pub domain: [u8; 4],
    /// See [`Self::domain`].
    pub version: ForkVersion,
    /// Where finalized root, next committee and payload are put, and proven.
    pub finalized_index: u32,
    /// See [`Self::finalized_index`].
    pub next_index: u32,
    /// See [`Self::finalized_index`].
    pub execution_index: u32,
    /// Before Capella there is no payload.
    pub has_execution: bool,
    /// Blob gas of the payloads.
    pub blob_gas: u64,
    /// The header of zeros, whose root stands as zeros.
    pub finalized_is_genesis: bool,
}

impl Plan {
    /// An update that is right: attested a while after what is final, all sign one slot later.
    pub fn new(config: ChainConfig, finalized_slot: u64, attested_slot: u64) -> Self {
        let signature_slot = attested_slot + 1;
        let fork = config.fork(attested_slot);
        let everybody: Vec<_> = (0..config.preset.committee_size()).collect();
        let (finalized_index, next_index) = if fork >= Fork::Electra {
            (169, 87)
        } else {
            (105, 55)
        };
        Self {
            config,
            finalized_slot,
            attested_slot,
            signature_slot,
            next: Some(attested_slot / PERIOD + 1),
            signer: signature_slot / PERIOD,
            signing: everybody.clone(),
            claimed: everybody,
            domain: [7, 0, 0, 0],
            version: config.signature_version(signature_slot),
            finalized_index,
            next_index,
            execution_index: 25,
            has_execution: fork >= Fork::Capella,
            blob_gas: if fork >= Fork::Deneb { 131_072 } else { 0 },
            finalized_is_genesis: false,
        }
    }

    /// Makes the update.
    pub fn forge(&self) -> Update {
        let mut finalized = self.header(self.finalized_slot, [9; 32]);
        let root = finalized
            .beacon
            .summary()
            .hash_tree_root(&mut Hasher::new());
        let mut state = Tree::default().with(self.finalized_index, *root.words());
        if self.finalized_is_genesis {
            finalized = genesis();
            state = state.with(self.finalized_index, [0; 8]);
        }
        let size = self.config.preset.committee_size();
        let next = self
            .next
            .map(|period| Committee::of_size(period, size).public);
        if let Some(next) = &next {
            let root = next.root().expect("a committee");
            state = state.with(self.next_index, *root.words());
        }
        let attested = self.header(self.attested_slot, chunk_bytes(&state.node(1)));
        let block = attested.beacon.summary().hash_tree_root(&mut Hasher::new());
        let signature =
            Committee::of_size(self.signer, size).sign(&self.signing, &self.message(&block));
        let mut bits = vec![0; size / 8];
        for member in &self.claimed {
            bits[member / 8] |= 1 << (member % 8);
        }
        Update {
            attested_header: attested,
            next_sync_committee_branch: next.is_some().then(|| state.branch(self.next_index)),
            next_sync_committee: next,
            finalized_header: finalized,
            finality_branch: state.branch(self.finalized_index),
            sync_aggregate: SyncAggregate {
                sync_committee_bits: bits,
                sync_committee_signature: Bytes(signature),
            },
            signature_slot: self.signature_slot,
        }
    }

    /// The signing root; of another domain than the sync committees', made by hand.
    fn message(&self, block: &BlockRoot) -> [u8; 32] {
        let validators = &self.config.genesis_validators_root;
        if self.domain == [7, 0, 0, 0] {
            let root = signing_root(&mut Hasher::new(), validators, self.version, block);
            return chunk_bytes(&root);
        }
        let mut hasher = Hasher::new();
        let fork = hasher.pair(
            &bytes_chunk(self.version.as_bytes()),
            &bytes_chunk(validators),
        );
        let mut domain = [0; 32];
        domain[..4].copy_from_slice(&self.domain);
        domain[4..].copy_from_slice(&chunk_bytes(&fork)[..28]);
        chunk_bytes(&hasher.pair(block.words(), &bytes_chunk(&domain)))
    }

    fn header(&self, slot: u64, state_root: [u8; 32]) -> LightClientHeader {
        let fork = self.config.fork(slot);
        let execution = self.execution(slot);
        let root = execution.summary().hash_tree_root(&mut Hasher::new(), fork);
        let body = Tree::default().with(self.execution_index, root);
        LightClientHeader {
            beacon: BeaconHeader {
                slot,
                proposer_index: slot % 7,
                parent_root: Bytes([5; 32]),
                state_root: Bytes(state_root),
                body_root: Bytes(chunk_bytes(&body.node(1))),
            },
            execution: self.has_execution.then_some(execution),
            execution_branch: self
                .has_execution
                .then(|| body.branch(self.execution_index)),
        }
    }

    fn execution(&self, slot: u64) -> ExecutionPayloadHeader {
        ExecutionPayloadHeader {
            parent_hash: Bytes([11; 32]),
            fee_recipient: Bytes([12; 20]),
            state_root: Bytes([13; 32]),
            receipts_root: Bytes([14; 32]),
            logs_bloom: Bytes([15; 256]),
            prev_randao: Bytes([16; 32]),
            block_number: slot,
            gas_limit: 30_000_000,
            gas_used: 21_000,
            timestamp: 1_700_000_000 + 12 * slot,
            extra_data: b"forged".to_vec(),
            base_fee_per_gas: Bytes([1; 32]),
            block_hash: Bytes([17; 32]),
            transactions_root: Bytes([18; 32]),
            withdrawals_root: Bytes([19; 32]),
            blob_gas_used: Some(self.blob_gas),
            excess_blob_gas: Some(0),
        }
    }
}

/// The header of zeros.
fn genesis() -> LightClientHeader {
    LightClientHeader {
        beacon: BeaconHeader {
            slot: 0,
            proposer_index: 0,
            parent_root: Bytes::ZERO,
            state_root: Bytes::ZERO,
            body_root: Bytes::ZERO,
        },
        execution: None,
        execution_branch: None,
    }
}

/// A client that trusts some block of a slot, and knows the next committee or not.
pub fn client(config: ChainConfig, slot: u64, knows_next: bool) -> Client {
    let period = slot / PERIOD;
    let committee = |period| Committee::of_size(period, config.preset.committee_size()).public;
    let current = committee(period);
    let next = knows_next.then(|| committee(period + 1));
    let root = |committee: &SyncCommittee| committee.root().expect("a committee");
    let checkpoint = Checkpoint {
        block_root: BlockRoot::from_bytes(&[1; 32]),
        slot,
        current_sync_committee: root(&current),
        next_sync_committee: next.as_ref().map(root),
    };
    let store = LightClientStore::trusted(config, checkpoint);
    Client::trusted(store, current, next).expect("these committees")
}
