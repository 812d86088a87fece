//! What can go wrong: with one beacon node, with a network's file, with a step.

use std::time::Duration;

use thiserror::Error;
use valence_coprocessor_client::ClientError;
use valence_coprocessor_ethereum_beacon::BeaconError;
use valence_coprocessor_ethereum_light_client::ConfigError;
use valence_coprocessor_protocol::HeadState;
use valence_coprocessor_zkvm::{ProofKind, ZkvmError};

/// Why the answer of a beacon node does not count. No text holds a URL, which may hold a key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NodeError {
    /// No connection, or it broke.
    #[error("the node does not answer")]
    Unreachable {
        /// The reason, without the URL.
        source: reqwest::Error,
    },
    /// No whole answer in time.
    #[error("the node gave no whole answer within {} s", limit.as_secs_f32())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// A status that is no success; redirects are not followed.
    #[error("the node answered HTTP status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// An answer that is longer than any true one.
    #[error("the node's answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// An answer that is not the object that was asked for.
    #[error("the node's answer is malformed")]
    Malformed {
        /// The reason.
        source: serde_json::Error,
    },
    /// An answer that is not true, or not of this chain.
    #[error("the node's answer is refused")]
    Refused {
        /// The reason.
        source: BeaconError,
    },
    /// Fewer updates than there must be, or more than were asked for.
    #[error("the node answered {got} updates from period {period} on, expected {expected}")]
    UpdateCount {
        /// The first period.
        period: u64,
        /// How many there were.
        got: usize,
        /// How many were asked for.
        expected: u64,
    },
    /// An update that names no committee, where it must.
    #[error("the node's update of period {period} names no next sync committee")]
    NoNextSyncCommittee {
        /// The period.
        period: u64,
    },
    /// Another node has a newer finalized block.
    #[error("the node is stale: its newest finalized slot is {got}, another node's {newest}")]
    Stale {
        /// What it has.
        got: u64,
        /// What another has.
        newest: u64,
    },
    /// The head of the domain cannot be rebuilt from this answer.
    #[error("the node's bootstrap gives the state {got}, the domain's head is {expected}")]
    OtherState {
        /// What it gives.
        got: HeadState,
        /// The head.
        expected: HeadState,
    },
}

/// Why a file describes no network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// Neither TOML nor JSON of a network.
    #[error("not a network: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// A field that nodes must answer.
    #[error("the node does not say `{name}`")]
    MissingField {
        /// The field.
        name: String,
    },
    /// A fork that the light client does not know.
    #[error("`{name}` is no fork that the light client knows")]
    UnknownFork {
        /// Its name.
        name: String,
    },
    /// A slot takes time.
    #[error("a slot takes at least one second")]
    SecondsPerSlot,
    /// Sizes or forks that no chain has.
    #[error("no chain has this configuration")]
    Config(#[source] ConfigError),
}

/// Why a step was not appended.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// An operator without beacon nodes.
    #[error("no beacon node is named")]
    NoNodes,
    /// A URL that is none, or neither http nor https.
    #[error("beacon node {number} has no http or https URL")]
    InvalidUrl {
        /// Its place in the list, from 1.
        number: usize,
    },
    /// The HTTP client does not start.
    #[error("the HTTP client does not start")]
    HttpClient {
        /// The reason.
        source: reqwest::Error,
    },
    /// A step of less than two periods may not advance.
    #[error("a step takes at least 2 periods, not {got}")]
    PeriodsPerStep {
        /// What was asked for.
        got: u64,
    },
    /// No beacon node gave an answer that holds.
    #[error("no beacon node gave an answer that holds: {reasons}")]
    NodesFailed {
        /// Each node with its reason.
        reasons: String,
    },
    /// A node does not describe its network.
    #[error("the beacon node does not describe its network")]
    Network {
        /// What is missing.
        source: NetworkError,
    },
    /// The head was made by a light client of another kind.
    #[error(
        "the domain's head {state} is in no record, and its block does not say of which beacon block it is"
    )]
    UnknownHead {
        /// The head.
        state: HeadState,
    },
    /// The service does not do what it was asked.
    #[error("{action} at the service failed")]
    Service {
        /// What was asked.
        action: &'static str,
        /// The reason.
        source: ClientError,
    },
    /// The domain has no block, and nobody said where trust begins.
    #[error(
        "domain `{domain}` has no block yet: name the block root that you trust as the checkpoint"
    )]
    NoCheckpoint {
        /// The domain.
        domain: String,
    },
    /// The newest block was appended without a light client.
    #[error("the newest block {number} of domain `{domain}` was appended without a light client")]
    NotALightClientDomain {
        /// The domain.
        domain: String,
        /// The block.
        number: u64,
    },
    /// The step does not hold. It was built of verified updates, so this is a fault of this program.
    #[error("the step does not hold")]
    Step {
        /// The reason.
        source: BeaconError,
    },
    /// The zkVM gave no result.
    #[error("{action} failed")]
    Zkvm {
        /// What was asked.
        action: &'static str,
        /// The reason.
        source: ZkvmError,
    },
    /// The circuit computes something else than the host: they are not of one version.
    #[error("{what} publishes other values than the host computes: is the ELF of this version?")]
    OtherPublicValues {
        /// The run or the proof.
        what: &'static str,
    },
    /// A proof of another kind than was asked for.
    #[error("the prover made a {got} proof, compressed was asked for")]
    OtherProofKind {
        /// The kind.
        got: ProofKind,
    },
    /// Work on a thread of its own ended badly.
    #[error("verifying on a thread of its own ended badly")]
    Thread {
        /// The reason.
        source: tokio::task::JoinError,
    },
    /// It was told to stop.
    #[error("stopped")]
    Cancelled,
}

impl OperatorError {
    /// Whether trying again is of no use before somebody changes something.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Service { source, .. } => source.is_users_fault(),
            Self::Zkvm { source, .. } => !source.is_transient(),
            Self::NodesFailed { .. } => false,
            _ => true,
        }
    }
}
