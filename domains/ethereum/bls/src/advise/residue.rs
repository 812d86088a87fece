//! The witness that stands in for the final exponentiation. docs/decisions/0005-pairing-check.md has the algebra.

use crate::arithmetic;
use crate::field::{Fp2, Fp12};

/// The odd part of the d with constant even part one for which f · d^(p + |x|) lies in Fp6, if f is an r-th power.
///
/// With c = (conj(f) / f)^(1 / (p + |x|)), where the exponent is inverted modulo (p⁶ + 1) / r, that is 1 + c.
pub(crate) fn witness(f: &Fp12) -> [Fp2; 3] {
    let conjugate = conjugate(f);
    let norm = product(f, &conjugate);
    let unitary = product(&product(&conjugate, &conjugate), &inverse_even(&norm));
    let mut power = Fp12([
        Fp2::ONE,
        Fp2::ZERO,
        Fp2::ZERO,
        Fp2::ZERO,
        Fp2::ZERO,
        Fp2::ZERO,
    ]);
    for word in EXPONENT.iter().rev() {
        for bit in (0..u64::BITS).rev() {
            let mut square = Fp12::ZERO;
            power.square(&mut square);
            power = square;
            if word >> bit & 1 == 1 {
                power = product(&power, &unitary);
            }
        }
    }
    power.0[0] += &Fp2::ONE;
    let [_, one, _, three, _, five] = product(&power, &inverse_even(&power)).0;
    [one, three, five]
}

/// The p⁶-th power.
fn conjugate(f: &Fp12) -> Fp12 {
    let [a0, a1, a2, a3, a4, a5] = &f.0;
    Fp12([*a0, a1.negated(), *a2, a3.negated(), *a4, a5.negated()])
}

fn product(one: &Fp12, other: &Fp12) -> Fp12 {
    let mut product = [Fp2::ZERO; 6];
    for (i, a) in one.0.iter().enumerate() {
        for (j, b) in other.0.iter().enumerate() {
            let mut term = a.times(b);
            if i + j >= 6 {
                term *= &Fp2::XI;
            }
            product[(i + j) % 6] += &term;
        }
    }
    Fp12(product)
}

/// The inverse of the even part, which is an element of Fp6 = Fp2[v], v = w².
fn inverse_even(f: &Fp12) -> Fp12 {
    let [a, _, b, _, c, _] = &f.0;
    let difference = |one: &Fp2, other: &Fp2| {
        let mut difference = *one;
        difference -= other;
        difference
    };
    let (b_xi, c_xi) = (b.times(&Fp2::XI), c.times(&Fp2::XI));
    let first = difference(&a.times(a), &b_xi.times(c));
    let second = difference(&c_xi.times(c), &a.times(b));
    let third = difference(&b.times(b), &a.times(c));
    let mut norm = a.times(&first);
    norm += &c_xi.times(&second);
    norm += &b_xi.times(&third);
    let inverse = Fp2(arithmetic::fp2_inverse(&norm.0));
    let [first, second, third] = [first, second, third].map(|part| part.times(&inverse));
    Fp12([first, Fp2::ZERO, second, Fp2::ZERO, third, Fp2::ZERO])
}

/// 1 / (p + |x|) modulo (p⁶ + 1) / r.
const EXPONENT: [u64; 32] = [
    0x1ba9_6721_a10e_4d5f,
    0x732c_faba_bee6_0e50,
    0xbdd3_82e8_d10c_85f3,
    0x3ad2_c08f_d8d4_87b5,
    0x32cd_1a9f_539e_5654,
    0xa1d1_0b54_c7fa_4151,
    0xf2b2_6615_99a7_b021,
    0x7cfe_b6f0_1875_9e1c,
    0x814e_2ceb_52ea_497e,
    0x2598_d536_041b_e736,
    0x7736_a9a3_fa8f_fb37,
    0xdc21_b689_f37b_2396,
    0x1999_647e_fe3a_0249,
    0x71d5_c7fa_cac6_36b8,
    0x713b_d578_60d7_4f33,
    0x25b4_2a62_d02a_82d3,
    0x9ba4_8478_78b9_5145,
    0xce86_f219_fc32_1dd0,
    0xacfb_0221_fcc0_8d23,
    0xeb32_e161_e085_4134,
    0x905c_c4e5_9e52_c088,
    0x0998_8d27_ec27_63fb,
    0xc49f_f71d_4e9f_fbe0,
    0x80ef_e4cd_be56_24a6,
    0xcb87_9e3f_1dbb_053e,
    0x7c22_530d_da51_3f95,
    0x9d09_5c31_c7b3_a952,
    0xfdac_0485_dea4_bfc5,
    0xcc46_be75_6a2e_3c7f,
    0x1d27_d7f0_9963_9182,
    0x2024_6922_9a58_5939,
    0x0000_263d_361b_f6a5,
];
