//! `Fp12`: the extension of degree twelve, `Fp2[w]` with w⁶ = ξ = 1 + u.
//!
//! One multiplication in Fp2 is one precompile and costs less than copying its operand. So products are computed term
//! by term: the tricks that save multiplications by additions would only add copies.

use super::Fp2;

/// The coefficients of w⁰ to w⁵. Those of even powers alone make the field Fp6 = Fp2[w²].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fp12(pub(crate) [Fp2; 6]);

/// `1 + g₁ w + g₃ w³ + g₅ w⁵`, each coefficient also times ξ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OddPart {
    coefficients: [Fp2; 3],
    times_xi: [Fp2; 3],
}

/// `1 + c₃ w³ + c₅ w⁵`, each coefficient also times ξ: a line at a point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) three: Fp2,
    pub(crate) five: Fp2,
    pub(crate) three_xi: Fp2,
    pub(crate) five_xi: Fp2,
}

impl Line {
    pub(crate) const ONE: Self = Self {
        three: Fp2::ZERO,
        five: Fp2::ZERO,
        three_xi: Fp2::ZERO,
        five_xi: Fp2::ZERO,
    };
}

impl OddPart {
    pub(crate) fn new(coefficients: &[Fp2; 3]) -> Self {
        Self {
            coefficients: *coefficients,
            times_xi: coefficients.map(|coefficient| coefficient.times(&Fp2::XI)),
        }
    }

    /// The p-th power: coefficients are conjugated, and w^p = w · ξ^((p - 1) / 6).
    pub(crate) fn frobenius(&self) -> Self {
        let [one, three, five] = &self.coefficients;
        Self::new(&[
            one.conjugate().times(&FROBENIUS[0]),
            three.conjugate().times(&FROBENIUS[1]),
            five.conjugate().times(&FROBENIUS[2]),
        ])
    }

    pub(crate) const fn element(&self) -> Fp12 {
        let [one, three, five] = self.coefficients;
        Fp12([Fp2::ONE, one, Fp2::ZERO, three, Fp2::ZERO, five])
    }
}

impl Fp12 {
    pub(crate) const ZERO: Self = Self([Fp2::ZERO; 6]);

    /// Sets `square` to the square, term by term. Factors of two and ξ are taken out of sums.
    pub(crate) fn square(&self, square: &mut Self) {
        let [a0, a1, a2, a3, a4, a5] = &self.0;
        let [c0, c1, c2, c3, c4, c5] = &mut square.0;

        c0.set_product(a1, a5);
        c0.add_product(a2, a4);
        c0.double();
        c0.add_product(a3, a3);
        *c0 *= &Fp2::XI;
        c0.add_product(a0, a0);

        c1.set_product(a2, a5);
        c1.add_product(a3, a4);
        *c1 *= &Fp2::XI;
        c1.add_product(a0, a1);
        c1.double();

        c2.set_product(a3, a5);
        c2.double();
        c2.add_product(a4, a4);
        *c2 *= &Fp2::XI;
        c2.add_product(a1, a1);
        let product = a0.times(a2);
        *c2 += &product;
        *c2 += &product;

        c3.set_product(a4, a5);
        *c3 *= &Fp2::XI;
        c3.add_product(a0, a3);
        c3.add_product(a1, a2);
        c3.double();

        c4.set_product(a5, a5);
        *c4 *= &Fp2::XI;
        c4.add_product(a2, a2);
        let mut products = a0.times(a4);
        products.add_product(a1, a3);
        *c4 += &products;
        *c4 += &products;

        c5.set_product(a0, a5);
        c5.add_product(a1, a4);
        c5.add_product(a2, a3);
        c5.double();
    }

    /// Sets `product` to the product with an element whose even part is one.
    pub(crate) fn times_odd(&self, other: &OddPart, product: &mut Self) {
        let [a0, a1, a2, a3, a4, a5] = &self.0;
        let [g1, g3, g5] = &other.coefficients;
        let [xi1, xi3, xi5] = &other.times_xi;
        let [c0, c1, c2, c3, c4, c5] = &mut product.0;
        set_sum(c0, a0, [(a5, xi1), (a3, xi3), (a1, xi5)]);
        set_sum(c1, a1, [(a0, g1), (a4, xi3), (a2, xi5)]);
        set_sum(c2, a2, [(a1, g1), (a5, xi3), (a3, xi5)]);
        set_sum(c3, a3, [(a2, g1), (a0, g3), (a4, xi5)]);
        set_sum(c4, a4, [(a3, g1), (a1, g3), (a5, xi5)]);
        set_sum(c5, a5, [(a4, g1), (a2, g3), (a0, g5)]);
    }

    /// Sets `product` to the product with a line.
    pub(crate) fn times_line(&self, line: &Line, product: &mut Self) {
        let [a0, a1, a2, a3, a4, a5] = &self.0;
        let Line {
            three,
            five,
            three_xi,
            five_xi,
        } = line;
        let [c0, c1, c2, c3, c4, c5] = &mut product.0;
        set_sum(c0, a0, [(a3, three_xi), (a1, five_xi)]);
        set_sum(c1, a1, [(a4, three_xi), (a2, five_xi)]);
        set_sum(c2, a2, [(a5, three_xi), (a3, five_xi)]);
        set_sum(c3, a3, [(a0, three), (a4, five_xi)]);
        set_sum(c4, a4, [(a1, three), (a5, five_xi)]);
        set_sum(c5, a5, [(a2, three), (a0, five)]);
    }

    /// Whether the product with an element whose even part is one has no odd powers of w.
    pub(crate) fn times_odd_is_even(&self, other: &OddPart) -> bool {
        let mut product = Self::ZERO;
        self.times_odd(other, &mut product);
        let [_, c1, _, c3, _, c5] = &product.0;
        c1.is_zero() && c3.is_zero() && c5.is_zero()
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.iter().all(Fp2::is_zero)
    }
}

/// Sets `target` to a sum of one element and products. The products come first: adding an element costs less than
/// copying it.
#[inline(always)]
fn set_sum<const N: usize>(target: &mut Fp2, element: &Fp2, products: [(&Fp2, &Fp2); N]) {
    let [(one, other), rest @ ..] = &products[..] else {
        return;
    };
    target.set_product(one, other);
    for (one, other) in rest {
        target.add_product(one, other);
    }
    *target += element;
}

/// ξ^(i (p - 1) / 6) for i = 1, 3, 5.
const FROBENIUS: [Fp2; 3] = [
    Fp2([
        0x8d07_75ed_9223_5fb8,
        0xf67e_a53d_63e7_813d,
        0x7b24_43d7_84ba_b9c4,
        0x0fd6_03fd_3cbd_5f4f,
        0xc231_beb4_202c_0d1f,
        0x1904_d3bf_02bb_0667,
        0x2cf7_8a12_6ddc_4af3,
        0x282d_5ac1_4d6c_7ec2,
        0xec0c_8ec9_71f6_3c5f,
        0x54a1_4787_b6c7_b36f,
        0x88e9_e902_231f_9fb8,
        0x00fc_3e2b_36c4_e032,
    ]),
    Fp2([
        0xc810_84fb_ede3_cc09,
        0xee67_992f_72ec_05f4,
        0x77f7_6e17_0092_41c5,
        0x4839_5dab_c2d3_435e,
        0x6831_e36d_6bd1_7ffe,
        0x06af_0e04_37ff_400b,
        0xc810_84fb_ede3_cc09,
        0xee67_992f_72ec_05f4,
        0x77f7_6e17_0092_41c5,
        0x4839_5dab_c2d3_435e,
        0x6831_e36d_6bd1_7ffe,
        0x06af_0e04_37ff_400b,
    ]),
    Fp2([
        0x9b18_fae9_8007_8116,
        0xc63a_3e6e_257f_8732,
        0x8bea_df4d_8e9c_0566,
        0xf398_1624_0c0b_8fee,
        0xdf47_fa6b_48b1_e045,
        0x05b2_cfd9_013a_5fd8,
        0x1ee6_0516_7ff8_2995,
        0x5871_c190_8bd4_78cd,
        0xdb45_f353_6814_f0bd,
        0x70df_3560_e779_82d0,
        0x6bd3_ad4a_fa99_cc91,
        0x144e_4211_3845_86c1,
    ]),
];
