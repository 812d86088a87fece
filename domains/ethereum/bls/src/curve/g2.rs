//! `G2`: points of the twist, where signatures and hashed messages are.

use crate::encoding::G2Encoding;
use crate::field::{Fp, Fp2};
use crate::oracle::{self, Oracle};
use crate::{PointError, SignatureError};

/// A point of the twist that is not infinity. Nothing here knows whether it is in the subgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G2 {
    pub(crate) x: Fp2,
    pub(crate) y: Fp2,
}

/// The absolute value of the parameter x of BLS12-381, which is negative: r = x⁴ - x² + 1.
pub(crate) const PARAMETER: u64 = 0xd201_0000_0001_0000;

impl G2 {
    /// The point that an encoding stands for.
    pub(crate) fn decode(
        encoding: &G2Encoding,
        oracle: &mut impl Oracle,
    ) -> Result<Self, PointError> {
        let G2Encoding { x, larger } = *encoding;
        let mut square = x;
        square.square();
        square *= &x;
        square += &Fp2::small(4, 4);
        let y = oracle::fp2_root(oracle, &square, |y| y.is_larger() == larger)
            .map_err(|_| PointError::NotOnCurve)?;
        Ok(Self { x, y: *y })
    }

    /// Doubles, and returns the slope of the tangent.
    #[inline(always)]
    pub(crate) fn double<'o>(
        &mut self,
        oracle: &'o mut impl Oracle,
    ) -> Result<&'o Fp2, SignatureError> {
        let mut square = self.x.copy();
        square.square();
        let mut dividend = square.copy();
        dividend.double();
        dividend += &square;
        let mut divisor = self.y.copy();
        divisor.double();
        let slope = oracle::fp2_quotient(oracle, &dividend, &divisor)?;
        let x = self.x.copy();
        self.follow(slope, &x);
        Ok(slope)
    }

    /// Adds a point of another x, and returns the slope of the chord. Points of the same x are an error.
    #[inline(always)]
    pub(crate) fn add<'o>(
        &mut self,
        other: &Self,
        oracle: &'o mut impl Oracle,
    ) -> Result<&'o Fp2, SignatureError> {
        let mut dividend = other.y.copy();
        dividend -= &self.y;
        let mut divisor = other.x.copy();
        divisor -= &self.x;
        let slope = oracle::fp2_quotient(oracle, &dividend, &divisor)?;
        self.follow(slope, &other.x);
        Ok(slope)
    }

    /// Goes along the line through this point to its third point, and mirrors that.
    #[inline(always)]
    fn follow(&mut self, slope: &Fp2, other_x: &Fp2) {
        let mut x = slope.copy();
        x.square();
        x -= &self.x;
        x -= other_x;
        self.x -= &x;
        self.x *= slope;
        self.x -= &self.y;
        self.y.set(&self.x);
        self.x.set(&x);
    }

    #[inline(always)]
    pub(crate) fn negated(&self) -> Self {
        Self {
            x: self.x,
            y: self.y.negated(),
        }
    }

    /// Multiplies by the absolute value of the parameter.
    pub(crate) fn times_parameter(&self, oracle: &mut impl Oracle) -> Result<Self, SignatureError> {
        let mut product = *self;
        for bit in (0..PARAMETER.ilog2()).rev() {
            product.double(oracle)?;
            if PARAMETER >> bit & 1 == 1 {
                product.add(self, oracle)?;
            }
        }
        Ok(product)
    }

    /// The endomorphism ψ: untwist, Frobenius, twist.
    pub(crate) fn psi(&self) -> Self {
        Self {
            x: self.x.conjugate().times(&PSI_X),
            y: self.y.conjugate().times(&PSI_Y),
        }
    }

    /// ψ². On y it is the negative: ξ^((1 - p²) / 2) is -1, as ξ is no square in Fp2.
    pub(crate) fn psi_square(&self) -> Self {
        Self {
            x: self.x.times(&PSI_SQUARE_X),
            y: self.y.negated(),
        }
    }
}

/// ξ^((1 - p) / 3).
const PSI_X: Fp2 = Fp2::new(
    Fp::ZERO,
    Fp([
        0x8bfd_0000_0000_aaad,
        0x4094_27eb_4f49_fffd,
        0x897d_2965_0fb8_5f9b,
        0xaa0d_857d_8975_9ad4,
        0xec02_4086_63d4_de85,
        0x1a01_11ea_397f_e699,
    ]),
);

/// ξ^((1 - p) / 2).
const PSI_Y: Fp2 = Fp2([
    0xf1ee_7b04_121b_dea2,
    0x3044_66cf_3e67_fa0a,
    0xef39_6489_f61e_b45e,
    0x1c3d_edd9_30b1_cf60,
    0xe2e9_c448_d77a_2cd9,
    0x1352_03e6_0180_a68e,
    0xc810_84fb_ede3_cc09,
    0xee67_992f_72ec_05f4,
    0x77f7_6e17_0092_41c5,
    0x4839_5dab_c2d3_435e,
    0x6831_e36d_6bd1_7ffe,
    0x06af_0e04_37ff_400b,
]);

/// ξ^((1 - p²) / 3).
const PSI_SQUARE_X: Fp2 = Fp2::new(
    Fp([
        0x8bfd_0000_0000_aaac,
        0x4094_27eb_4f49_fffd,
        0x897d_2965_0fb8_5f9b,
        0xaa0d_857d_8975_9ad4,
        0xec02_4086_63d4_de85,
        0x1a01_11ea_397f_e699,
    ]),
    Fp::ZERO,
);
