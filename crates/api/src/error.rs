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
    /// The body is larger than the service takes.
    BodyTooLarge = "body_too_large",
    /// The request did not arrive, or was not answered, in time.
    RequestTimeout = "request_timeout",
    /// No such route.
    RouteNotFound = "route_not_found",
    /// The route exists, the method does not.
    MethodNotAllowed = "method_not_allowed",
    /// Too many requests at once; try again after `Retry-After`.
    Overloaded = "overloaded",
    /// The job queue is full; try again after `Retry-After`.
    QueueFull = "queue_full",
    /// The service is shutting down.
    ShuttingDown = "shutting_down",
    /// The signature headers are incomplete, malformed, or do not verify.
    InvalidSignature = "invalid_signature",
    /// The signed request is past its expiry, or expires too far ahead.
    SignatureExpired = "signature_expired",
    /// A request with this uuid was already taken from this key.
    SignatureReplayed = "signature_replayed",
    /// The request needs a signature.
    SignatureRequired = "signature_required",
    /// The thing belongs to another key.
    NotOwner = "not_owner",
    /// The WebAssembly module is not one, or breaks the rules of a controller.
    InvalidController = "invalid_controller",
    /// The ELF is not one that the zkVM runs.
    InvalidCircuit = "invalid_circuit",
    /// The domain name is not of `[a-z0-9-]{1,64}`.
    InvalidDomainName = "invalid_domain_name",
    /// No circuit with this id.
    CircuitNotFound = "circuit_not_found",
    /// No domain with this name or id.
    DomainNotFound = "domain_not_found",
    /// A domain with this name exists with another controller or circuit.
    DomainExists = "domain_exists",
    /// The domain is not in the domain set of this service.
    DomainNotElected = "domain_not_elected",
    /// The light-client proof of the block does not verify, or does not extend the head.
    InvalidBlockProof = "invalid_block_proof",
    /// The block is not in the history; the message names the nearest.
    BlockNotFound = "block_not_found",
    /// The number is already in the history.
    BlockExists = "block_exists",
    /// The number is below the newest of its domain.
    BlockNotNewer = "block_not_newer",
    /// No such root in the history.
    RootNotFound = "root_not_found",
    /// No such job.
    JobNotFound = "job_not_found",
    /// The job has already ended.
    JobEnded = "job_ended",
    /// A path in storage cannot be used.
    InvalidPath = "invalid_path",
    /// Storage of the circuit is full.
    QuotaExceeded = "quota_exceeded",
    /// The controller trapped, panicked or answered what it must not.
    ControllerFailed = "controller_failed",
    /// The controller went over a limit: fuel, time, memory, output, log, depth.
    ControllerLimit = "controller_limit",
    /// The circuit panicked or went over a limit.
    CircuitFailed = "circuit_failed",
    /// A node or another service that the request needs cannot be reached.
    Upstream = "upstream",
    /// The service cannot do this as it is set up; the message says what is missing.
    Unavailable = "unavailable",
    /// The service does not do this.
    NotSupported = "not_supported",
    /// A fault of the service; the log holds it under the request id.
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
