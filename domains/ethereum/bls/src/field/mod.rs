//! The fields of the pairing: the base field, its quadratic extension, and the extension of degree twelve.

mod fp;
mod fp12;
mod fp2;

pub(crate) use fp::Fp;
pub(crate) use fp2::Fp2;
pub(crate) use fp12::{Fp12, Line, OddPart};
