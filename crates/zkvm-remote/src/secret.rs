//! `Secret`: what a service and its workers share.

use core::fmt;
use std::sync::Arc;

/// A connection shows one proof to whoever asks, so the secret must not be guessable from it.
const SHORTEST: usize = 32;

/// What a service and its workers share. It is never sent and never shown.
#[derive(Clone)]
pub struct Secret(Arc<str>);

/// A text that is no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the secret of workers has {got} characters, expected at least {SHORTEST}: make one with `openssl rand -hex 32`"
)]
pub struct SecretError {
    /// Its characters.
    got: usize,
}

impl Secret {
    /// The text without white space around it, such as the last line break of a file.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        let got = text.chars().count();
        if got < SHORTEST {
            return Err(SecretError { got });
        }
        Ok(Self(text.into()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn short_ones_are_refused_and_none_is_shown() {
        let short = Secret::new(&"s".repeat(31)).expect_err("31 are too few");
        assert!(short.to_string().contains("has 31 characters"), "{short}");
        assert!(Secret::new(&format!("{}\n", " ".repeat(32))).is_err());
        let secret = Secret::new(&format!("{}\n", "s".repeat(32))).expect("32 are enough");
        assert_eq!(secret.bytes().len(), 32);
        assert!(!format!("{secret:?}").contains("ss"));
    }
}
