//! What the engine answers.

use std::fmt;
use std::str::FromStr;

use valence_coprocessor_protocol::{
    CircuitId, DomainId, DomainName, HeadState, Root, StateRoot, StepPublicValues, Witness,
};
use valence_coprocessor_zkvm::{ProofKind, VerifyingKeyHash};

use crate::{PublicKey, Timestamp, Trust};

/// The SHA-256 hash of an ELF or of a wasm module, as `sha256sum` and guests/ARTIFACTS.lock have it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleHash([u8; 32]);

impl ModuleHash {
    /// The hash of these bytes.
    pub fn of(module: &[u8]) -> Self {
        Self(valence_coprocessor_protocol::sha256::digest(module))
    }

    /// Wraps a hash that is known.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ModuleHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ModuleHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ModuleHash({self})")
    }
}

/// The text is not the hash of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hash of a module is 64 hexadecimal digits")]
pub struct ModuleHashError;

impl FromStr for ModuleHash {
    type Err = ModuleHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        crate::text::decode_hex(text, &mut bytes).ok_or(ModuleHashError)?;
        Ok(Self(bytes))
    }
}

/// A deployed circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircuitSummary {
    /// The id.
    pub id: CircuitId,
    /// The key that may change controller and files; nobody's if the circuit was deployed without a signature.
    pub owner: Option<PublicKey>,
    /// The hash of the controller.
    pub controller: ModuleHash,
    /// The hash of the ELF.
    pub elf: ModuleHash,
    /// The hash of the verifying key.
    pub verifying_key: VerifyingKeyHash,
}

/// A registered domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainSummary {
    /// The id.
    pub id: DomainId,
    /// The name.
    pub name: DomainName,
    /// The key that may change the controller.
    pub owner: Option<PublicKey>,
    /// The hash of the controller.
    pub controller: ModuleHash,
    /// The hash of the verifying key of its light client, if it has one and a domain set pins it.
    pub verifying_key: Option<VerifyingKeyHash>,
    /// Whether the service accepts its blocks.
    pub accepted: bool,
    /// The number of its newest block.
    pub latest: Option<u64>,
}

/// A block of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRecord {
    /// The domain.
    pub domain: DomainId,
    /// The number.
    pub number: u64,
    /// The root of the block's state.
    pub state_root: StateRoot,
    /// What the domain says about the block beside its state root.
    pub payload: Vec<u8>,
    /// The state of the domain's light client after it; zero if no light client was asked.
    pub head: HeadState,
    /// What stands behind it.
    pub trust: Trust,
}

/// A block that was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedBlock {
    /// The block.
    pub block: BlockRecord,
    /// The root before.
    pub previous: Root,
    /// The root after.
    pub root: Root,
    /// The position of the append in the history.
    pub sequence: u64,
    /// What the controller logged.
    pub log: Vec<String>,
}

/// One step of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The position of the step, from 1; 0 stands for the empty history.
    pub sequence: u64,
    /// The root before.
    pub previous: Root,
    /// The root after.
    pub root: Root,
    /// The block that was appended.
    pub block: BlockRecord,
    /// When.
    pub appended_at: Timestamp,
}

impl Update {
    /// The name under which published clients know the step: its sequence number, 16 bytes big-endian.
    pub fn uuid(&self) -> [u8; 16] {
        u128::from(self.sequence).to_be_bytes()
    }
}

/// One step of the history with the proof that nothing else changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenUpdate {
    /// The step.
    pub update: Update,
    /// The encoded append proof.
    pub append: Vec<u8>,
}

/// A block with its Merkle path to a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningAnswer {
    /// The root.
    pub root: Root,
    /// The block.
    pub block: BlockRecord,
    /// The encoded opening.
    pub opening: Vec<u8>,
}

/// The light client's proof of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepProof {
    /// The key that it is of.
    pub verifying_key: VerifyingKeyHash,
    /// What it commits to: `StepPublicValues` of crate `protocol`.
    pub public_values: Vec<u8>,
    /// The compressed proof.
    pub bytes: Vec<u8>,
}

impl StepProof {
    /// As the store keeps it: `verifying key (32) · public values (144) · proof`.
    pub(crate) fn encode(&self) -> Vec<u8> {
        [
            self.verifying_key.as_bytes().as_slice(),
            &self.public_values,
            &self.bytes,
        ]
        .concat()
    }

    /// What [`Self::encode`] wrote; none for other bytes.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk::<32>()?;
        let (public_values, proof) = rest.split_at_checked(StepPublicValues::LENGTH)?;
        Some(Self {
            verifying_key: VerifyingKeyHash::from_bytes(*key),
            public_values: public_values.to_vec(),
            bytes: proof.to_vec(),
        })
    }
}

/// The witnesses of a circuit for some arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessReport {
    /// The root that the state proofs are opened against.
    pub root: Root,
    /// What stands behind that root.
    pub trust: Trust,
    /// The openings of the state proofs, in their order among the witnesses.
    pub openings: Vec<OpeningAnswer>,
    /// The witnesses.
    pub witnesses: Vec<Witness>,
    /// What the controller logged.
    pub log: Vec<String>,
}

/// What a controller's entry point answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntrypointAnswer {
    /// The return value, valid JSON.
    pub ret: Vec<u8>,
    /// What the controller logged.
    pub log: Vec<String>,
}

/// How the engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The co-processor root.
    pub root: Root,
    /// What stands behind it.
    pub trust: Trust,
    /// The number of appends so far.
    pub sequence: u64,
    /// The kind of proof when a request names none.
    pub default_kind: ProofKind,
    /// Registered domains.
    pub domains: usize,
    /// Jobs that have not ended.
    pub live_jobs: usize,
    /// Where everything is stored, for people.
    pub store: String,
    /// The Ed25519 key under which callbacks are signed.
    pub callback_key: [u8; 32],
}
