//! Signatures and keys that must be refused, by host and circuit, with the same named error.
//!
//! In each case the circuit has the best advice that there is.

use blst::{blst_p2, blst_p2_affine, min_pk};
use valence_coprocessor_ethereum_bls::{
    Key, PointError, PublicKey, Signature, SignatureError, SigningRoot,
};

use crate::committee::{Claim, Committee, SIGN, small_claim};

const COMPRESSED: u8 = 0x80;
const INFINITY: u8 = 0x40;

/// The modulus, big-endian.
const MODULUS: [u8; 48] = [
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
];

/// A point of the twist with this x coordinate, or the next one that has a point.
fn point_of_the_twist(mut x: u8) -> Signature {
    loop {
        let mut bytes = [0; 96];
        bytes[0] = COMPRESSED;
        bytes[95] = x;
        if min_pk::Signature::uncompress(&bytes).is_ok() {
            return Signature(bytes);
        }
        x += 1;
    }
}

/// Multiplies by a big-endian number; `blst`'s own multiplication takes points for members of the subgroup.
#[expect(
    unsafe_code,
    reason = "points outside the subgroup are out of reach of blst's safe functions"
)]
fn multiple(signature: &Signature, factor: &[u8]) -> Signature {
    let mut point = blst_p2_affine::default();
    let mut sum = blst_p2::default();
    let mut bytes = [0; 96];
    // SAFETY: all pointers are to owned values of the types that blst takes.
    unsafe {
        blst::blst_p2_uncompress(&raw mut point, signature.0.as_ptr());
        for byte in factor {
            for bit in (0..8).rev() {
                blst::blst_p2_double(&raw mut sum, &raw const sum);
                if byte >> bit & 1 == 1 {
                    blst::blst_p2_add_or_double_affine(
                        &raw mut sum,
                        &raw const sum,
                        &raw const point,
                    );
                }
            }
        }
        blst::blst_p2_compress(bytes.as_mut_ptr(), &raw const sum);
    }
    Signature(bytes)
}

fn with_signature(signature: Signature) -> Claim {
    Claim {
        signature,
        ..small_claim()
    }
}

fn bad_signature(error: PointError) -> Result<(), SignatureError> {
    Err(SignatureError::Signature(error))
}

fn bad_key(key: Key, source: PointError) -> Result<(), SignatureError> {
    Err(SignatureError::Key { key, source })
}

#[test]
fn the_claim_that_the_attacks_change_is_true() {
    assert_eq!(small_claim().verdict(), Ok(()));
}

#[test]
fn attack_b1_signature_by_other_keys() {
    let others = Committee::new(11..=13);
    let claim = with_signature(others.sign(&[true; 3], &small_claim().root));
    assert_eq!(claim.verdict(), Err(SignatureError::Mismatch));
}

#[test]
fn attack_b1_signature_over_another_root() {
    let claim = Claim {
        root: SigningRoot([8; 32]),
        ..small_claim()
    };
    assert_eq!(claim.verdict(), Err(SignatureError::Mismatch));
}

#[test]
fn attack_b1_signature_by_fewer_or_more() {
    let mut fewer = small_claim();
    fewer.absent.pop();
    assert_eq!(fewer.verdict(), Err(SignatureError::Mismatch));
    let mut more = small_claim();
    more.absent.push(more.absent[0]);
    assert_eq!(more.verdict(), Err(SignatureError::Mismatch));
}

#[test]
fn attack_b1_aggregate_of_another_committee() {
    let claim = Claim {
        aggregate: Committee::new(1..=6).aggregate(),
        ..small_claim()
    };
    assert_eq!(claim.verdict(), Err(SignatureError::Mismatch));
}

#[test]
fn attack_b1_negative_signature() {
    let mut claim = small_claim();
    claim.signature.0[0] ^= SIGN;
    assert_eq!(claim.verdict(), Err(SignatureError::Mismatch));
}

#[test]
fn attack_b1_signature_outside_the_subgroup() {
    for x in [0, 50, 100] {
        let claim = with_signature(point_of_the_twist(x));
        assert_eq!(claim.verdict(), Err(SignatureError::SignatureNotInSubgroup));
    }
}

/// The signature plus a point of tiny order pairs like the signature alone, and only the subgroup check tells them apart.
#[test]
fn attack_b1_signature_shifted_by_a_point_of_tiny_order() {
    let tiny = tiny_point();
    let [signature, tiny] = [small_claim().signature, tiny]
        .map(|point| min_pk::Signature::uncompress(&point.0).expect("a point of the twist"));
    let sum =
        min_pk::AggregateSignature::aggregate(&[&signature, &tiny], false).expect("two points");
    let claim = with_signature(Signature(sum.to_signature().compress()));
    assert_eq!(claim.verdict(), Err(SignatureError::SignatureNotInSubgroup));
}

/// A point of order 13: the twelvefold of it is its negative, so that the Miller loop's second addition is exceptional.
#[test]
fn attack_b1_signature_of_tiny_order() {
    let claim = with_signature(tiny_point());
    assert_eq!(claim.verdict(), Err(SignatureError::SignatureNotInSubgroup));
}

fn tiny_point() -> Signature {
    for x in (0..200).step_by(10) {
        let tiny = multiple(&point_of_the_twist(x), &COFACTOR_OF_13);
        if tiny.0[0] & INFINITY == 0 {
            assert_eq!(multiple(&tiny, &[13]).0[0] & INFINITY, INFINITY);
            return tiny;
        }
    }
    panic!("no point of order 13 found");
}

#[test]
fn attack_b1_signature_at_infinity() {
    let mut infinity = [0; 96];
    infinity[0] = COMPRESSED | INFINITY;
    let claim = with_signature(Signature(infinity));
    assert_eq!(claim.verdict(), bad_signature(PointError::Infinity));
    let mut claim = small_claim();
    claim.signature.0[0] |= INFINITY;
    assert_eq!(claim.verdict(), bad_signature(PointError::Infinity));
}

#[test]
fn attack_b1_signature_not_compressed() {
    let mut claim = small_claim();
    claim.signature.0[0] &= !COMPRESSED;
    assert_eq!(claim.verdict(), bad_signature(PointError::NotCompressed));
    let claim = with_signature(Signature([0; 96]));
    assert_eq!(claim.verdict(), bad_signature(PointError::NotCompressed));
}

#[test]
fn attack_b1_signature_not_canonical() {
    for at in [0, 48] {
        let mut bytes = point_of_the_twist(0).0;
        bytes[at..at + 48].copy_from_slice(&MODULUS);
        bytes[0] |= COMPRESSED;
        let claim = with_signature(Signature(bytes));
        assert_eq!(claim.verdict(), bad_signature(PointError::NotCanonical));
    }
}

#[test]
fn attack_b1_signature_off_the_curve() {
    let on_curve = point_of_the_twist(0).0[95];
    let off_curve = (0..255).find(|x| point_of_the_twist(*x).0[95] != *x);
    let off_curve = off_curve.expect("half of all x have no point");
    assert_ne!(on_curve, off_curve);
    let mut bytes = [0; 96];
    bytes[0] = COMPRESSED;
    bytes[95] = off_curve;
    let claim = with_signature(Signature(bytes));
    assert_eq!(claim.verdict(), bad_signature(PointError::NotOnCurve));
}

#[test]
fn attack_b1_keys_that_are_not_points() {
    let infinity = {
        let mut bytes = [0; 48];
        bytes[0] = COMPRESSED | INFINITY;
        bytes
    };
    let not_canonical = {
        let mut bytes = MODULUS;
        bytes[0] |= COMPRESSED;
        bytes
    };
    // blst takes no point of x = 0 at all; those are on the curve and have order three.
    let off_curve = (1..=255)
        .map(|x| {
            let mut bytes = [0; 48];
            bytes[0] = COMPRESSED;
            bytes[47] = x;
            bytes
        })
        .find(|bytes| min_pk::PublicKey::uncompress(bytes).is_err())
        .expect("half of all x have no point");
    let cases = [
        ([0; 48], PointError::NotCompressed),
        (infinity, PointError::Infinity),
        (not_canonical, PointError::NotCanonical),
        (off_curve, PointError::NotOnCurve),
    ];
    for (bytes, error) in cases {
        let mut claim = small_claim();
        claim.aggregate = PublicKey(bytes);
        assert_eq!(claim.verdict(), bad_key(Key::Aggregate, error));
        let mut claim = small_claim();
        claim.absent[1] = PublicKey(bytes);
        assert_eq!(claim.verdict(), bad_key(Key::Absent(1), error));
    }
}

/// The number of points of the twist, divided by 13², big-endian: what is left of a point has order 13.
const COFACTOR_OF_13: [u8; 95] = [
    0x04, 0x00, 0x54, 0x49, 0xcd, 0xa7, 0x31, 0xa7, 0x13, 0x6c, 0x44, 0x0a, 0x0c, 0x65, 0xb7, 0x28,
    0xba, 0x1c, 0x1f, 0xa6, 0xb6, 0x70, 0x83, 0x56, 0xf3, 0xb9, 0xbd, 0xc8, 0x43, 0x96, 0xca, 0xb3,
    0x39, 0x07, 0xd7, 0x15, 0x57, 0xa7, 0xd3, 0x36, 0x77, 0xf5, 0xd4, 0x5f, 0x7c, 0xed, 0xb8, 0xcf,
    0xda, 0xc1, 0x0f, 0xf1, 0xfc, 0x5b, 0x48, 0xd6, 0x46, 0x1e, 0x90, 0x77, 0x37, 0xd7, 0x8e, 0x96,
    0x56, 0x8f, 0x2d, 0x18, 0xc7, 0x50, 0xb4, 0xb3, 0xca, 0x5c, 0x33, 0xc3, 0xfd, 0x8f, 0xf8, 0xa7,
    0x06, 0x29, 0x88, 0x82, 0x81, 0x91, 0x45, 0x29, 0xf4, 0xe3, 0x38, 0x09, 0x41, 0xcf, 0xdd,
];
