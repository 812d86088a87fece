//! How a service and a worker authenticate each other before a byte of HTTP/2.
//!
//! The worker makes a key and a certificate for itself at each start; nobody vouches for it. After TLS 1.3 (application
//! protocol `valence-prover/1`), on the TLS stream:
//!
//! ```text
//! service → worker   "VALPRV" 0x00 0x01 ‖ nonce of the service (32)
//! worker  → service  "VALPRV" 0x00 0x01 ‖ nonce of the worker (32) ‖ proof of the worker (32)
//! service → worker   proof of the service (32), then HTTP/2
//!
//! proof of ROLE = HMAC-SHA-256( secret, "valence-coprocessor/1/prover/ROLE" ‖ nonce of the service ‖ nonce of the worker ‖ channel )
//! channel       = the TLS exporter for "EXPORTER-Channel-Binding" with empty context, 32 bytes (RFC 9266)
//! ```
//!
//! `ROLE` is `worker` or `service`, so no proof is its own answer. `channel` differs on every connection and on the two
//! connections of somebody in the middle, so no proof is of use anywhere else: neither replayed nor relayed.

mod error;
mod exchange;
mod proof;
#[cfg(test)]
mod tests;
mod tls;

pub use error::HandshakeError;
pub(crate) use exchange::{as_service, as_worker};
pub(crate) use tls::{Identity, Trust};
