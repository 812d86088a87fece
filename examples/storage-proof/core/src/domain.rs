//! The domains that circuits here know: their ids, and what their payloads say of a block's time.

use valence_coprocessor_circuit_sdk::DomainId;
use valence_coprocessor_ethereum_state_proof::{BlockPayload, HeaderError, TrustedPayload};

/// A domain whose state proofs a circuit takes.
#[derive(Clone, Copy, Debug)]
pub struct Domain {
    /// The id, a constant because guests hold no BLAKE3; a test checks it.
    pub id: DomainId,
    /// Reads the time of a block from its payload, in seconds since 1970.
    pub timestamp: fn(&[u8]) -> Result<u64, HeaderError>,
}

/// `ethereum-trusted`: blocks that somebody vouches for, and nobody proves.
pub const TRUSTED: Domain = Domain {
    id: DomainId::from_bytes([
        0x67, 0xb3, 0xde, 0x7f, 0x12, 0xc4, 0xe7, 0x4c, 0xe5, 0x05, 0x62, 0xf6, 0x52, 0x66, 0xc5,
        0x96, 0x76, 0x21, 0x91, 0x2b, 0x70, 0xe9, 0x6f, 0xc7, 0x8f, 0x42, 0x01, 0x49, 0x64, 0x0f,
        0x0a, 0xb2,
    ]),
    timestamp: |payload| Ok(TrustedPayload::decode(payload)?.timestamp),
};

/// `ethereum-devnet`: the demo's chain, followed by the light client.
pub const DEVNET: Domain = Domain {
    id: DomainId::from_bytes([
        0xb7, 0x8d, 0x7c, 0xa7, 0x9a, 0xfb, 0x18, 0xe2, 0xaf, 0x2e, 0x36, 0x29, 0xac, 0x6c, 0x92,
        0xd9, 0x34, 0x31, 0x13, 0x05, 0x2f, 0x90, 0x9c, 0xc2, 0xb6, 0x52, 0xee, 0x4d, 0xda, 0x3c,
        0x7a, 0x63,
    ]),
    timestamp: |payload| Ok(BlockPayload::decode(payload)?.timestamp),
};
