//! What this program can fail with: whose fault, why, and what to do about it.

use std::{error::Error, fmt};

use valence_coprocessor_api::ErrorCode;
use valence_coprocessor_client::ClientError;

/// Exit code for a request that cannot be met as it was put.
const USERS_FAULT: u8 = 1;
/// Exit code for what failed on the way.
const FAILURE: u8 = 2;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct CliError {
    exit_code: u8,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CliError {
    /// The request cannot be met as it was put.
    pub(crate) fn user(message: impl Into<String>) -> Self {
        Self {
            exit_code: USERS_FAULT,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// The same, because of another error.
    pub(crate) fn user_because(
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::user(message)
        }
    }

    /// Something failed on the way.
    pub(crate) fn failure(
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            exit_code: FAILURE,
            ..Self::user_because(message, source)
        }
    }

    /// Something failed, and there is no more to say.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self {
            exit_code: FAILURE,
            ..Self::user(message)
        }
    }

    /// Says what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The code to exit with.
    pub(crate) const fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// What to do, if there is something.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for CliError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        let hint = match &error {
            ClientError::Unreachable { address, .. } => Some(format!(
                "is the service running at {address}? start one with `cargo run -p valence-coprocessor-service`, or name another by --url"
            )),
            ClientError::InvalidAddress { .. } => {
                Some("give the address by --url or in valence.toml under [coprocessor]".to_owned())
            }
            ClientError::Refused { body, .. } => advice_for(body.code),
            _ => {
                Some("is this address a co-processor? `valence-coprocessor status` asks".to_owned())
            }
        };
        let exit_code = if error.is_users_fault() {
            USERS_FAULT
        } else {
            FAILURE
        };
        let mut message = error.to_string();
        if let ClientError::Refused { body, .. } = &error {
            message = format!("{message} [{}, request {}]", body.code, body.request_id);
        }
        let source = match error {
            ClientError::Unreachable { source, .. } => Some(source.into()),
            _ => None,
        };
        Self {
            exit_code,
            message,
            hint,
            source,
        }
    }
}

fn advice_for(code: ErrorCode) -> Option<String> {
    let text = match code {
        ErrorCode::UnknownCircuit => "deploy it first: `valence-coprocessor deploy`",
        ErrorCode::UnknownDomain => "`valence-coprocessor domains` lists those that there are",
        ErrorCode::UnknownJob => "`valence-coprocessor jobs` lists those that there are",
        ErrorCode::UnknownRoot => "`valence-coprocessor history` prints the newest root",
        ErrorCode::SignatureRequired | ErrorCode::NotOwner => {
            "sign with the key that owns it: --key FILE"
        }
        ErrorCode::SignatureExpired => "is the clock of this machine right?",
        ErrorCode::Overloaded | ErrorCode::QueueFull => "try again in a moment",
        _ => return None,
    };
    Some(text.to_owned())
}
