//! What the engine refuses and why.
//!
//! [`EngineError::kind`] is what a server turns into a status, [`EngineError::code`] the stable word for programs,
//! `Display` the sentence for people. Internal errors show no more than that they happened; their `source` is logged.

use std::time::Duration;

use valence_coprocessor_protocol::{CircuitId, DomainId, DomainName, HeadState, Root};
use valence_coprocessor_store::StoreError;
use valence_coprocessor_wasm::{CallFailure, Export};
use valence_coprocessor_zkvm::ZkvmError;

use crate::{JobId, JobState, Trust};

/// The class of an error, independent of any transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// What was named does not exist.
    NotFound,
    /// The request contradicts what is there.
    Conflict,
    /// The caller may not do this.
    Forbidden,
    /// The request itself is wrong.
    InvalidInput,
    /// Something in the request is larger than allowed.
    TooLarge,
    /// A limit or quota was reached while working on the request.
    Limit,
    /// Code or a node of the caller's choice failed: a controller, a circuit, an RPC.
    Upstream,
    /// The service cannot do it now, or this installation cannot do it at all.
    Unavailable,
    /// A fault of the service.
    Internal,
}

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No circuit has this id.
    #[error("no circuit {0} is deployed here")]
    UnknownCircuit(CircuitId),
    /// No domain has this name.
    #[error("no domain `{0}` is deployed here")]
    UnknownDomain(String),
    /// The root was never the co-processor root.
    #[error("{0} was never a root of this co-processor")]
    UnknownRoot(Root),
    /// The history under a root has no such block.
    #[error("domain {domain} has no block {number} under root {root}; {}", nearest(*below, *above))]
    UnknownBlock {
        /// The domain that was asked for.
        domain: DomainId,
        /// The number that was asked for.
        number: u64,
        /// The root under which it was looked for.
        root: Root,
        /// The nearest present block with a smaller number.
        below: Option<u64>,
        /// The nearest present block with a larger number.
        above: Option<u64>,
    },
    /// The history holds no block of this domain.
    #[error("domain {domain} has no block under root {root}")]
    NoBlocks {
        /// The domain that was asked for.
        domain: DomainId,
        /// The root under which it was looked for.
        root: Root,
    },
    /// No job has this id.
    #[error("there is no job {0}")]
    UnknownJob(JobId),
    /// The key has no such prover.
    #[error("the key that signed has no prover `{0}`")]
    UnknownProver(String),
    /// The job ended long ago, and nothing about it is kept.
    #[error("job {0} is not known any more; results are kept for a limited time")]
    JobForgotten(JobId),

    /// The domain has a block with this number.
    #[error("domain `{domain}` has a block {number} already; a number is appended once")]
    BlockExists {
        /// The domain.
        domain: DomainName,
        /// The number.
        number: u64,
    },
    /// The number is not larger than the newest one.
    #[error("block {number} is not newer than block {newest}, the newest of domain `{domain}`")]
    BlockNotNewer {
        /// The domain.
        domain: DomainName,
        /// The number that was to be appended.
        number: u64,
        /// The newest number.
        newest: u64,
    },
    /// Somebody else changed the same thing at the same time.
    #[error("{what} was changed by another request at the same time; try again")]
    Concurrent {
        /// What was changed.
        what: &'static str,
    },
    /// The job ended, or is being delivered, and cannot be cancelled.
    #[error("job {id} is {state} and can no longer be cancelled")]
    JobNotCancellable {
        /// The job.
        id: JobId,
        /// Its state.
        state: JobState,
    },
    /// The job has no proof, because it has not ended or not ended well.
    #[error("job {id} is {state}: it has no proof")]
    NoProof {
        /// The job.
        id: JobId,
        /// Its state.
        state: JobState,
    },

    /// What is to be changed is somebody else's.
    #[error("{what} belongs to another key; {hint}")]
    NotOwner {
        /// What it is.
        what: String,
        /// What the caller can do instead.
        hint: &'static str,
    },
    /// The prover is where the provers of callers may not be.
    #[error("the prover is refused: {reason}")]
    ProverNotAllowed {
        /// What is wrong with its address.
        reason: String,
    },
    /// The service has a domain set, and the domain is not in it.
    #[error("domain `{0}` is not in the domain set of this service, so its blocks are refused")]
    DomainNotElected(DomainName),
    /// The domain is elected, and the block came without a light-client proof.
    #[error("domain `{0}` is elected: a block needs a verified light-client proof")]
    LightClientProofRequired(DomainName),
    /// The domain has no light client, so a step of one is no evidence.
    #[error("domain `{0}` was deployed without a light client; deploy it with its circuit")]
    NoLightClient(DomainName),
    /// The light client does not accept the step.
    #[error("the light client does not accept the block: {reason}")]
    InvalidStep {
        /// What is wrong with it.
        reason: String,
    },
    /// The step says something else about the block than the domain's controller or the payload.
    #[error("the {what} of the block is not that of the light client's step")]
    StepDiffers {
        /// What differs.
        what: &'static str,
    },
    /// The step goes on from another state than the domain's head.
    #[error("the step starts from state {got}, and domain `{domain}` is at {expected}")]
    StepNotNext {
        /// The domain.
        domain: DomainName,
        /// The state that the step starts from.
        got: HeadState,
        /// The head of the domain, or its genesis.
        expected: HeadState,
    },
    /// The block was appended without a proof.
    #[error("block {number} of domain `{domain}` was appended without a light-client proof")]
    NoStepProof {
        /// The domain.
        domain: DomainName,
        /// The block.
        number: u64,
    },
    /// The domain set pins another controller or circuit.
    #[error(
        "the domain set of this service pins the {what} of domain `{domain}`, and this is another one"
    )]
    DomainPinned {
        /// The domain.
        domain: DomainName,
        /// What is pinned.
        what: &'static str,
    },

    /// The bytes are no controller.
    #[error("the controller is refused: {reason}")]
    InvalidController {
        /// What is wrong with them.
        reason: String,
    },
    /// The bytes are no circuit.
    #[error("the circuit is refused: {reason}")]
    InvalidCircuit {
        /// What is wrong with them.
        reason: String,
    },
    /// The name of a stored file is not one that is accepted.
    #[error("the path is refused: {reason}")]
    InvalidPath {
        /// What is wrong with it.
        reason: String,
    },
    /// The arguments are not what is expected.
    #[error("the arguments are refused: {reason}")]
    InvalidArguments {
        /// What is wrong with them.
        reason: String,
    },
    /// The arguments hold a field that only the service may set.
    #[error(
        "the top-level field `{0}` is set by the service alone, so that a controller can tell its deliveries"
    )]
    ReservedField(&'static str),
    /// The callback URL is one that is never called.
    #[error("the callback URL is refused: {reason}")]
    InvalidCallback {
        /// What is wrong with it.
        reason: String,
    },
    /// The deadline is too short or too long.
    #[error("a deadline of {} s is refused; it lies between 1 and {} s", got.as_secs(), longest.as_secs())]
    InvalidDeadline {
        /// The deadline.
        got: Duration,
        /// The longest that is accepted.
        longest: Duration,
    },
    /// The range of updates is empty or runs backwards.
    #[error("root {from} does not come before root {to}")]
    InvalidRange {
        /// The exclusive start.
        from: Root,
        /// The inclusive end.
        to: Root,
    },

    /// Something is larger than allowed.
    #[error("{what} has {size} bytes; at most {limit} are allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// A controller's storage is full.
    #[error("the storage of {controller} is full: {what} would be {wanted}, the quota is {quota}")]
    Quota {
        /// The id of the controller.
        controller: String,
        /// What is counted.
        what: &'static str,
        /// What it would become.
        wanted: u64,
        /// The quota.
        quota: u64,
    },

    /// A controller hit a limit, trapped, panicked, or answered what cannot be used.
    #[error("{0}")]
    Controller(#[source] Box<CallFailure>),
    /// A controller answered JSON that is not what the export must return.
    #[error("`{export}` of the controller returned something else than expected: {reason}")]
    ControllerAnswer {
        /// The export.
        export: Export,
        /// What is wrong with it.
        reason: String,
        /// What it had logged until then.
        log: Vec<String>,
    },
    /// A circuit's run failed.
    #[error("{0}")]
    CircuitFailed(#[source] ZkvmError),

    /// Too many jobs are waiting.
    #[error("{waiting} jobs are waiting, which is all that this service takes; try again later")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// Too many callbacks are outstanding.
    #[error(
        "{pending} callbacks are outstanding, which is all that this service takes; ask without `callback_url`, or later"
    )]
    TooManyCallbacks {
        /// How many are outstanding.
        pending: usize,
    },
    /// The service makes no callbacks.
    #[error("this service makes no callbacks; ask without `callback_url`, and follow the job")]
    CallbacksDisabled,
    /// The service is shutting down.
    #[error("the service is shutting down; try again later")]
    ShuttingDown,
    /// The zkVM cannot do it.
    #[error("{error}{}", hint(error))]
    ZkvmUnavailable {
        /// What it says.
        #[source]
        error: ZkvmError,
    },
    /// Work took longer than allowed.
    #[error("{what} took longer than {} s", limit.as_secs())]
    Timeout {
        /// What took long.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },

    /// The history of the store was taken in the other mode.
    #[error(
        "the blocks of this store were {}; use another data directory, or the mode that they were taken in",
        match configured {
            Trust::Proven => "taken without proof (--dev), and cannot be served as proven",
            Trust::Dev => "proven, and a development service would add unproven ones",
        }
    )]
    OtherTrust {
        /// What this service would say of them.
        configured: Trust,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// The store holds what the engine never writes.
    #[error("the store holds an unreadable {what}")]
    Corrupt {
        /// What cannot be read.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// A task of the engine ended without an answer.
    #[error("an internal task failed")]
    Task(#[source] tokio::task::JoinError),
}

fn nearest(below: Option<u64>, above: Option<u64>) -> String {
    match (below, above) {
        (Some(below), Some(above)) => format!("the nearest present blocks are {below} and {above}"),
        (Some(one), None) | (None, Some(one)) => format!("the nearest present block is {one}"),
        (None, None) => "it has no blocks at all".to_owned(),
    }
}

fn hint(error: &ZkvmError) -> String {
    error
        .hint()
        .map(|hint| format!("; {hint}"))
        .unwrap_or_default()
}

impl EngineError {
    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownCircuit(_)
            | Self::UnknownDomain(_)
            | Self::UnknownRoot(_)
            | Self::UnknownBlock { .. }
            | Self::NoBlocks { .. }
            | Self::UnknownJob(_)
            | Self::UnknownProver(_)
            | Self::JobForgotten(_)
            | Self::NoStepProof { .. } => ErrorKind::NotFound,
            Self::BlockExists { .. }
            | Self::BlockNotNewer { .. }
            | Self::Concurrent { .. }
            | Self::JobNotCancellable { .. }
            | Self::NoProof { .. }
            | Self::StepNotNext { .. } => ErrorKind::Conflict,
            Self::NotOwner { .. }
            | Self::ProverNotAllowed { .. }
            | Self::DomainNotElected(_)
            | Self::LightClientProofRequired(_)
            | Self::DomainPinned { .. } => ErrorKind::Forbidden,
            Self::InvalidController { .. }
            | Self::InvalidCircuit { .. }
            | Self::InvalidPath { .. }
            | Self::InvalidArguments { .. }
            | Self::InvalidCallback { .. }
            | Self::InvalidDeadline { .. }
            | Self::ReservedField(_)
            | Self::NoLightClient(_)
            | Self::InvalidStep { .. }
            | Self::StepDiffers { .. }
            | Self::InvalidRange { .. } => ErrorKind::InvalidInput,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Quota { .. } => ErrorKind::Limit,
            Self::Controller(failure) if failure.error.is_limit() => ErrorKind::Limit,
            Self::Controller(_) | Self::ControllerAnswer { .. } | Self::CircuitFailed(_) => {
                ErrorKind::Upstream
            }
            Self::QueueFull { .. }
            | Self::TooManyCallbacks { .. }
            | Self::CallbacksDisabled
            | Self::ShuttingDown
            | Self::ZkvmUnavailable { .. }
            | Self::Timeout { .. } => ErrorKind::Unavailable,
            Self::OtherTrust { .. }
            | Self::Store(_)
            | Self::Corrupt { .. }
            | Self::NoRandomness
            | Self::Task(_) => ErrorKind::Internal,
        }
    }

    /// The stable word for the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCircuit(_) => "unknown_circuit",
            Self::UnknownDomain(_) => "unknown_domain",
            Self::UnknownRoot(_) => "unknown_root",
            Self::UnknownBlock { .. } | Self::NoBlocks { .. } => "unknown_block",
            Self::UnknownJob(_) => "unknown_job",
            Self::UnknownProver(_) => "unknown_prover",
            Self::JobForgotten(_) => "job_forgotten",
            Self::BlockExists { .. } => "block_exists",
            Self::BlockNotNewer { .. } => "block_not_newer",
            Self::Concurrent { .. } => "concurrent_change",
            Self::JobNotCancellable { .. } => "job_not_cancellable",
            Self::NoProof { .. } => "no_proof",
            Self::NotOwner { .. } => "not_owner",
            Self::ProverNotAllowed { .. } => "prover_not_allowed",
            Self::DomainNotElected(_) => "domain_not_elected",
            Self::LightClientProofRequired(_) => "light_client_proof_required",
            Self::DomainPinned { .. } => "domain_pinned",
            Self::NoLightClient(_) => "no_light_client",
            Self::InvalidStep { .. } => "invalid_step",
            Self::StepDiffers { .. } => "step_differs",
            Self::StepNotNext { .. } => "step_not_next",
            Self::NoStepProof { .. } => "no_step_proof",
            Self::InvalidController { .. } => "invalid_controller",
            Self::InvalidCircuit { .. } => "invalid_circuit",
            Self::InvalidPath { .. } => "invalid_path",
            Self::InvalidArguments { .. } => "invalid_arguments",
            Self::InvalidCallback { .. } => "invalid_callback",
            Self::InvalidDeadline { .. } => "invalid_deadline",
            Self::ReservedField(_) => "reserved_field",
            Self::InvalidRange { .. } => "invalid_range",
            Self::TooLarge { .. } => "too_large",
            Self::Quota { .. } => "quota_exceeded",
            Self::Controller(failure) => failure.error.code(),
            Self::ControllerAnswer { .. } => "controller_invalid_return",
            Self::CircuitFailed(_) => "circuit_failed",
            Self::QueueFull { .. } | Self::TooManyCallbacks { .. } => "queue_full",
            Self::CallbacksDisabled => "callbacks_disabled",
            Self::ShuttingDown => "shutting_down",
            Self::ZkvmUnavailable { .. } => "zkvm_unavailable",
            Self::Timeout { .. } => "timeout",
            Self::OtherTrust { .. }
            | Self::Store(_)
            | Self::Corrupt { .. }
            | Self::NoRandomness
            | Self::Task(_) => "internal",
        }
    }

    /// What a controller had logged before it failed; empty for every other error.
    pub fn log(&self) -> &[String] {
        match self {
            Self::Controller(failure) => &failure.log,
            Self::ControllerAnswer { log, .. } => log,
            _ => &[],
        }
    }

    /// A record of the store that cannot be read.
    pub(crate) fn corrupt(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            what,
            source: source.into(),
        }
    }

    /// What a zkVM said about bytes that somebody uploaded.
    pub(crate) fn of_upload(error: ZkvmError) -> Self {
        match error {
            ZkvmError::InvalidElf { reason } => Self::InvalidCircuit { reason },
            error => Self::ZkvmUnavailable { error },
        }
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Concurrent { what: "the record" },
            other => Self::Store(other),
        }
    }
}

/// An error with everything that led to it, for logs.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        // Some errors show their source in their own text.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = error.source();
    }
    text
}
