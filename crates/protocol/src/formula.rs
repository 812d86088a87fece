//! The published formulas of identifiers, over BLAKE3.
//!
//! They are kept from the published interfaces, so that an identifier that a user knows stays valid.
//! Circuits hold the results as constants and never compute them.

use crate::{CircuitId, DomainId, DomainName};

impl CircuitId {
    /// `BLAKE3(0x00 ‖ "controller" ‖ ELF ‖ nonce as u64 little-endian)`.
    pub fn of(elf: &[u8], nonce: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(&[0])
            .update(b"controller")
            .update(elf)
            .update(&nonce.to_le_bytes());
        Self::from_bytes(*hasher.finalize().as_bytes())
    }
}

impl DomainId {
    /// `BLAKE3(0x00 ‖ "domain" ‖ name)`.
    pub fn of(name: &DomainName) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(&[0])
            .update(b"domain")
            .update(name.as_str().as_bytes());
        Self::from_bytes(*hasher.finalize().as_bytes())
    }
}
