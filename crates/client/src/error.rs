//! What can go wrong between a caller and the service.

use thiserror::Error;
use valence_coprocessor_api::{ErrorBody, ErrorCode};

/// Why a call has no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is not that of a service.
    #[error("`{address}` is not the address of a service, such as http://127.0.0.1:37281")]
    InvalidAddress {
        /// What was given.
        address: String,
    },
    /// No connection, or it broke.
    #[error("the service at {address} does not answer")]
    Unreachable {
        /// Its address.
        address: String,
        /// The reason.
        source: reqwest::Error,
    },
    /// The service refused the request and says why.
    #[error("{}", body.message)]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The reason.
        body: Box<ErrorBody>,
    },
    /// Something answered that is not the service, or not of this version.
    #[error("{address} answered status {status} with what is no answer of the service: {text}")]
    Unexpected {
        /// Its address.
        address: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the body, or what is wrong with it.
        text: String,
    },
}

impl ClientError {
    /// The code of a refusal; `None` where the service did not get to refuse.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { body, .. } => Some(body.code),
            _ => None,
        }
    }

    /// Whether the fault lies with the request, so that repeating it is of no use.
    pub const fn is_users_fault(&self) -> bool {
        match self {
            Self::InvalidAddress { .. } => true,
            Self::Refused { status, .. } => {
                *status >= 400 && *status < 500 && *status != 408 && *status != 429
            }
            Self::Unreachable { .. } | Self::Unexpected { .. } => false,
        }
    }
}
