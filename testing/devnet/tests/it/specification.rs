//! The light-client sync protocol as the consensus specs write it, for judging updates: hashing and
//! signature domains by hand, hash tree roots by `tree_hash`, signatures by `blst`. No force updates.

use alloy_primitives::B256;
use blst::{
    BLST_ERROR,
    min_pk::{PublicKey, Signature},
};
use sha2::{Digest as _, Sha256};
use tree_hash::TreeHash as _;
use valence_coprocessor_devnet::{
    Fork, SIGNATURE_SUITE,
    containers::{
        BeaconBlockHeader, CapellaPayloadHeader, LightClientBootstrap, LightClientFinalityUpdate,
        LightClientHeader, LightClientUpdate, Shape, SyncAggregate, SyncCommittee,
    },
};

const FINALIZED_ROOT_GINDEX: usize = 105;
const FINALIZED_ROOT_GINDEX_ELECTRA: usize = 169;
const CURRENT_SYNC_COMMITTEE_GINDEX: usize = 54;
const CURRENT_SYNC_COMMITTEE_GINDEX_ELECTRA: usize = 86;
const NEXT_SYNC_COMMITTEE_GINDEX: usize = 55;
const NEXT_SYNC_COMMITTEE_GINDEX_ELECTRA: usize = 87;
const EXECUTION_PAYLOAD_GINDEX: usize = 25;

/// What a light client is configured with.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) genesis_validators_root: B256,
    /// Forks with version and first epoch, oldest first.
    pub(crate) forks: Vec<(Fork, [u8; 4], u64)>,
    pub(crate) slots_per_epoch: u64,
    pub(crate) epochs_per_period: u64,
}

/// A header with the facts of its execution payload.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) beacon: BeaconBlockHeader,
    pub(crate) execution_root: B256,
    pub(crate) execution_branch: Vec<B256>,
    /// State root and number that the payload states.
    pub(crate) state_root: B256,
    pub(crate) block_number: u64,
}

/// A committee.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Committee {
    pub(crate) pubkeys: Vec<Vec<u8>>,
    pub(crate) aggregate: Vec<u8>,
    pub(crate) root: B256,
}

/// An update of any fork and preset; a finality update is one without a next committee.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) attested: Header,
    pub(crate) next: Option<(Committee, Vec<B256>)>,
    pub(crate) finalized: Option<(Header, Vec<B256>)>,
    pub(crate) bits: Vec<bool>,
    pub(crate) signature: Vec<u8>,
    pub(crate) signature_slot: u64,
}

/// `LightClientStore`, as far as finalized headers go.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) finalized: Header,
    pub(crate) current: Committee,
    pub(crate) next: Option<Committee>,
}

impl Network {
    pub(crate) fn mainnet() -> Self {
        Self {
            genesis_validators_root:
                "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95"
                    .parse()
                    .expect("a root"),
            forks: vec![
                (Fork::Capella, [3, 0, 0, 0], 194_048),
                (Fork::Deneb, [4, 0, 0, 0], 269_568),
                (Fork::Electra, [5, 0, 0, 0], 364_032),
                (Fork::Fulu, [6, 0, 0, 0], 411_392),
            ],
            slots_per_epoch: 32,
            epochs_per_period: 256,
        }
    }

    pub(crate) fn period(&self, slot: u64) -> u64 {
        slot / self.slots_per_epoch / self.epochs_per_period
    }

    pub(crate) fn fork(&self, slot: u64) -> Fork {
        self.fork_and_version(slot).0
    }

    fn fork_and_version(&self, slot: u64) -> (Fork, [u8; 4]) {
        let epoch = slot / self.slots_per_epoch;
        let found = self.forks.iter().rfind(|(_, _, since)| *since <= epoch);
        let (fork, version, _) = found.expect("a slot of Capella or later");
        (*fork, *version)
    }

    fn gindex(&self, slot: u64, before_electra: usize, since_electra: usize) -> usize {
        if self.fork(slot) < Fork::Electra {
            before_electra
        } else {
            since_electra
        }
    }

    pub(crate) fn header<S: Shape>(&self, header: &LightClientHeader<S>) -> Header {
        let execution = serde_json::to_value(&header.execution).expect("JSON");
        // `get_lc_execution_root`: by the fork of the slot, not by that of the container.
        let execution_root = if self.fork(header.beacon.slot) == Fork::Capella {
            let payload: CapellaPayloadHeader =
                serde_json::from_value(execution.clone()).expect("a payload of Capella");
            payload.tree_hash_root()
        } else {
            header.execution.tree_hash_root()
        };
        let text = |name: &str| execution[name].as_str().expect("a text").to_owned();
        Header {
            beacon: header.beacon,
            execution_root,
            execution_branch: header.execution_branch.to_vec(),
            state_root: text("state_root").parse().expect("a root"),
            block_number: text("block_number").parse().expect("a number"),
        }
    }

    pub(crate) fn update<S: Shape>(&self, update: &LightClientUpdate<S>) -> Update {
        let has_next = update
            .next_sync_committee_branch
            .iter()
            .any(|node| !node.is_zero());
        let has_finality = update.finality_branch.iter().any(|node| !node.is_zero());
        let next = (
            committee(&update.next_sync_committee),
            update.next_sync_committee_branch.to_vec(),
        );
        let finality = || {
            (
                self.header(&update.finalized_header),
                update.finality_branch.to_vec(),
            )
        };
        let (bits, signature) = aggregate(&update.sync_aggregate);
        Update {
            attested: self.header(&update.attested_header),
            next: has_next.then_some(next),
            finalized: has_finality.then(finality),
            bits,
            signature,
            signature_slot: update.signature_slot,
        }
    }

    pub(crate) fn finality_update<S: Shape>(
        &self,
        update: &LightClientFinalityUpdate<S>,
    ) -> Update {
        let (bits, signature) = aggregate(&update.sync_aggregate);
        Update {
            attested: self.header(&update.attested_header),
            next: None,
            finalized: Some((
                self.header(&update.finalized_header),
                update.finality_branch.to_vec(),
            )),
            bits,
            signature,
            signature_slot: update.signature_slot,
        }
    }

    /// The branches of an update, whoever signed it.
    pub(crate) fn check_branches(&self, update: &Update) -> Result<(), &'static str> {
        update.attested.check()?;
        let slot = update.attested.beacon.slot;
        let state_root = update.attested.beacon.state_root;
        if let Some((finalized, branch)) = &update.finalized {
            let gindex = self.gindex(slot, FINALIZED_ROOT_GINDEX, FINALIZED_ROOT_GINDEX_ELECTRA);
            // The genesis is final as the header of zeros, under the root of zeros.
            let root = if finalized.beacon == BeaconBlockHeader::default() {
                B256::ZERO
            } else {
                finalized.check()?;
                finalized.beacon.tree_hash_root()
            };
            if !is_valid_branch(root, branch, gindex, state_root) {
                return Err("finality branch");
            }
        }
        if let Some((committee, branch)) = &update.next {
            let gindex = self.gindex(
                slot,
                NEXT_SYNC_COMMITTEE_GINDEX,
                NEXT_SYNC_COMMITTEE_GINDEX_ELECTRA,
            );
            if !is_valid_branch(committee.root, branch, gindex, state_root) {
                return Err("next committee branch");
            }
        }
        Ok(())
    }

    /// The signature of an update, by this committee.
    pub(crate) fn check_signature(
        &self,
        update: &Update,
        committee: &Committee,
    ) -> Result<(), &'static str> {
        let slot_before = update.signature_slot.max(1) - 1;
        let (_, version) = self.fork_and_version(slot_before);
        let mut fork_data = [0; 64];
        fork_data[..4].copy_from_slice(&version);
        fork_data[32..].copy_from_slice(self.genesis_validators_root.as_slice());
        let mut domain = [0; 32];
        domain[0] = 7;
        domain[4..].copy_from_slice(&Sha256::digest(fork_data)[..28]);
        let root = update.attested.beacon.tree_hash_root();
        let signing_root = Sha256::digest([root.0, domain].concat());
        let keys: Vec<PublicKey> = update
            .bits
            .iter()
            .zip(&committee.pubkeys)
            .filter(|(bit, _)| **bit)
            .map(|(_, key)| PublicKey::key_validate(key).map_err(|_| "public key"))
            .collect::<Result<_, _>>()?;
        let keys: Vec<&PublicKey> = keys.iter().collect();
        let signature =
            Signature::sig_validate(&update.signature, true).map_err(|_| "signature point")?;
        let verdict = signature.fast_aggregate_verify(true, &signing_root, SIGNATURE_SUITE, &keys);
        (verdict == BLST_ERROR::BLST_SUCCESS)
            .then_some(())
            .ok_or("signature")
    }
}

impl Header {
    /// `is_valid_light_client_header`.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let proven = is_valid_branch(
            self.execution_root,
            &self.execution_branch,
            EXECUTION_PAYLOAD_GINDEX,
            self.beacon.body_root,
        );
        proven.then_some(()).ok_or("execution branch")
    }
}

impl Store {
    /// `initialize_light_client_store`.
    pub(crate) fn new<S: Shape>(
        network: &Network,
        trusted_root: B256,
        bootstrap: &LightClientBootstrap<S>,
    ) -> Result<Self, &'static str> {
        let header = network.header(&bootstrap.header);
        header.check()?;
        if header.beacon.tree_hash_root() != trusted_root {
            return Err("trusted root");
        }
        let current = committee(&bootstrap.current_sync_committee);
        let gindex = network.gindex(
            header.beacon.slot,
            CURRENT_SYNC_COMMITTEE_GINDEX,
            CURRENT_SYNC_COMMITTEE_GINDEX_ELECTRA,
        );
        let branch = &bootstrap.current_sync_committee_branch;
        if !is_valid_branch(current.root, branch, gindex, header.beacon.state_root) {
            return Err("current committee branch");
        }
        Ok(Self {
            finalized: header,
            current,
            next: None,
        })
    }

    /// `process_light_client_update`, of an update that finalizes something or brings a committee.
    pub(crate) fn process(
        &mut self,
        network: &Network,
        update: &Update,
    ) -> Result<(), &'static str> {
        let signers = update.bits.iter().filter(|bit| **bit).count();
        if signers == 0 {
            return Err("nobody signed");
        }
        let finalized_slot = update
            .finalized
            .as_ref()
            .map_or(0, |(header, _)| header.beacon.slot);
        let attested_slot = update.attested.beacon.slot;
        if update.signature_slot <= attested_slot || attested_slot < finalized_slot {
            return Err("order of slots");
        }
        let store_period = network.period(self.finalized.beacon.slot);
        let signature_period = network.period(update.signature_slot);
        let attested_period = network.period(attested_slot);
        let is_known = signature_period == store_period
            || (self.next.is_some() && signature_period == store_period + 1);
        if !is_known {
            return Err("period");
        }
        let brings_next =
            self.next.is_none() && update.next.is_some() && attested_period == store_period;
        if attested_slot <= self.finalized.beacon.slot && !brings_next {
            return Err("nothing new");
        }
        network.check_branches(update)?;
        if let (Some((committee, _)), Some(known)) = (&update.next, &self.next)
            && attested_period == store_period
            && committee != known
        {
            return Err("another next committee");
        }
        let signer = if signature_period == store_period {
            &self.current
        } else {
            self.next.as_ref().ok_or("period")?
        };
        network.check_signature(update, signer)?;
        if 3 * signers < 2 * update.bits.len() {
            return Err("supermajority");
        }
        self.apply(network, update);
        Ok(())
    }

    /// `apply_light_client_update`.
    fn apply(&mut self, network: &Network, update: &Update) {
        let store_period = network.period(self.finalized.beacon.slot);
        let Some((finalized, _)) = &update.finalized else {
            return;
        };
        let finalized_period = network.period(finalized.beacon.slot);
        let next = update.next.as_ref().map(|(committee, _)| committee.clone());
        if self.next.is_none() {
            if finalized_period == store_period
                && network.period(update.attested.beacon.slot) == finalized_period
            {
                self.next = next;
            }
        } else if finalized_period == store_period + 1 {
            self.current = self.next.take().expect("it is there");
            self.next = next;
        }
        if finalized.beacon.slot > self.finalized.beacon.slot {
            self.finalized = finalized.clone();
        }
    }
}

pub(crate) fn committee<S: Shape>(committee: &SyncCommittee<S>) -> Committee {
    Committee {
        pubkeys: committee.pubkeys.iter().map(|key| key.0.to_vec()).collect(),
        aggregate: committee.aggregate_pubkey.0.to_vec(),
        root: committee.tree_hash_root(),
    }
}

impl Committee {
    /// The sum of the keys, as blst adds them.
    pub(crate) fn sum(&self) -> Vec<u8> {
        let keys: Vec<&[u8]> = self.pubkeys.iter().map(Vec::as_slice).collect();
        let sum = blst::min_pk::AggregatePublicKey::aggregate_serialized(&keys, true);
        sum.expect("points of the group")
            .to_public_key()
            .to_bytes()
            .to_vec()
    }
}

fn aggregate<S: Shape>(aggregate: &SyncAggregate<S>) -> (Vec<bool>, Vec<u8>) {
    (
        aggregate.sync_committee_bits.iter().collect(),
        aggregate.sync_committee_signature.0.to_vec(),
    )
}

/// `is_valid_normalized_merkle_branch`, without the leading zeros: the branch has the index's depth.
pub(crate) fn is_valid_branch(leaf: B256, branch: &[B256], gindex: usize, root: B256) -> bool {
    if branch.len() != gindex.ilog2() as usize {
        return false;
    }
    let folded = branch
        .iter()
        .enumerate()
        .fold(leaf, |node, (height, sibling)| {
            let pair = if (gindex >> height) % 2 == 1 {
                [sibling.0, node.0].concat()
            } else {
                [node.0, sibling.0].concat()
            };
            B256::from_slice(&Sha256::digest(pair))
        });
    folded == root
}
