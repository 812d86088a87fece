//! Compressed points: flags and coordinates, read strictly.
//!
//! The top three bits of the first byte say: compressed (always set), infinity, and whether y is the larger of the two
//! roots. The other bits are the x coordinate, big-endian; in G2 its imaginary part comes first.

use crate::PointError;
use crate::field::{Fp, Fp2};

const COMPRESSED: u8 = 0x80;
const INFINITY: u8 = 0x40;
const LARGER: u8 = 0x20;
const FLAGS: u8 = COMPRESSED | INFINITY | LARGER;

/// A compressed point of G1, not known to be on the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct G1Encoding {
    /// The x coordinate.
    pub(crate) x: Fp,
    /// Whether y is larger than its negative.
    pub(crate) larger: bool,
}

impl G1Encoding {
    #[inline(always)]
    pub(crate) fn parse(bytes: &[u8; 48]) -> Result<Self, PointError> {
        let flags = flags(bytes[0])?;
        Ok(Self {
            x: coordinate(bytes)?,
            larger: flags & LARGER != 0,
        })
    }
}

/// A compressed point of G2, not known to be on the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct G2Encoding {
    /// The x coordinate.
    pub(crate) x: Fp2,
    /// Whether y is larger than its negative.
    pub(crate) larger: bool,
}

impl G2Encoding {
    pub(crate) fn parse(bytes: &[u8; 96]) -> Result<Self, PointError> {
        let flags = flags(bytes[0])?;
        let ([imaginary, real], []) = bytes.as_chunks::<48>() else {
            unreachable!("96 bytes are twice 48");
        };
        let real = Fp::from_be_bytes(real, u64::MAX).ok_or(PointError::NotCanonical)?;
        Ok(Self {
            x: Fp2::new(real, coordinate(imaginary)?),
            larger: flags & LARGER != 0,
        })
    }
}

const fn flags(first: u8) -> Result<u8, PointError> {
    if first & COMPRESSED == 0 {
        return Err(PointError::NotCompressed);
    }
    if first & INFINITY != 0 {
        return Err(PointError::Infinity);
    }
    Ok(first & FLAGS)
}

/// The coordinate that shares its first byte with the flags.
#[inline(always)]
fn coordinate(bytes: &[u8; 48]) -> Result<Fp, PointError> {
    let mask = u64::MAX >> FLAGS.count_ones();
    Fp::from_be_bytes(bytes, mask).ok_or(PointError::NotCanonical)
}
