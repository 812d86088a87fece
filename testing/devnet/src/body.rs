//! The body of a block as the roots of its fields.
//!
//! Graffiti, sync aggregate and execution payload are real; the roots of all other fields are stand-ins
//! that follow from the field's name.

use alloy_primitives::B256;

use crate::{
    Fork,
    merkle::{self, sha256},
};

/// Fields of `BeaconBlockBody` in Capella.
const FIELDS: [&str; 11] = [
    "randao_reveal",
    "eth1_data",
    "graffiti",
    "proposer_slashings",
    "attester_slashings",
    "attestations",
    "deposits",
    "voluntary_exits",
    "sync_aggregate",
    "execution_payload",
    "bls_to_execution_changes",
];

/// What Deneb adds, and Electra.
const LATER_FIELDS: [(Fork, &str); 2] = [
    (Fork::Deneb, "blob_kzg_commitments"),
    (Fork::Electra, "execution_requests"),
];

const EXECUTION_PAYLOAD: usize = 9;

/// The fields of a body that are real.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyFields {
    pub(crate) graffiti: B256,
    pub(crate) sync_aggregate: B256,
    pub(crate) execution_payload: B256,
}

/// A body: the roots of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconBlockBody {
    leaves: Vec<B256>,
}

impl BeaconBlockBody {
    pub(crate) fn new(fork: Fork, fields: &BodyFields) -> Self {
        Self {
            leaves: field_names(fork).map(|name| fields.root(name)).collect(),
        }
    }

    /// Its hash tree root.
    pub fn root(&self) -> B256 {
        merkle::root(&self.leaves)
    }

    /// From `execution_payload` to the root: generalized index 25.
    pub fn execution_branch(&self) -> Vec<B256> {
        merkle::branch(&self.leaves, EXECUTION_PAYLOAD)
    }
}

impl BodyFields {
    fn root(&self, name: &str) -> B256 {
        match name {
            "graffiti" => self.graffiti,
            "sync_aggregate" => self.sync_aggregate,
            "execution_payload" => self.execution_payload,
            other => sha256(&[b"beacon block body field ", other.as_bytes()]),
        }
    }
}

/// The fields of `BeaconBlockBody`, in order.
fn field_names(fork: Fork) -> impl Iterator<Item = &'static str> {
    let later = LATER_FIELDS
        .iter()
        .filter(move |(since, _)| fork >= *since)
        .map(|(_, name)| *name);
    FIELDS.iter().copied().chain(later)
}

#[cfg(test)]
mod tests {
    use super::{EXECUTION_PAYLOAD, field_names};
    use crate::Fork;

    /// `EXECUTION_PAYLOAD_GINDEX` of the consensus specs.
    #[test]
    fn the_payload_sits_at_the_generalized_index_of_the_specs() {
        for (fork, fields) in [
            (Fork::Capella, 11),
            (Fork::Deneb, 12),
            (Fork::Electra, 13),
            (Fork::Fulu, 13),
        ] {
            let names: Vec<&str> = field_names(fork).collect();
            assert_eq!(names.len(), fields);
            assert_eq!(names[EXECUTION_PAYLOAD], "execution_payload");
            assert_eq!(fields.next_power_of_two() + EXECUTION_PAYLOAD, 25);
        }
    }
}
