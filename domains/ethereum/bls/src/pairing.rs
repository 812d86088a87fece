//! The pairing check: whether e(P, H) · e(-G, S) is one, for the key P, the hashed message H and the signature S.
//!
//! Both Miller loops run as one, with affine points whose slopes the oracle knows. The final exponentiation is replaced
//! by a witness d: the product f of the Miller loops has f^((p¹² - 1) / r) = 1 exactly if f · d^(p + |x|) lies in Fp6
//! for some d, and is not zero. The power |x| of d costs next to nothing, because the Miller loop is a square-and-multiply by
//! |x| already: it starts at d instead of 1. Scaling d by elements of Fp6 changes nothing, so d is 1 plus odd powers of w.
//! docs/decisions/0005-pairing-check.md proves both directions.
//!
//! For the same reason each line may be scaled by an element of Fp6, or by a power of w: here a line has constant
//! coefficient one.

use core::mem::swap;

use crate::SignatureError;
use crate::curve::{G1, G2, PARAMETER};
use crate::field::{Fp, Fp2, Fp12, Line, OddPart};
use crate::oracle::{self, Oracle};

/// The two pairs of points whose pairings are multiplied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pairs {
    key: Evaluation,
    hashed: G2,
    signature: G2,
}

/// What the result of the Miller loops says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product {
    /// The product f of the Miller loops, times d^|x|.
    pub(crate) value: Fp12,
    /// The signature, multiplied by |x|.
    signature_multiple: G2,
}

impl Pairs {
    /// The pairs (key, hashed) and (-G, signature).
    pub(crate) fn new(
        key: &G1,
        hashed: G2,
        signature: G2,
        oracle: &mut impl Oracle,
    ) -> Result<Self, SignatureError> {
        Ok(Self {
            key: Evaluation::new(key, oracle)?,
            hashed,
            signature,
        })
    }

    /// Demands that the signature is in its subgroup and that the product of the pairings is one.
    pub(crate) fn verify(&self, oracle: &mut impl Oracle) -> Result<(), SignatureError> {
        let witness = OddPart::new(&oracle.residue(self).map_err(SignatureError::Advice)?);
        let product = self.miller_loops(&witness, oracle)?;
        // On the twist ψ is multiplication by x exactly in G2, and x is negative.
        if product.signature_multiple.negated() != self.signature.psi() {
            return Err(SignatureError::SignatureNotInSubgroup);
        }
        if product.value.is_zero() || !product.value.times_odd_is_even(&witness.frobenius()) {
            return Err(SignatureError::Mismatch);
        }
        Ok(())
    }

    /// Both Miller loops, started at `start`.
    ///
    /// The hashed point has order r, and then no addition in the loop is exceptional: one that is, is the signature's.
    pub(crate) fn miller_loops(
        &self,
        start: &OddPart,
        oracle: &mut impl Oracle,
    ) -> Result<Product, SignatureError> {
        // Products are not computed in place, but from one of these to the other.
        let (mut even, mut odd) = (start.element(), Fp12::ZERO);
        let (mut value, mut other) = (&mut even, &mut odd);
        let mut line = Line::ONE;
        let (mut hashed, mut signature) = (self.hashed, self.signature);
        for bit in (0..PARAMETER.ilog2()).rev() {
            value.square(other);
            let slope = hashed.double(oracle)?;
            self.key.set_line(slope, &hashed, &mut line);
            other.times_line(&line, value);
            let slope = signature.double(oracle)?;
            MINUS_GENERATOR.set_line(slope, &signature, &mut line);
            value.times_line(&line, other);
            if PARAMETER >> bit & 1 == 1 {
                other.times_odd(start, value);
                let slope = hashed.add(&self.hashed, oracle)?;
                self.key.set_line(slope, &hashed, &mut line);
                value.times_line(&line, other);
                let slope = signature
                    .add(&self.signature, oracle)
                    .map_err(exceptional_is_not_in_subgroup)?;
                MINUS_GENERATOR.set_line(slope, &signature, &mut line);
                other.times_line(&line, value);
            } else {
                swap(&mut value, &mut other);
            }
        }
        Ok(Product {
            value: *value,
            signature_multiple: signature,
        })
    }
}

const fn exceptional_is_not_in_subgroup(error: SignatureError) -> SignatureError {
    match error {
        SignatureError::Exceptional => SignatureError::SignatureNotInSubgroup,
        error => error,
    }
}

/// Where lines are evaluated: a point of G1, in the form that this needs.
#[derive(Clone, Copy, Debug)]
struct Evaluation {
    /// -x / y.
    slope_factor: Fp2,
    /// 1 / y.
    offset_factor: Fp2,
}

impl Evaluation {
    fn new(point: &G1, oracle: &mut impl Oracle) -> Result<Self, SignatureError> {
        let inverse = oracle::fp_inverse(oracle, &point.y())?;
        let mut slope_factor = point.x().negated();
        slope_factor *= inverse;
        Ok(Self {
            slope_factor: Fp2::new(slope_factor, Fp::ZERO),
            offset_factor: Fp2::new(*inverse, Fp::ZERO),
        })
    }

    /// Sets `line` to the line that an addition on the twist followed, at this point, from its slope and from the sum,
    /// whose negative is on the line.
    ///
    /// A point (x', y') of the twist is (x' / w², y' / w³) on the curve, where a slope λ becomes λ / w. So the line through
    /// its negative at (x, y) is y + y' / w³ - λ / w (x - x' / w²), which is divided by y here. 1 / w is w⁵ / ξ, and 1 / w³
    /// is w³ / ξ.
    #[inline(always)]
    fn set_line(&self, slope: &Fp2, sum: &G2, line: &mut Line) {
        line.five_xi.set_product(slope, &self.slope_factor);
        line.five.set_product(&line.five_xi, &XI_INVERSE);
        line.three_xi.set_product(slope, &sum.x);
        line.three_xi += &sum.y;
        line.three_xi *= &self.offset_factor;
        line.three.set_product(&line.three_xi, &XI_INVERSE);
    }
}

/// 1 / ξ = (1 - u) / 2.
const XI_INVERSE: Fp2 = Fp2([
    0xdcff_7fff_ffff_d556,
    0x0f55_ffff_58a9_ffff,
    0xb398_6950_7b58_7b12,
    0xb23b_a5c2_79c2_895f,
    0x258d_d3db_21a5_d66b,
    0x0d00_88f5_1cbf_f34d,
    0xdcff_7fff_ffff_d555,
    0x0f55_ffff_58a9_ffff,
    0xb398_6950_7b58_7b12,
    0xb23b_a5c2_79c2_895f,
    0x258d_d3db_21a5_d66b,
    0x0d00_88f5_1cbf_f34d,
]);

/// The negative of G1's generator.
const MINUS_GENERATOR: Evaluation = Evaluation {
    slope_factor: Fp2::new(
        Fp([
            0x873f_dcc2_99c8_a557,
            0x01fb_de7f_c42c_42e2,
            0x5358_a204_7c47_f6ae,
            0xcff8_152d_7e54_d729,
            0x6a87_5b70_3e22_de42,
            0x12cd_6285_77a2_037b,
        ]),
        Fp::ZERO,
    ),
    offset_factor: Fp2::new(
        Fp([
            0xe8ea_4619_c30a_e56d,
            0x25c0_77d8_7fe6_f575,
            0xc1e3_4dd6_9289_c765,
            0xe4fb_f279_85b1_539a,
            0xcf64_b550_825a_b14c,
            0x12bf_bbc9_0f8c_9115,
        ]),
        Fp::ZERO,
    ),
};
