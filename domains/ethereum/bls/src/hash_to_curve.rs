//! Hashing a message to G2: suite `BLS12381G2_XMD:SHA-256_SSWU_RO_` of RFC 9380.
//!
//! Two field elements of the message are mapped to the curve E' (section 8.8.2), added there, carried to the twist by
//! the isogeny of degree three (the RFC applies it before the addition, which is the same, as it is a homomorphism),
//! and brought into the subgroup. Square roots, inverses and slopes are asked of an oracle.

use valence_coprocessor_protocol::sha256;

use crate::SignatureError;
use crate::curve::G2;
use crate::field::{Fp, Fp2};
use crate::oracle::{self, Oracle};

/// The domain separation tag of Ethereum's consensus signatures.
pub(crate) const CIPHERSUITE: &[u8; 43] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// `hash_to_curve` of a message of 32 bytes.
pub(crate) fn hash_to_curve(
    message: &[u8; 32],
    oracle: &mut impl Oracle,
) -> Result<G2, SignatureError> {
    let [first, second] = hash_to_field(message);
    let mut point = map_to_curve(&first, oracle)?;
    point.add(&map_to_curve(&second, oracle)?, oracle)?;
    let point = isogeny(&point, oracle)?;
    clear_cofactor(&point, oracle)
}

/// Two elements of Fp2 (sections 5.2 and 5.3.1): `expand_message_xmd` to 256 bytes, 64 for each coefficient.
fn hash_to_field(message: &[u8; 32]) -> [Fp2; 2] {
    let mut block = [0; 143];
    block[64..96].copy_from_slice(message);
    block[96..98].copy_from_slice(&256_u16.to_be_bytes());
    block[99..142].copy_from_slice(CIPHERSUITE);
    block[142] = 43;
    let first = sha256::digest(&block);
    let mut block = [0; 77];
    block[33..76].copy_from_slice(CIPHERSUITE);
    block[76] = 43;
    let mut digest = [0; 32];
    let mut index = 0;
    let mut next = || {
        index += 1;
        block[32] = index;
        for ((byte, first), previous) in block.iter_mut().zip(first).zip(digest) {
            *byte = first ^ previous;
        }
        digest = sha256::digest(&block);
        digest
    };
    let mut coefficient = || {
        let (high, low) = (next(), next());
        reduced(&high, &low)
    };
    let mut element = || {
        let (real, imaginary) = (coefficient(), coefficient());
        Fp2::new(real, imaginary)
    };
    [element(), element()]
}

/// A big-endian number of 64 bytes modulo p.
fn reduced(high: &[u8; 32], low: &[u8; 32]) -> Fp {
    let mut number = wide(high);
    number *= &TWO_TO_256;
    number += &wide(low);
    number
}

/// A number of 32 bytes, which is below the modulus.
fn wide(bytes: &[u8; 32]) -> Fp {
    let mut words = [0; 6];
    for (word, bytes) in words[..4].iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_be_bytes(*bytes);
    }
    Fp(words)
}

/// The simplified SWU map to E': y² = x³ + A x + B (section 6.6.2).
///
/// The sign of y is asked for as it must be in the end. If the first candidate is said to be no square, the second one
/// being one proves it: their quotient is the cube of `Z u²`, which is no square. Neither is ever zero, as E' has no
/// point of order two.
fn map_to_curve(u: &Fp2, oracle: &mut impl Oracle) -> Result<G2, SignatureError> {
    let mut z_u2 = u.copy();
    z_u2.square();
    z_u2 *= &Z;
    let mut divisor = z_u2.copy();
    divisor.square();
    divisor += &z_u2;
    let mut x = oracle::fp2_quotient(oracle, &Fp2::ONE, &divisor)?.copy();
    x += &Fp2::ONE;
    x *= &MINUS_B_OVER_A;
    let mut value = right_side(&x);
    let is_square = oracle
        .fp2_is_square(&value)
        .map_err(SignatureError::Advice)?;
    if !is_square {
        x *= &z_u2;
        value = right_side(&x);
    }
    let odd = u.is_odd();
    let y =
        oracle::fp2_root(oracle, &value, |y| y.is_odd() == odd).map_err(SignatureError::Advice)?;
    Ok(G2 { x, y: *y })
}

/// x³ + A x + B.
fn right_side(x: &Fp2) -> Fp2 {
    let mut value = x.copy();
    value.square();
    value += &A;
    value *= x;
    value += &B;
    value
}

/// The isogeny of degree three from E' to the twist (appendix E.3), as Vélu writes it.
///
/// Its kernel is infinity and the two points of x = 6 u - 6. With i = 1 / (x + 6 - 6 u) it takes
/// x to (x + 48 u i + 16 (1 + u) i²) / 9 and y to -y (1 - 48 u i² - 32 (1 + u) i³) / 27.
fn isogeny(point: &G2, oracle: &mut impl Oracle) -> Result<G2, SignatureError> {
    let mut divisor = point.x.copy();
    divisor += &KERNEL;
    let inverse = oracle::fp2_quotient(oracle, &Fp2::ONE, &divisor)?;
    let mut first = inverse.copy();
    first *= &Fp2::small(0, 48);
    let mut second = inverse.copy();
    second.square();
    second *= &Fp2::small(16, 16);
    let mut x = point.x;
    x += &first;
    x += &second;
    x *= &NINTH;
    second.double();
    first += &second;
    first *= inverse;
    let mut y = first;
    y -= &Fp2::ONE;
    y *= &point.y;
    y *= &TWENTY_SEVENTH;
    Ok(G2 { x, y })
}

/// Multiplies by the effective cofactor (appendix G.3): (x² - x - 1) P + (x - 1) ψ(P) + ψ²(2 P).
///
/// The parameter x is negative: with m = |x|, this is m (m P - ψ(P)) + ψ²(2 P) - ψ(P) + m P - P.
fn clear_cofactor(point: &G2, oracle: &mut impl Oracle) -> Result<G2, SignatureError> {
    let multiple = point.times_parameter(oracle)?;
    let minus_psi = point.psi().negated();
    let mut twice = *point;
    twice.double(oracle)?;
    let mut inner = multiple;
    inner.add(&minus_psi, oracle)?;
    let mut cleared = inner.times_parameter(oracle)?;
    cleared.add(&twice.psi_square(), oracle)?;
    cleared.add(&minus_psi, oracle)?;
    cleared.add(&multiple, oracle)?;
    cleared.add(&point.negated(), oracle)?;
    Ok(cleared)
}

/// 2²⁵⁶.
const TWO_TO_256: Fp = Fp([0, 0, 0, 0, 1, 0]);

/// 6 - 6 u.
const KERNEL: Fp2 = {
    let mut minus_six = Fp::MODULUS;
    minus_six[0] -= 6;
    Fp2::new(Fp::small(6), Fp(minus_six))
};

/// E' has A = 240 u.
const A: Fp2 = Fp2::small(0, 240);
/// E' has B = 1012 (1 + u).
const B: Fp2 = Fp2::small(1012, 1012);
/// Z = -(2 + u).
const Z: Fp2 = {
    let (mut minus_two, mut minus_one) = (Fp::MODULUS, Fp::MODULUS);
    minus_two[0] -= 2;
    minus_one[0] -= 1;
    Fp2::new(Fp(minus_two), Fp(minus_one))
};

const MINUS_B_OVER_A: Fp2 = Fp2([
    0x725d_8ccc_cccc_b1c3,
    0xd683_4443_da49_8888,
    0x02cf_75e6_2bfc_4df1,
    0x9b8c_2d3f_6f3f_7923,
    0xfe2f_284f_0cc6_e5aa,
    0x083c_1279_1abd_d5d2,
    0x47a1_7333_3332_f8e8,
    0x4828_bbba_d70a_7777,
    0x6461_5cba_cab4_a832,
    0xc8eb_1e45_8445_999c,
    0x4cec_7f67_3684_c72c,
    0x11c4_ff71_1ec2_10c7,
]);

/// 1 / 9.
const NINTH: Fp2 = Fp2::new(
    Fp([
        0x88e2_aaaa_aaaa_5ed1,
        0x7098_e38d_0f67_1c71,
        0x22d6_108f_142b_8575,
        0xcb14_b4e7_f4e8_10aa,
        0xed6d_ea69_1f5f_b614,
        0x171d_6541_fa38_ccfa,
    ]),
    Fp::ZERO,
);

/// 1 / 27.
const TWENTY_SEVENTH: Fp2 = Fp2::new(
    Fp([
        0xd84b_8e38_e38e_1f9b,
        0xd032_f684_5a77_b425,
        0xb647_5ada_5c0e_81d1,
        0xee5c_3c4d_51a2_b038,
        0x4f24_a378_5fca_9206,
        0x07b4_7715_fe12_eefe,
    ]),
    Fp::ZERO,
);
