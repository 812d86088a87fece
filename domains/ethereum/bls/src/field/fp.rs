//! `Fp`: the base field of BLS12-381.

use core::cmp::Ordering;
use core::ops::{AddAssign, MulAssign, SubAssign};

use bytemuck::TransparentWrapper;

use crate::arithmetic::{self, Words};

/// An element of the base field: a number below the modulus, the least significant word first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::TransparentWrapper)]
#[repr(transparent)]
pub(crate) struct Fp(pub(crate) Words);

impl Fp {
    pub(crate) const ZERO: Self = Self::small(0);
    pub(crate) const ONE: Self = Self::small(1);

    /// The modulus p.
    pub(crate) const MODULUS: Words = [
        0xb9fe_ffff_ffff_aaab,
        0x1eab_fffe_b153_ffff,
        0x6730_d2a0_f6b0_f624,
        0x6477_4b84_f385_12bf,
        0x4b1b_a7b6_434b_acd7,
        0x1a01_11ea_397f_e69a,
    ];

    /// (p - 1) / 2: of an element that is not zero and its negative, the larger one is above.
    const HALF: Words = [
        0xdcff_7fff_ffff_d555,
        0x0f55_ffff_58a9_ffff,
        0xb398_6950_7b58_7b12,
        0xb23b_a5c2_79c2_895f,
        0x258d_d3db_21a5_d66b,
        0x0d00_88f5_1cbf_f34d,
    ];

    /// A small number.
    pub(crate) const fn small(number: u64) -> Self {
        Self([number, 0, 0, 0, 0, 0])
    }

    /// Sees words as an element if they are below the modulus.
    #[inline(always)]
    pub(crate) fn new(words: &Words) -> Option<&Self> {
        is_canonical(words).then(|| Self::wrap_ref(words))
    }

    /// Takes a big-endian number if it is below the modulus, without the bits of the first word that are not in the mask.
    #[inline(always)]
    pub(crate) fn from_be_bytes(bytes: &[u8; 48], mask: u64) -> Option<Self> {
        let mut words = [0; 6];
        for (word, bytes) in words.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        words[5] &= mask;
        is_canonical(&words).then_some(Self(words))
    }

    /// Whether this is larger than its negative.
    #[inline(always)]
    pub(crate) fn is_larger(&self) -> bool {
        compare(&self.0, &Self::HALF) == Ordering::Greater
    }

    #[inline(always)]
    pub(crate) fn is_zero(&self) -> bool {
        self.0.iter().fold(0, |bits, word| bits | word) == 0
    }

    /// Whether both are the same number. In the zkVM this is a third of what comparing arrays costs, which is a loop
    /// over bytes.
    #[inline(always)]
    pub(crate) fn is(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        pairs.fold(0, |bits, (one, other)| bits | (one ^ other)) == 0
    }

    /// Whether the number is odd.
    pub(crate) const fn is_odd(&self) -> bool {
        self.0[0] & 1 == 1
    }

    #[inline(always)]
    pub(crate) fn square(&mut self) {
        arithmetic::fp_square(&mut self.0);
    }

    #[inline(always)]
    pub(crate) fn negated(&self) -> Self {
        let mut negated = Self::ZERO;
        negated -= self;
        negated
    }
}

impl AddAssign<&Self> for Fp {
    #[inline(always)]
    fn add_assign(&mut self, other: &Self) {
        arithmetic::fp_add(&mut self.0, &other.0);
    }
}

impl SubAssign<&Self> for Fp {
    #[inline(always)]
    fn sub_assign(&mut self, other: &Self) {
        arithmetic::fp_sub(&mut self.0, &other.0);
    }
}

impl MulAssign<&Self> for Fp {
    #[inline(always)]
    fn mul_assign(&mut self, other: &Self) {
        arithmetic::fp_mul(&mut self.0, &other.0);
    }
}

/// Whether a number is below the modulus.
#[inline(always)]
pub(super) fn is_canonical(words: &Words) -> bool {
    compare(words, &Fp::MODULUS) == Ordering::Less
}

/// Compares from the most significant word; the first one nearly always decides.
#[inline(always)]
fn compare(one: &Words, other: &Words) -> Ordering {
    for (one, other) in one.iter().zip(other).rev() {
        if one != other {
            return one.cmp(other);
        }
    }
    Ordering::Equal
}
