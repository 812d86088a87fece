//! Why bytes of a beacon node are refused.

use valence_coprocessor_ethereum_bls::Unadvisable;
use valence_coprocessor_ethereum_light_client::{
    BootstrapError, CommitteeError, StepError, SyncCommitteeRoot, UpdateError,
};

/// Bytes that are not the SSZ encoding of what they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SszError {
    /// The bytes end inside a field.
    #[error("the bytes end inside {field}: {needed} needed, {remaining} left")]
    Truncated {
        /// What was being read.
        field: &'static str,
        /// Bytes that the field takes.
        needed: usize,
        /// Bytes that were left.
        remaining: usize,
    },
    /// Bytes after the last field.
    #[error("{remaining} bytes follow {container}")]
    Trailing {
        /// What was read.
        container: &'static str,
        /// Bytes that were left.
        remaining: usize,
    },
    /// An offset does not point to where its field must begin.
    #[error("the offset of {field} is {got}, expected {expected}")]
    Offset {
        /// The field.
        field: &'static str,
        /// The offset.
        got: usize,
        /// Where the field begins.
        expected: usize,
    },
    /// A list of more elements than its type has.
    #[error("{field} has {got} bytes, at most {limit} are possible")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Its bytes.
        got: usize,
        /// The bound.
        limit: usize,
    },
    /// Phase 0 has no light-client objects.
    #[error("there are no light-client objects before Altair")]
    BeforeAltair,
}

/// Why an object of a beacon node is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeaconError {
    /// The bytes are not SSZ of the object.
    #[error("the answer is not well-formed")]
    Ssz(#[source] SszError),
    /// An execution payload's header lacks a field of its fork.
    #[error("the header of slot {slot} lacks {field}")]
    MissingField {
        /// The header's slot.
        slot: u64,
        /// What is missing.
        field: &'static str,
    },
    /// Extra data of more than 32 bytes.
    #[error("the header of slot {slot} has {got} bytes of extra data, at most 32 are possible")]
    ExtraData {
        /// The header's slot.
        slot: u64,
        /// Bytes.
        got: usize,
    },
    /// An execution payload's header without its branch, or the other way round.
    #[error("the header of slot {slot} has an execution payload or its branch, but not both")]
    HalfExecution {
        /// The header's slot.
        slot: u64,
    },
    /// A next committee without its branch, or the other way round.
    #[error("the update has a next sync committee or its branch, but not both")]
    HalfNextCommittee,
    /// The update proves no finalized header. Optimistic headers are not followed.
    #[error("the update of slot {slot} proves no finalized header")]
    NoFinality {
        /// The attested slot.
        slot: u64,
    },
    /// A committee of a size that there is not.
    #[error("the sync committee is not well-formed")]
    Committee(#[source] CommitteeError),
    /// The bootstrap does not hold.
    #[error("the bootstrap is refused")]
    Bootstrap(#[source] BootstrapError),
    /// The update does not hold.
    #[error("the update is refused")]
    Update(#[source] UpdateError),
    /// The signature lies in the future, or the clock stands before the genesis.
    #[error("the signature's slot {signature} is after the current slot {current}")]
    FromTheFuture {
        /// The slot of the signature.
        signature: u64,
        /// The slot of now.
        current: u64,
    },
    /// A recorded committee is not the one that the checkpoint names.
    #[error("the recorded {which} sync committee is {got}, its checkpoint names {expected}")]
    RecordedCommittee {
        /// `current` or `next`.
        which: &'static str,
        /// The root of the keys.
        got: SyncCommitteeRoot,
        /// The root in the checkpoint.
        expected: SyncCommitteeRoot,
    },
    /// A verified signature that no advice can be made for.
    #[error("no advice can be made for the signature")]
    Advice(#[source] Unadvisable),
    /// The step as a whole does not hold.
    #[error("the step is refused")]
    Step(#[source] StepError),
}
