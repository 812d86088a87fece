//! `Fp2`: the quadratic extension, `Fp[u]` with u² = -1.

use core::ops::{AddAssign, MulAssign, SubAssign};

use bytemuck::TransparentWrapper;

use super::fp::{Fp, is_canonical};
use crate::arithmetic::{self, Pair};

/// An element `a + b u`: the words of a, then those of b.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::TransparentWrapper)]
#[repr(transparent)]
pub(crate) struct Fp2(pub(crate) Pair);

impl Fp2 {
    pub(crate) const ZERO: Self = Self::small(0, 0);
    pub(crate) const ONE: Self = Self::small(1, 0);
    /// 1 + u, whose sixth root makes the extension of degree twelve.
    pub(crate) const XI: Self = Self::small(1, 1);

    /// `real + imaginary u` of small numbers.
    pub(crate) const fn small(real: u64, imaginary: u64) -> Self {
        Self([real, 0, 0, 0, 0, 0, imaginary, 0, 0, 0, 0, 0])
    }

    /// Sees words as an element if both parts are below the modulus.
    #[inline(always)]
    pub(crate) fn from_words(words: &Pair) -> Option<&Self> {
        let [real, imaginary] = words.as_chunks().0 else {
            return None;
        };
        (is_canonical(real) && is_canonical(imaginary)).then(|| Self::wrap_ref(words))
    }

    /// `real + imaginary u`.
    #[inline(always)]
    pub(crate) const fn new(real: Fp, imaginary: Fp) -> Self {
        let ([a0, a1, a2, a3, a4, a5], [b0, b1, b2, b3, b4, b5]) = (real.0, imaginary.0);
        Self([a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5])
    }

    #[inline(always)]
    pub(crate) const fn real(&self) -> Fp {
        let [a0, a1, a2, a3, a4, a5, ..] = self.0;
        Fp([a0, a1, a2, a3, a4, a5])
    }

    #[inline(always)]
    pub(crate) const fn imaginary(&self) -> Fp {
        let [.., b0, b1, b2, b3, b4, b5] = self.0;
        Fp([b0, b1, b2, b3, b4, b5])
    }

    #[inline(always)]
    pub(crate) fn square(&mut self) {
        arithmetic::fp2_square(&mut self.0);
    }

    #[inline(always)]
    pub(crate) fn double(&mut self) {
        arithmetic::fp2_double(&mut self.0);
    }

    /// A copy, word by word: what the compiler makes of `*self` in the zkVM is a call that costs three times as much.
    #[inline(always)]
    pub(crate) fn copy(&self) -> Self {
        let mut copy = Self::ZERO;
        copy.set(self);
        copy
    }

    /// Sets this to another element, word by word for the same reason.
    #[inline(always)]
    pub(crate) fn set(&mut self, other: &Self) {
        self.0[0] = other.0[0];
        self.0[1] = other.0[1];
        self.0[2] = other.0[2];
        self.0[3] = other.0[3];
        self.0[4] = other.0[4];
        self.0[5] = other.0[5];
        self.0[6] = other.0[6];
        self.0[7] = other.0[7];
        self.0[8] = other.0[8];
        self.0[9] = other.0[9];
        self.0[10] = other.0[10];
        self.0[11] = other.0[11];
    }

    #[inline(always)]
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut product = Self::ZERO;
        product.set_product(self, other);
        product
    }

    #[inline(always)]
    pub(crate) fn set_product(&mut self, one: &Self, other: &Self) {
        self.set(one);
        *self *= other;
    }

    /// Adds a product.
    #[inline(always)]
    pub(crate) fn add_product(&mut self, one: &Self, other: &Self) {
        let mut product = Self::ZERO;
        product.set_product(one, other);
        *self += &product;
    }

    #[inline(always)]
    pub(crate) fn negated(&self) -> Self {
        let mut negated = Self::ZERO;
        negated -= self;
        negated
    }

    /// `a - b u`, which is also the p-th power.
    #[inline(always)]
    pub(crate) fn conjugate(&self) -> Self {
        Self::new(self.real(), self.imaginary().negated())
    }

    #[inline(always)]
    pub(crate) fn is_zero(&self) -> bool {
        self.0.iter().fold(0, |bits, word| bits | word) == 0
    }

    /// Whether both are the same element.
    #[inline(always)]
    pub(crate) fn is(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        pairs.fold(0, |bits, (one, other)| bits | (one ^ other)) == 0
    }

    /// Whether this is larger than its negative: the imaginary parts decide, then the real parts.
    pub(crate) fn is_larger(&self) -> bool {
        let imaginary = self.imaginary();
        if imaginary.is_zero() {
            self.real().is_larger()
        } else {
            imaginary.is_larger()
        }
    }

    /// `sgn0` of RFC 9380, section 4.1.
    pub(crate) fn is_odd(&self) -> bool {
        let real = self.real();
        if real.is_zero() {
            self.imaginary().is_odd()
        } else {
            real.is_odd()
        }
    }
}

impl AddAssign<&Self> for Fp2 {
    #[inline(always)]
    fn add_assign(&mut self, other: &Self) {
        arithmetic::fp2_add(&mut self.0, &other.0);
    }
}

impl SubAssign<&Self> for Fp2 {
    #[inline(always)]
    fn sub_assign(&mut self, other: &Self) {
        arithmetic::fp2_sub(&mut self.0, &other.0);
    }
}

impl MulAssign<&Self> for Fp2 {
    #[inline(always)]
    fn mul_assign(&mut self, other: &Self) {
        arithmetic::fp2_mul(&mut self.0, &other.0);
    }
}
