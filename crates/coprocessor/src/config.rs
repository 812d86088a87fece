//! What an engine is told when it is opened.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use valence_coprocessor_protocol::{DomainId, DomainName, HeadState};
use valence_coprocessor_wasm::NetworkRules;
use valence_coprocessor_zkvm::{Limits, ProofKind, VerifyingKeyHash};

use crate::callbacks::{Callbacks, NoCallbacks};
use crate::{Clock, ModuleHash};

/// A domain that the domain prover accepts, and everything about it that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectedDomain {
    /// The name.
    pub name: DomainName,
    /// The hash of the only controller that may be deployed under that name.
    pub controller: ModuleHash,
    /// The verifying key of its light client.
    pub verifying_key: VerifyingKeyHash,
    /// The light client's state at the trusted checkpoint.
    pub genesis: HeadState,
}

/// The domains whose blocks a service accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainSet(BTreeMap<DomainId, ElectedDomain>);

impl DomainSet {
    /// A set of these domains; of two with one name the later counts.
    pub fn new(domains: impl IntoIterator<Item = ElectedDomain>) -> Self {
        Self(
            domains
                .into_iter()
                .map(|domain| (DomainId::of(&domain.name), domain))
                .collect(),
        )
    }

    /// The elected domain with this id.
    pub fn get(&self, id: &DomainId) -> Option<&ElectedDomain> {
        self.0.get(id)
    }

    /// The domains in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &ElectedDomain> {
        self.0.values()
    }
}

/// Whose blocks the engine accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Blocks of every registered domain, trusted as their controllers give them: nothing is proven about them.
    Dev,
    /// Blocks of these domains only, each with a verified light-client proof.
    Elected(DomainSet),
}

impl Mode {
    /// The word that marks every answer which depends on the history.
    pub const fn trust(&self) -> Trust {
        match self {
            Self::Dev => Trust::Dev,
            Self::Elected(_) => Trust::Proven,
        }
    }
}

/// What stands behind a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Controllers that were believed: good for development only.
    Dev,
    /// Light-client proofs.
    Proven,
}

impl Trust {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Proven => "proven",
        }
    }
}

/// How much of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Bytes of a controller.
    pub controller_bytes: usize,
    /// Bytes of a circuit.
    pub circuit_bytes: usize,
    /// Bytes of one stored file, and of the raw storage.
    pub file_bytes: usize,
    /// Files of one controller.
    pub files: u64,
    /// Bytes of all files of one controller, names included.
    pub storage_bytes: u64,
    /// Witnesses of one request.
    pub witnesses: usize,
    /// Bytes of the encoded witnesses of one request.
    pub witness_bytes: usize,
    /// Updates in one answer about a range of the history.
    pub updates: usize,
    /// Jobs in one answer.
    pub jobs: usize,
    /// Jobs that have not ended.
    pub live_jobs: usize,
    /// Bytes of log that a job keeps.
    pub job_log_bytes: usize,
    /// Controllers that compute witnesses for jobs at the same time.
    pub witness_jobs: usize,
    /// Circuits that this machine executes at the same time before they are proven.
    pub executions: usize,
    /// How often a proof is tried when the prover dies or gives a wrong one.
    pub proof_attempts: u32,
    /// Circuits and domains whose compiled controllers are kept in memory.
    pub cached_controllers: usize,
    /// Bytes of circuits' ELFs that are kept in memory.
    pub cached_circuit_bytes: usize,
    /// What executing a circuit may cost.
    pub execution: Limits,
    /// What a proof may cost.
    pub proof: Limits,
    /// How long a job may take until it is proven, when its request names no deadline.
    pub deadline: Duration,
    /// The longest deadline that a request may name.
    pub longest_deadline: Duration,
    /// How callbacks are made.
    pub callback: CallbackLimits,
}

/// How often and how long a callback is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackLimits {
    /// Bytes of a URL.
    pub url_bytes: usize,
    /// Bytes of a proof that is sent along; a larger one is fetched.
    pub proof_bytes: usize,
    /// Jobs that only wait for their callback; while there are more, no request may name one.
    pub pending: usize,
    /// Attempts.
    pub attempts: u32,
    /// From the first attempt, after which none is begun.
    pub duration: Duration,
    /// The pause after the first attempt; each is three times the one before.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for CallbackLimits {
    fn default() -> Self {
        Self {
            url_bytes: 2_048,
            proof_bytes: 64 << 10,
            pending: 1_024,
            attempts: 16,
            duration: Duration::from_hours(24),
            first_pause: Duration::from_secs(5),
            longest_pause: Duration::from_hours(4),
        }
    }
}

impl Default for EngineLimits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            controller_bytes: 16 * MIB,
            circuit_bytes: 64 * MIB,
            file_bytes: 16 * MIB,
            files: 4_096,
            storage_bytes: 256 << 20,
            witnesses: 1_024,
            witness_bytes: 32 * MIB,
            updates: 256,
            jobs: 256,
            live_jobs: 256,
            job_log_bytes: 64 << 10,
            witness_jobs: 8,
            executions: 2,
            proof_attempts: 2,
            cached_controllers: 256,
            cached_circuit_bytes: 64 * MIB,
            execution: Limits {
                cycles: 2_000_000_000,
                duration: Duration::from_mins(10),
            },
            proof: Limits {
                cycles: 2_000_000_000,
                duration: Duration::from_hours(6),
            },
            deadline: Duration::from_hours(24),
            longest_deadline: Duration::from_hours(7 * 24),
            callback: CallbackLimits::default(),
        }
    }
}

/// How soon several engines on one store notice one another. All of them are told the same times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterTimes {
    /// How often an engine says that it lives, and looks for what others left.
    pub beat: Duration,
    /// How long an engine may say nothing before another takes over its jobs; many beats, so that a slow store or a
    /// busy machine does not make jobs change hands.
    pub dead_after: Duration,
    /// How often the store is asked about a job that another engine runs, while somebody watches it.
    pub poll: Duration,
}

impl Default for ClusterTimes {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(2),
            dead_after: Duration::from_secs(10),
            poll: Duration::from_millis(500),
        }
    }
}

/// What an engine is told when it is opened.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Whose blocks are accepted.
    pub mode: Mode,
    /// The kind of proof when a request names none.
    pub default_kind: ProofKind,
    /// How much of everything.
    pub limits: EngineLimits,
    /// How soon engines on one store notice one another.
    pub cluster: ClusterTimes,
    /// Where workers of callers may be.
    pub worker_network: NetworkRules,
    /// Where times come from.
    pub clock: Clock,
    /// What carries callbacks.
    pub callbacks: Arc<dyn Callbacks>,
    /// How long everything about a job is kept after it ended; for ever if none is named.
    pub keep_results: Option<Duration>,
    /// The pause between two rounds of forgetting.
    pub forget_pause: Duration,
}

impl EngineConfig {
    /// A configuration with the default kind (`compressed`), limits, times and clock, which makes no callbacks, and where
    /// workers of callers are at public addresses.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            default_kind: ProofKind::Compressed,
            limits: EngineLimits::default(),
            cluster: ClusterTimes::default(),
            worker_network: NetworkRules::default(),
            clock: Clock::system(),
            callbacks: Arc::new(NoCallbacks),
            keep_results: Some(Duration::from_hours(30 * 24)),
            forget_pause: Duration::from_hours(1),
        }
    }
}
