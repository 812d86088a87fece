//! `G1`: points of the curve over the base field, where public keys are; and their `Sum`.

use crate::PointError;
use crate::arithmetic::{self, Pair};
use crate::encoding::G1Encoding;
use crate::field::Fp;
use crate::oracle::{self, Oracle};

/// A point of the curve that is not infinity: the words of x, then those of y.
///
/// Nothing here knows whether it is in the subgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G1(Pair);

impl G1 {
    /// A place for a point; not itself one of the curve.
    pub(crate) const NONE: Self = Self([0; 12]);

    /// Sets this to the point that an encoding stands for.
    #[inline(always)]
    pub(crate) fn decode(
        &mut self,
        encoding: &G1Encoding,
        oracle: &mut impl Oracle,
    ) -> Result<(), PointError> {
        let G1Encoding { x, larger } = encoding;
        let mut square = *x;
        square.square();
        square *= x;
        square += &Fp::small(4);
        let y = oracle::fp_root(oracle, &square, |y| y.is_larger() == *larger)
            .map_err(|_| PointError::NotOnCurve)?;
        for index in 0..6 {
            self.0[index] = x.0[index];
            self.0[index + 6] = y.0[index];
        }
        Ok(())
    }

    #[inline(always)]
    pub(crate) const fn x(&self) -> Fp {
        let [a0, a1, a2, a3, a4, a5, ..] = self.0;
        Fp([a0, a1, a2, a3, a4, a5])
    }

    #[inline(always)]
    pub(crate) const fn y(&self) -> Fp {
        let [.., b0, b1, b2, b3, b4, b5] = self.0;
        Fp([b0, b1, b2, b3, b4, b5])
    }
}

/// A sum of points; it may be infinity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum(Option<G1>);

impl Sum {
    pub(crate) const fn new(point: G1) -> Self {
        Self(Some(point))
    }

    /// The sum, unless it is infinity.
    pub(crate) const fn point(&self) -> Option<G1> {
        self.0
    }

    /// Adds a point. The precompile has no valid proof for points of equal x, and worse: none that it is wrong. So
    /// those are told apart here.
    #[inline(always)]
    pub(crate) fn add(&mut self, point: &G1) {
        match &mut self.0 {
            None => self.0 = Some(*point),
            Some(sum) if !sum.x().is(&point.x()) => arithmetic::g1_add(&mut sum.0, &point.0),
            Some(sum) if sum.y().is(&point.y()) => arithmetic::g1_double(&mut sum.0),
            // Two points of equal x that differ are each other's negatives.
            Some(_) => self.0 = None,
        }
    }
}
