//! The beacon state as the root of its fields, in the shape that each fork gives it.
//!
//! What a light client can see is real: slot, fork, headers, checkpoints, committees. The roots of all
//! other fields are stand-ins that follow from the field's name.

use alloy_primitives::B256;
use tree_hash::TreeHash as _;

use crate::{
    Fork,
    containers::{BeaconBlockHeader, Checkpoint, StateFork},
    merkle::{self, sha256},
};

/// Fields of `BeaconState` in Capella and Deneb; the first 28 of every later fork.
const FIELDS: [&str; 28] = [
    "genesis_time",
    "genesis_validators_root",
    "slot",
    "fork",
    "latest_block_header",
    "block_roots",
    "state_roots",
    "historical_roots",
    "eth1_data",
    "eth1_data_votes",
    "eth1_deposit_index",
    "validators",
    "balances",
    "randao_mixes",
    "slashings",
    "previous_epoch_participation",
    "current_epoch_participation",
    "justification_bits",
    "previous_justified_checkpoint",
    "current_justified_checkpoint",
    "finalized_checkpoint",
    "inactivity_scores",
    "current_sync_committee",
    "next_sync_committee",
    "latest_execution_payload_header",
    "next_withdrawal_index",
    "next_withdrawal_validator_index",
    "historical_summaries",
];

/// What Electra adds.
const ELECTRA_FIELDS: [&str; 9] = [
    "deposit_requests_start_index",
    "deposit_balance_to_consume",
    "exit_balance_to_consume",
    "earliest_exit_epoch",
    "consolidation_balance_to_consume",
    "earliest_consolidation_epoch",
    "pending_deposits",
    "pending_partial_withdrawals",
    "pending_consolidations",
];

/// What Fulu adds.
const FULU_FIELDS: [&str; 1] = ["proposer_lookahead"];

const FINALIZED_CHECKPOINT: usize = 20;
const CURRENT_SYNC_COMMITTEE: usize = 22;
const NEXT_SYNC_COMMITTEE: usize = 23;

/// The fields of a state that are real.
#[derive(Debug, Clone)]
pub(crate) struct StateFields {
    pub(crate) genesis_time: u64,
    pub(crate) genesis_validators_root: B256,
    pub(crate) slot: u64,
    pub(crate) fork: StateFork,
    /// With a state root of zero, as the state after its own block has it.
    pub(crate) latest_block_header: BeaconBlockHeader,
    pub(crate) previous_justified_checkpoint: Checkpoint,
    pub(crate) current_justified_checkpoint: Checkpoint,
    pub(crate) finalized_checkpoint: Checkpoint,
    pub(crate) current_sync_committee: B256,
    pub(crate) next_sync_committee: B256,
    pub(crate) latest_execution_payload_header: B256,
}

/// A state: the roots of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconState {
    leaves: Vec<B256>,
    finalized_checkpoint: Checkpoint,
}

impl BeaconState {
    pub(crate) fn new(fork: Fork, fields: &StateFields) -> Self {
        Self {
            leaves: field_names(fork).map(|name| fields.root(name)).collect(),
            finalized_checkpoint: fields.finalized_checkpoint,
        }
    }

    /// Its hash tree root.
    pub fn root(&self) -> B256 {
        merkle::root(&self.leaves)
    }

    /// What it says is final.
    pub fn finalized_checkpoint(&self) -> Checkpoint {
        self.finalized_checkpoint
    }

    /// From `finalized_checkpoint.root` to the root: generalized index 105, from Electra on 169.
    pub fn finality_branch(&self) -> Vec<B256> {
        let mut branch = vec![self.finalized_checkpoint.epoch.tree_hash_root()];
        branch.extend(merkle::branch(&self.leaves, FINALIZED_CHECKPOINT));
        branch
    }

    /// From `current_sync_committee` to the root: generalized index 54, from Electra on 86.
    pub fn current_sync_committee_branch(&self) -> Vec<B256> {
        merkle::branch(&self.leaves, CURRENT_SYNC_COMMITTEE)
    }

    /// From `next_sync_committee` to the root: generalized index 55, from Electra on 87.
    pub fn next_sync_committee_branch(&self) -> Vec<B256> {
        merkle::branch(&self.leaves, NEXT_SYNC_COMMITTEE)
    }
}

impl StateFields {
    fn root(&self, name: &str) -> B256 {
        match name {
            "genesis_time" => self.genesis_time.tree_hash_root(),
            "genesis_validators_root" | "validators" => self.genesis_validators_root,
            "slot" => self.slot.tree_hash_root(),
            "fork" => self.fork.tree_hash_root(),
            "latest_block_header" => self.latest_block_header.tree_hash_root(),
            "previous_justified_checkpoint" => self.previous_justified_checkpoint.tree_hash_root(),
            "current_justified_checkpoint" => self.current_justified_checkpoint.tree_hash_root(),
            "finalized_checkpoint" => self.finalized_checkpoint.tree_hash_root(),
            "current_sync_committee" => self.current_sync_committee,
            "next_sync_committee" => self.next_sync_committee,
            "latest_execution_payload_header" => self.latest_execution_payload_header,
            other => sha256(&[b"beacon state field ", other.as_bytes()]),
        }
    }
}

/// The fields of `BeaconState`, in order.
fn field_names(fork: Fork) -> impl Iterator<Item = &'static str> {
    let electra: &[&str] = if fork >= Fork::Electra {
        &ELECTRA_FIELDS
    } else {
        &[]
    };
    let fulu: &[&str] = if fork >= Fork::Fulu {
        &FULU_FIELDS
    } else {
        &[]
    };
    FIELDS.iter().chain(electra).chain(fulu).copied()
}

#[cfg(test)]
mod tests {
    use super::{
        CURRENT_SYNC_COMMITTEE, FIELDS, FINALIZED_CHECKPOINT, NEXT_SYNC_COMMITTEE, field_names,
    };
    use crate::Fork;

    /// Generalized indices of the consensus specs: `*_GINDEX` and `*_GINDEX_ELECTRA`.
    #[test]
    fn fields_sit_at_the_generalized_indices_of_the_specs() {
        for (fork, fields, expected) in [
            (Fork::Capella, 28, [105, 54, 55]),
            (Fork::Deneb, 28, [105, 54, 55]),
            (Fork::Electra, 37, [169, 86, 87]),
            (Fork::Fulu, 38, [169, 86, 87]),
        ] {
            let names: Vec<&str> = field_names(fork).collect();
            assert_eq!(names.len(), fields);
            let width = fields.next_power_of_two();
            let place = |name| width + names.iter().position(|known| *known == name).expect(name);
            assert_eq!(place("finalized_checkpoint") * 2 + 1, expected[0]);
            assert_eq!(place("current_sync_committee"), expected[1]);
            assert_eq!(place("next_sync_committee"), expected[2]);
        }
    }

    #[test]
    fn constants_name_their_fields() {
        assert_eq!(FIELDS[FINALIZED_CHECKPOINT], "finalized_checkpoint");
        assert_eq!(FIELDS[CURRENT_SYNC_COMMITTEE], "current_sync_committee");
        assert_eq!(FIELDS[NEXT_SYNC_COMMITTEE], "next_sync_committee");
    }
}
