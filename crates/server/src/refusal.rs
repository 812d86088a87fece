//! Refusals: the only place where an error gets its status.
//!
//! A handler returns a [`Refusal`]; the envelope writes the error object around it, since it knows the request id.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use valence_coprocessor::{EngineError, ErrorKind};
use valence_coprocessor_api::{ErrorBody, ErrorCode};

/// Why a request is refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) retry_after: Option<u16>,
    pub(crate) log: Vec<String>,
    /// For the log of the service, never for the client.
    pub(crate) cause: Option<String>,
}

impl Refusal {
    /// A refusal with this code, whose status follows from the code.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status: status_of(code),
            code,
            message: message.into(),
            retry_after: retry_after(code),
            log: Vec::new(),
            cause: None,
        }
    }

    /// A value in path, query or header that cannot be read.
    pub(crate) fn parameter(name: &str, got: &str, reason: impl std::fmt::Display) -> Self {
        let got: String = got.chars().take(100).collect();
        Self::new(
            ErrorCode::InvalidParameter,
            format!("`{name}` is `{got}`: {reason}"),
        )
    }

    /// A fault of the service: the client learns no more than that it happened.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(
                ErrorCode::Internal,
                "a fault of the service; its log holds the cause under this request id",
            )
        }
    }

    /// The answer, once the request id is known.
    pub(crate) fn respond(self, request_id: String) -> Response {
        let body = ErrorBody {
            code: self.code,
            message: self.message,
            request_id,
            log: self.log,
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        if error.kind() == ErrorKind::Internal {
            return Self::internal(chain(&error));
        }
        let code = ErrorCode::parse(error.code()).unwrap_or(ErrorCode::Internal);
        Self {
            status: status_of_kind(error.kind(), code),
            code,
            message: error.to_string(),
            retry_after: retry_after(code),
            log: error.log().to_vec(),
            cause: None,
        }
    }
}

fn status_of_kind(kind: ErrorKind, code: ErrorCode) -> StatusCode {
    match kind {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        // Controller, circuit and quota are the client's choice: the request is understood and cannot be followed.
        ErrorKind::Limit | ErrorKind::Upstream => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unavailable if code == ErrorCode::QueueFull => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::UnknownRoute
        | ErrorCode::UnknownDomain
        | ErrorCode::UnknownRoot
        | ErrorCode::UnknownBlock
        | ErrorCode::UnknownJob
        | ErrorCode::JobForgotten
        | ErrorCode::UnknownCircuit => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::Overloaded | ErrorCode::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::InvalidSignature
        | ErrorCode::SignatureExpired
        | ErrorCode::SignatureReplayed
        | ErrorCode::SignatureRequired => StatusCode::UNAUTHORIZED,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn retry_after(code: ErrorCode) -> Option<u16> {
    match code {
        ErrorCode::Overloaded => Some(1),
        ErrorCode::QueueFull => Some(10),
        ErrorCode::ShuttingDown => Some(5),
        _ => None,
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
