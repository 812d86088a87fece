//! Why two sides did not come together.

use core::time::Duration;
use std::io;

use tokio_rustls::rustls;

/// Why two sides did not come together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The other side was silent or slow.
    #[error("the handshake took longer than {} s", limit.as_secs_f32())]
    Timeout {
        /// What it may take.
        limit: Duration,
    },
    /// TLS failed.
    #[error("TLS with the other side failed")]
    Tls(#[source] io::Error),
    /// TLS gave no channel binding.
    #[error("TLS gave no channel binding")]
    Channel(#[source] rustls::Error),
    /// There was no randomness.
    #[error("the system gave no random bytes")]
    Random,
    /// The other side speaks TLS, but not for this.
    #[error("the other side speaks another protocol than a worker's")]
    OtherProtocol,
    /// The other side closed the connection.
    #[error("the other side closed the connection during the handshake")]
    Closed(#[source] io::Error),
    /// The other side does not know the secret, or somebody stands between.
    #[error("the {role} does not know the secret, or somebody stands between")]
    WrongSecret {
        /// Who was to prove it.
        role: &'static str,
    },
}
