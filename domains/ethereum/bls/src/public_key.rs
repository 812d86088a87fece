//! `PublicKey`: a public key as it stands in a sync committee.

/// A compressed point of G1: 48 bytes, the x coordinate big-endian, with three flags in the top bits of
/// the first byte (compressed, infinity, larger y). Not checked until it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::TransparentWrapper)]
#[repr(transparent)]
pub struct PublicKey(pub [u8; 48]);

impl PublicKey {
    /// Sees the bytes of a list of keys, as SSZ has it, as keys.
    pub fn slice(bytes: &[[u8; 48]]) -> &[Self] {
        bytemuck::TransparentWrapper::wrap_slice(bytes)
    }
}
