//! The two curves: y² = x³ + 4 over the base field, and its twist y² = x³ + 4 (1 + u) over the quadratic extension.
//!
//! Points are affine and never infinity. On neither curve has a point order two, since both have an odd number of
//! points: y is never zero, and doubling is complete.

mod g1;
mod g2;

pub(crate) use g1::{G1, Sum};
pub(crate) use g2::{G2, PARAMETER};
