//! The proofs of the handshake.

use core::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::HandshakeError;
use crate::Secret;

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The side that accepts connections.
    Worker,
    /// The side that opens them.
    Service,
}

impl Role {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Service => "service",
        }
    }
}

/// What both sides have seen of a connection.
#[derive(Clone)]
pub(super) struct Transcript {
    pub(super) service_nonce: [u8; 32],
    pub(super) worker_nonce: [u8; 32],
    /// The TLS exporter of this very connection.
    pub(super) channel: [u8; 32],
}

impl Transcript {
    /// Shows that `role` knows the secret.
    pub(super) fn prove(&self, secret: &Secret, role: Role) -> [u8; 32] {
        self.authenticate(secret, role)
            .finalize()
            .into_bytes()
            .into()
    }

    /// Checks the other side's proof, in constant time.
    pub(super) fn check(
        &self,
        secret: &Secret,
        role: Role,
        proof: &[u8; 32],
    ) -> Result<(), HandshakeError> {
        self.authenticate(secret, role)
            .verify_slice(proof)
            .map_err(|_| HandshakeError::WrongSecret { role: role.name() })
    }

    /// The parts after the role are of fixed length, and the roles' names begin differently.
    fn authenticate(&self, secret: &Secret, role: Role) -> Hmac<Sha256> {
        <Hmac<Sha256> as hmac::Mac>::new_from_slice(secret.bytes())
            .expect("HMAC takes keys of every length")
            .chain_update("valence-coprocessor/1/prover/")
            .chain_update(role.name())
            .chain_update(self.service_nonce)
            .chain_update(self.worker_nonce)
            .chain_update(self.channel)
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Transcript(…)")
    }
}
