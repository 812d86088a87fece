//! `Key`: a string of bits that a tree branches on.

use valence_coprocessor_protocol::DomainId;

/// A fixed-length string of bits; bit 0 is the most significant.
pub trait Key: Copy + Eq {
    /// Number of bits.
    const BITS: usize;

    /// The bit at an index below [`Self::BITS`]; beyond it, `false`.
    fn bit(&self, index: u8) -> bool;

    /// The first bit in which two keys differ.
    fn parting(&self, other: &Self) -> Option<u8>;
}

impl Key for u64 {
    const BITS: usize = 64;

    fn bit(&self, index: u8) -> bool {
        index < 64 && (self << index) >> 63 == 1
    }

    #[expect(clippy::cast_possible_truncation, reason = "fewer than 64 zeros lead")]
    fn parting(&self, other: &Self) -> Option<u8> {
        (self != other).then(|| (self ^ other).leading_zeros() as u8)
    }
}

impl Key for DomainId {
    const BITS: usize = 256;

    fn bit(&self, index: u8) -> bool {
        let byte = self.as_bytes()[usize::from(index / 8)];
        (byte << (index % 8)) >> 7 == 1
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a byte has 8 bits and a key 32 bytes"
    )]
    fn parting(&self, other: &Self) -> Option<u8> {
        let pairs = self.as_bytes().iter().zip(other.as_bytes());
        let (at, (left, right)) = pairs.enumerate().find(|(_, (left, right))| left != right)?;
        Some(at as u8 * 8 + (left ^ right).leading_zeros() as u8)
    }
}
