//! `Oracle`: who answers what is hard to compute and easy to check; and the checks.
//!
//! The verification is written once, over an oracle. In the zkVM the oracle reads [`Advice`](crate::Advice); on the
//! host, `advise` runs the same verification with an oracle that computes each answer and writes it down. So advice
//! has no layout of its own: it is the answers in the order of the questions. Nothing uses an oracle's answer but
//! through the functions below, which check it.

use crate::field::{Fp, Fp2};
use crate::pairing::Pairs;
use crate::{AdviceError, SignatureError};

/// Answers questions. The answers are not to be trusted.
pub(crate) trait Oracle {
    /// A square root that is as wanted.
    fn fp_root(&mut self, square: &Fp, wanted: impl Fn(&Fp) -> bool) -> Result<&Fp, AdviceError>;

    /// A square root that is as wanted.
    fn fp2_root(
        &mut self,
        square: &Fp2,
        wanted: impl Fn(&Fp2) -> bool,
    ) -> Result<&Fp2, AdviceError>;

    /// Whether there is a square root.
    fn fp2_is_square(&mut self, number: &Fp2) -> Result<bool, AdviceError>;

    /// The inverse.
    fn fp_inverse(&mut self, divisor: &Fp) -> Result<&Fp, AdviceError>;

    /// The dividend divided by the divisor.
    fn fp2_quotient(&mut self, dividend: &Fp2, divisor: &Fp2) -> Result<&Fp2, AdviceError>;

    /// The witness that the product of the pairings is one (see [`crate::pairing`]).
    fn residue(&mut self, pairs: &Pairs) -> Result<[Fp2; 3], AdviceError>;
}

/// A square root that is as wanted.
#[inline(always)]
pub(crate) fn fp_root<'o>(
    oracle: &'o mut impl Oracle,
    square: &Fp,
    wanted: impl Fn(&Fp) -> bool,
) -> Result<&'o Fp, AdviceError> {
    let root = oracle.fp_root(square, &wanted)?;
    let mut squared = *root;
    squared.square();
    if squared.is(square) && wanted(root) {
        Ok(root)
    } else {
        Err(AdviceError::Root)
    }
}

/// A square root that is as wanted.
pub(crate) fn fp2_root<'o>(
    oracle: &'o mut impl Oracle,
    square: &Fp2,
    wanted: impl Fn(&Fp2) -> bool,
) -> Result<&'o Fp2, AdviceError> {
    let root = oracle.fp2_root(square, &wanted)?;
    let mut squared = root.copy();
    squared.square();
    if squared.is(square) && wanted(root) {
        Ok(root)
    } else {
        Err(AdviceError::Root)
    }
}

/// The inverse of what is not zero.
pub(crate) fn fp_inverse<'o>(
    oracle: &'o mut impl Oracle,
    divisor: &Fp,
) -> Result<&'o Fp, SignatureError> {
    let inverse = oracle.fp_inverse(divisor).map_err(SignatureError::Advice)?;
    let mut product = *inverse;
    product *= divisor;
    if product.is(&Fp::ONE) {
        Ok(inverse)
    } else {
        Err(SignatureError::Advice(AdviceError::Quotient))
    }
}

/// The quotient; division by zero is an error, even of zero, whose quotient would be whatever the oracle likes.
#[inline(always)]
pub(crate) fn fp2_quotient<'o>(
    oracle: &'o mut impl Oracle,
    dividend: &Fp2,
    divisor: &Fp2,
) -> Result<&'o Fp2, SignatureError> {
    if divisor.is_zero() {
        return Err(SignatureError::Exceptional);
    }
    let quotient = oracle
        .fp2_quotient(dividend, divisor)
        .map_err(SignatureError::Advice)?;
    if quotient.times(divisor).is(dividend) {
        Ok(quotient)
    } else {
        Err(SignatureError::Advice(AdviceError::Quotient))
    }
}

/// The oracle that reads advice.
#[derive(Debug)]
pub(crate) struct AdviceReader<'a> {
    words: &'a [u64],
}

impl<'a> AdviceReader<'a> {
    pub(crate) const fn new(words: &'a [u64]) -> Self {
        Self { words }
    }

    /// Demands that all advice was read.
    pub(crate) const fn finish(self) -> Result<(), AdviceError> {
        match self.words.len() {
            0 => Ok(()),
            remaining => Err(AdviceError::Trailing { remaining }),
        }
    }

    #[inline(always)]
    fn fp(&mut self) -> Result<&'a Fp, AdviceError> {
        let (words, rest) = self
            .words
            .split_first_chunk()
            .ok_or(AdviceError::Truncated)?;
        self.words = rest;
        Fp::new(words).ok_or(AdviceError::NotCanonical)
    }

    #[inline(always)]
    fn fp2(&mut self) -> Result<&'a Fp2, AdviceError> {
        let (words, rest) = self
            .words
            .split_first_chunk()
            .ok_or(AdviceError::Truncated)?;
        self.words = rest;
        Fp2::from_words(words).ok_or(AdviceError::NotCanonical)
    }
}

impl Oracle for AdviceReader<'_> {
    #[inline(always)]
    fn fp_root(&mut self, _: &Fp, _: impl Fn(&Fp) -> bool) -> Result<&Fp, AdviceError> {
        self.fp()
    }

    fn fp2_root(&mut self, _: &Fp2, _: impl Fn(&Fp2) -> bool) -> Result<&Fp2, AdviceError> {
        self.fp2()
    }

    fn fp2_is_square(&mut self, _: &Fp2) -> Result<bool, AdviceError> {
        let (choice, rest) = self.words.split_first().ok_or(AdviceError::Truncated)?;
        self.words = rest;
        match *choice {
            0 => Ok(false),
            1 => Ok(true),
            got => Err(AdviceError::Choice { got }),
        }
    }

    fn fp_inverse(&mut self, _: &Fp) -> Result<&Fp, AdviceError> {
        self.fp()
    }

    #[inline(always)]
    fn fp2_quotient(&mut self, _: &Fp2, _: &Fp2) -> Result<&Fp2, AdviceError> {
        self.fp2()
    }

    fn residue(&mut self, _: &Pairs) -> Result<[Fp2; 3], AdviceError> {
        Ok([*self.fp2()?, *self.fp2()?, *self.fp2()?])
    }
}
