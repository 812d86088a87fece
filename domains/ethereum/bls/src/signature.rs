//! `Signature` and the `SigningRoot` that it signs.

/// A compressed point of G2: 96 bytes, the imaginary part of the x coordinate and then its real part, big-endian
/// each, with three flags in the top bits of the first byte. Not checked until it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub [u8; 96]);

/// What a sync committee signs: the root of `SigningData` (`compute_signing_root` of the consensus specs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningRoot(pub [u8; 32]);
