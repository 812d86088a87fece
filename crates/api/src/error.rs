//! The error object of every refused request, and its codes.
//!
//! A code is for programs and never changes its meaning; the message is for people and says what to do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a refused request answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong and what to do, for people.
    pub message: String,
    /// Finds the request in the log of the service.
    pub request_id: String,
    /// What a controller had logged before it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// Why a request was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $variant,)+
            /// A code that this version of the crate does not know.
            #[serde(other)]
            Unknown,
        }

        impl ErrorCode {
            /// Every code that a service may send.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown => "unknown",
                }
            }

            /// The code with this text, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

error_codes! {
    /// The body is not the JSON that the route expects.
    InvalidBody = "invalid_body",
    /// A path, query or header value cannot be read.
    InvalidParameter = "invalid_parameter",
    /// The body is not sent as `application/json`.
    UnsupportedMediaType = "unsupported_media_type",
    /// The body, or something in it, is larger than allowed.
    TooLarge = "too_large",
    /// The request did not arrive in time.
    RequestTimeout = "request_timeout",
    /// No such route.
    UnknownRoute = "unknown_route",
    /// The route exists, the method does not.
    MethodNotAllowed = "method_not_allowed",
    /// Too many requests at once; try again after `Retry-After`.
    Overloaded = "overloaded",
    /// The signature headers are incomplete, malformed, or do not verify.
    InvalidSignature = "invalid_signature",
    /// The signed request is past its expiry, or expires too far ahead.
    SignatureExpired = "signature_expired",
    /// A request with this uuid was already taken from this key.
    SignatureReplayed = "signature_replayed",
    /// The request needs a signature.
    SignatureRequired = "signature_required",
    /// No circuit with this id.
    UnknownCircuit = "unknown_circuit",
    /// No domain with this name or id.
    UnknownDomain = "unknown_domain",
    /// This was never a root of the history.
    UnknownRoot = "unknown_root",
    /// The block is not in the history; the message names the nearest.
    UnknownBlock = "unknown_block",
    /// No job with this id.
    UnknownJob = "unknown_job",
    /// The key that signed has no such prover.
    UnknownProver = "unknown_prover",
    /// The prover is where the provers of callers may not be.
    ProverNotAllowed = "prover_not_allowed",
    /// The job ended long ago, and its results are no longer kept.
    JobForgotten = "job_forgotten",
    /// The number is already in the history.
    BlockExists = "block_exists",
    /// The number is below the newest of its domain.
    BlockNotNewer = "block_not_newer",
    /// Another request changed the same thing at the same time; try again.
    ConcurrentChange = "concurrent_change",
    /// The job has ended, or is about to.
    JobNotCancellable = "job_not_cancellable",
    /// The job has no proof.
    NoProof = "no_proof",
    /// The thing belongs to another key.
    NotOwner = "not_owner",
    /// The domain is not in the domain set of this service.
    DomainNotElected = "domain_not_elected",
    /// Blocks of this domain need a light-client proof.
    LightClientProofRequired = "light_client_proof_required",
    /// The domain set pins another controller or circuit for this domain.
    DomainPinned = "domain_pinned",
    /// The domain was deployed without a light client.
    NoLightClient = "no_light_client",
    /// The domain's light client does not accept the block.
    InvalidStep = "invalid_step",
    /// The light client's step is about another block.
    StepDiffers = "step_differs",
    /// The light client's step does not start from the domain's head.
    StepNotNext = "step_not_next",
    /// The block was appended without a light-client proof.
    NoStepProof = "no_step_proof",
    /// The WebAssembly module is not one, or breaks the rules of a controller.
    InvalidController = "invalid_controller",
    /// The ELF is not one that the zkVM runs.
    InvalidCircuit = "invalid_circuit",
    /// A path in storage cannot be used.
    InvalidPath = "invalid_path",
    /// The arguments are not what is expected.
    InvalidArguments = "invalid_arguments",
    /// The arguments hold a field that the service alone sets.
    ReservedField = "reserved_field",
    /// The callback URL is one that the service never calls.
    InvalidCallback = "invalid_callback",
    /// The deadline is too short or too long.
    InvalidDeadline = "invalid_deadline",
    /// The service makes no callbacks.
    CallbacksDisabled = "callbacks_disabled",
    /// The range is empty or runs backwards.
    InvalidRange = "invalid_range",
    /// A quota of the circuit is used up.
    QuotaExceeded = "quota_exceeded",
    /// The controller used up its fuel.
    ControllerFuel = "controller_fuel",
    /// The controller took too long.
    ControllerDeadline = "controller_deadline",
    /// The controller used too much memory.
    ControllerMemory = "controller_memory",
    /// The controller's tables grew too large.
    ControllerTable = "controller_table",
    /// The controller returned too much.
    ControllerOutput = "controller_output",
    /// The controller logged too much.
    ControllerLog = "controller_log",
    /// The controller's stack overflowed.
    ControllerStack = "controller_stack",
    /// The controller called the host too often.
    ControllerHostCalls = "controller_host_calls",
    /// The controller used the network too often.
    ControllerNetworkCalls = "controller_network_calls",
    /// Calls of controllers nest too deep.
    ControllerDepth = "controller_depth",
    /// The controller trapped.
    ControllerTrap = "controller_trap",
    /// The controller panicked.
    ControllerPanic = "controller_panic",
    /// The controller lacks the export.
    ControllerMissingExport = "controller_missing_export",
    /// The controller returned what it must not.
    ControllerInvalidReturn = "controller_invalid_return",
    /// The arguments are too large for a controller.
    ControllerArguments = "controller_arguments",
    /// The controller could not be started.
    ControllerStart = "controller_start",
    /// The circuit panicked or went over a limit.
    CircuitFailed = "circuit_failed",
    /// The job queue is full; try again after `Retry-After`.
    QueueFull = "queue_full",
    /// The service is shutting down.
    ShuttingDown = "shutting_down",
    /// The prover cannot do this as the service is set up; the message says what is missing.
    ZkvmUnavailable = "zkvm_unavailable",
    /// Work took longer than allowed.
    Timeout = "timeout",
    /// A fault of the service; its log holds it under the request id.
    Internal = "internal",
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::fmt::Display for ErrorBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}: {} (request {})",
            self.code, self.message, self.request_id
        )
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn the_text_is_what_serde_writes_and_strange_codes_are_read() -> Result<(), serde_json::Error> {
        for &code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code)?, code.as_str());
            assert_eq!(ErrorCode::parse(code.as_str()), Some(code));
        }
        let code: ErrorCode = serde_json::from_str("\"of_tomorrow\"")?;
        assert_eq!(code, ErrorCode::Unknown);
        Ok(())
    }
}
