//! Why an update, a bootstrap or a step is refused: one variant for each check.

use valence_coprocessor_ethereum_bls::SignatureError;
use valence_coprocessor_protocol::DecodeError;

use crate::{BlockRoot, Fork, SyncCommitteeRoot};

/// Why numbers are no chain's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The size is not a power of two from 8 to 512.
    #[error("a sync committee of {got} is not a power of two from 8 to 512")]
    CommitteeSize {
        /// Members.
        got: u64,
    },
    /// Zero or beyond 2²⁰.
    #[error("{got} slots per epoch are not from 1 to 2^20")]
    SlotsPerEpoch {
        /// Slots.
        got: u64,
    },
    /// Zero or beyond 2²⁰.
    #[error("{got} epochs per period are not from 1 to 2^20")]
    EpochsPerPeriod {
        /// Epochs.
        got: u64,
    },
    /// The first version is not that of epoch 0.
    #[error("the genesis fork starts at epoch {got}, not 0")]
    GenesisEpoch {
        /// The epoch.
        got: u64,
    },
    /// A fork lies before the one that it follows.
    #[error("fork {fork:?} at epoch {epoch} lies before its predecessor at {before}")]
    ForkOrder {
        /// The fork.
        fork: Fork,
        /// Its epoch.
        epoch: u64,
        /// The epoch of the fork before.
        before: u64,
    },
}

/// Why a light-client header is refused (`is_valid_light_client_header`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A header from Capella on must show its execution payload's header.
    #[error("the header of slot {slot} shows no execution payload")]
    ExecutionMissing {
        /// The header's slot.
        slot: u64,
    },
    /// A header before Capella commits to no execution payload that could be shown.
    #[error("the header of slot {slot} is from before Capella and shows an execution payload")]
    ExecutionBeforeCapella {
        /// The header's slot.
        slot: u64,
    },
    /// Blob fields that are not zero in a payload that has none.
    #[error("the header of slot {slot} is from before Deneb and has blob gas")]
    BlobFieldsBeforeDeneb {
        /// The header's slot.
        slot: u64,
    },
    /// A branch of another length.
    #[error("the execution branch has {got} nodes, expected {expected}")]
    ExecutionBranchDepth {
        /// Nodes that there are.
        got: usize,
        /// Nodes of a branch of this fork.
        expected: usize,
    },
    /// The payload's header does not stand in the block's body.
    #[error("the execution branch of slot {slot} does not lead to the body's root")]
    ExecutionBranch {
        /// The header's slot.
        slot: u64,
    },
}

/// Why what is shown of a committee is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitteeError {
    /// A committee that is not a power of two up to 512.
    #[error("a committee of {got} keys is not a power of two up to 512")]
    Keys {
        /// Keys.
        got: usize,
    },
    /// Another number of bits than the committee has members.
    #[error("{got} bits for a committee of {expected}")]
    Bits {
        /// Bits.
        got: usize,
        /// Members.
        expected: usize,
    },
    /// Another number of keys than the bits leave out.
    #[error("{got} absent keys are shown, the bits leave out {expected}")]
    AbsentKeys {
        /// Keys.
        got: usize,
        /// Bits that are zero.
        expected: usize,
    },
    /// The multiproof ends early.
    #[error("{got} siblings are not enough")]
    SiblingMissing {
        /// Siblings that there are.
        got: usize,
    },
    /// The multiproof has siblings that nothing needs.
    #[error("{left} siblings too many")]
    SiblingsLeft {
        /// How many are left.
        left: usize,
    },
}

/// Why a bootstrap is refused (`initialize_light_client_store`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// Before Altair there are no sync committees.
    #[error("slot {slot} is from before Altair, which has no sync committees")]
    BeforeAltair {
        /// The header's slot.
        slot: u64,
    },
    /// The header itself is refused.
    #[error("the header of the bootstrap is refused")]
    Header(#[source] HeaderError),
    /// The header is not that of the trusted block.
    #[error("the header is of block {got}, trusted is {expected}")]
    TrustedBlockRoot {
        /// The header's block.
        got: BlockRoot,
        /// The trusted one.
        expected: BlockRoot,
    },
    /// A branch of another length.
    #[error("the branch of the current sync committee has {got} nodes, expected {expected}")]
    CurrentSyncCommitteeBranchDepth {
        /// Nodes that there are.
        got: usize,
        /// Nodes of a branch of this fork.
        expected: usize,
    },
    /// The committee is not that of the header's state.
    #[error("the branch of the current sync committee does not lead to the state root")]
    CurrentSyncCommitteeBranch,
}

/// Why an update is refused (`validate_light_client_update`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// Less than two thirds signed, or nobody.
    #[error("{participants} of {size} signed, which is less than two thirds")]
    Supermajority {
        /// Members that signed.
        participants: usize,
        /// Members.
        size: usize,
    },
    /// Bits for a committee of another size than the chain has.
    #[error("the bits are for a committee of {got}, the chain has {expected}")]
    CommitteeSize {
        /// Bits.
        got: usize,
        /// Members.
        expected: usize,
    },
    /// The signature is not later than what it signs.
    #[error("the signature's slot {signature} is not after the attested slot {attested}")]
    SignatureNotAfterAttested {
        /// The slot of the signature.
        signature: u64,
        /// The slot of the attested header.
        attested: u64,
    },
    /// What is final lies after the header that says so.
    #[error("the finalized slot {finalized} is after the attested slot {attested}")]
    FinalizedAfterAttested {
        /// The slot of the finalized header.
        finalized: u64,
        /// The slot of the attested header.
        attested: u64,
    },
    /// Before Altair there are no sync committees.
    #[error("slot {slot} is from before Altair, which has no sync committees")]
    BeforeAltair {
        /// The attested header's slot.
        slot: u64,
    },
    /// The store knows no committee of the signature's period.
    #[error("signed in period {got}, the store is in {store} (next committee known: {next_known})")]
    SignaturePeriod {
        /// The period of the signature's slot.
        got: u64,
        /// The period of the store's finalized header.
        store: u64,
        /// Whether period `store + 1` would have been possible.
        next_known: bool,
    },
    /// The update brings nothing new.
    #[error("the finalized slot {finalized} is not newer than {stored}")]
    FinalizedNotNewer {
        /// The slot of the update's finalized header.
        finalized: u64,
        /// The slot of the store's.
        stored: u64,
    },
    /// An older update could only supply the next committee of the store's own period.
    #[error("the update supplies the committee after period {got}, the store is in {store}")]
    NextSyncCommitteePeriod {
        /// The period of the attested header.
        got: u64,
        /// The period of the store.
        store: u64,
    },
    /// The next committee is learnt only once its period is final.
    #[error(
        "the next sync committee is that of period {attested}, the finalized header is of {finalized}"
    )]
    NextSyncCommitteeNotFinal {
        /// The period of the finalized header.
        finalized: u64,
        /// The period of the attested header.
        attested: u64,
    },
    /// The attested header is refused.
    #[error("the attested header is refused")]
    AttestedHeader(#[source] HeaderError),
    /// The finalized header is refused.
    #[error("the finalized header is refused")]
    FinalizedHeader(#[source] HeaderError),
    /// The genesis is final as the zero root; a header of slot 0 must be all zeros.
    #[error("the finalized header of slot 0 is not the header of zeros")]
    GenesisHeader,
    /// A branch of another length.
    #[error("the finality branch has {got} nodes, expected {expected}")]
    FinalityBranchDepth {
        /// Nodes that there are.
        got: usize,
        /// Nodes of a branch of this fork.
        expected: usize,
    },
    /// The finalized header is not that of the attested header's state.
    #[error("the finality branch does not lead to the attested state root")]
    FinalityBranch,
    /// A branch of another length.
    #[error("the branch of the next sync committee has {got} nodes, expected {expected}")]
    NextSyncCommitteeBranchDepth {
        /// Nodes that there are.
        got: usize,
        /// Nodes of a branch of this fork.
        expected: usize,
    },
    /// The next committee is not that of the attested header's state.
    #[error("the branch of the next sync committee does not lead to the attested state root")]
    NextSyncCommitteeBranch,
    /// Another next committee than the store knows for the same period.
    #[error("the next sync committee is {got}, the store knows {expected}")]
    NextSyncCommitteeMismatch {
        /// The update's.
        got: SyncCommitteeRoot,
        /// The store's.
        expected: SyncCommitteeRoot,
    },
    /// What is shown of the committee that signed is not well-formed.
    #[error("what is shown of the sync committee is refused")]
    Signers(#[source] CommitteeError),
    /// The committee that is shown is not the one of the signature's period.
    #[error("the committee shown is {got}, that of the period is {expected}")]
    SyncCommittee {
        /// The root of what is shown.
        got: SyncCommitteeRoot,
        /// The root that the store knows.
        expected: SyncCommitteeRoot,
    },
    /// The signature is not of these members over the attested header.
    #[error("the signature of the sync committee is refused")]
    Signature(#[source] SignatureError),
    /// The update was verified against another state of the store.
    #[error("verified against the store at block {got}, which is now at {expected}")]
    StoreMoved {
        /// Where it was.
        got: BlockRoot,
        /// Where it is.
        expected: BlockRoot,
    },
}

/// Why a step is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The input is not the encoding of a step.
    #[error("the step's input is malformed: {0}")]
    Malformed(DecodeError),
    /// The input does not start with the step's mark.
    #[error("the input starts with {got:#018x}, which is not the mark of a step")]
    Mark {
        /// The first word.
        got: u64,
    },
    /// The configuration is none.
    #[error("the chain's configuration is refused: {0}")]
    Config(ConfigError),
    /// An update is refused. Unlike elsewhere the text holds its cause, as it becomes a circuit's panic.
    #[error("update {index} is refused: {error}{}", Cause(error))]
    Update {
        /// Position of the update, from 0.
        index: usize,
        /// Why.
        error: UpdateError,
    },
    /// No update brings a newer finalized header.
    #[error("the step ends at slot {slot}, where it began")]
    NoAdvance {
        /// The slot.
        slot: u64,
    },
    /// The newest finalized header is from before Capella and carries no execution root.
    #[error("the finalized header of slot {slot} is from before Capella: it has no execution root")]
    NoExecutionRoot {
        /// The slot.
        slot: u64,
    },
}

/// What lies behind an error, for a text that has to stand alone.
struct Cause<'a>(&'a UpdateError);

impl core::fmt::Display for Cause<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut source = core::error::Error::source(self.0);
        while let Some(error) = source {
            write!(formatter, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
