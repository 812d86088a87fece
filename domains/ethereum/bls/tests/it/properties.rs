//! Random committees, judged by `blst`'s `fast_aggregate_verify` over the keys of those present.

use blst::BLST_ERROR;
use blst::min_pk;
use proptest::prelude::*;
use valence_coprocessor_ethereum_bls::{PublicKey, Signature, SignatureError, SigningRoot};

use crate::committee::{Committee, SIGN, TAG};

/// Whether `blst` says that the keys signed the root: it adds up those present, where we subtract those absent.
fn fast_aggregate_verify(keys: &[PublicKey], root: &SigningRoot, signature: &Signature) -> bool {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| min_pk::PublicKey::key_validate(&key.0).expect("a valid key"))
        .collect();
    let keys: Vec<_> = keys.iter().collect();
    let signature = min_pk::Signature::uncompress(&signature.0).expect("a point of the curve");
    signature.fast_aggregate_verify(true, &root.0, TAG, &keys) == BLST_ERROR::BLST_SUCCESS
}

/// The numbers of a committee's members, with many repetitions, and who is present.
fn committee() -> impl Strategy<Value = (Vec<u64>, Vec<bool>)> {
    (4_usize..64).prop_flat_map(|size| {
        (
            prop::collection::vec(0..(size as u64), size),
            prop::collection::vec(prop::bool::weighted(0.7), size),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A true claim is accepted by all; the same signature with one member more or less is refused by all.
    #[test]
    fn random_committees((members, mut present) in committee(), root: [u8; 32], toggled: prop::sample::Index) {
        let committee = Committee::new(members);
        let root = SigningRoot(root);
        prop_assume!(present.contains(&true));
        let claim = committee.claim(&present, root);
        let keys = |present: &[bool]| -> Vec<_> {
            (0..committee.len()).filter(|member| present[*member]).map(|member| committee.key(member)).collect()
        };
        prop_assert!(fast_aggregate_verify(&keys(&present), &root, &claim.signature));
        prop_assert_eq!(claim.verdict(), Ok(()));

        let toggled = toggled.index(committee.len());
        present[toggled] = !present[toggled];
        let mut other = committee.claim(&present, root);
        other.signature = claim.signature;
        if present.contains(&true) {
            prop_assert!(!fast_aggregate_verify(&keys(&present), &root, &claim.signature));
            prop_assert_eq!(other.verdict(), Err(SignatureError::Mismatch));
        } else {
            prop_assert_eq!(other.verdict(), Err(SignatureError::NobodyPresent));
        }
    }
}

#[test]
fn nobody_absent_and_everybody_absent() {
    let committee = Committee::new([3, 1, 4, 1, 5]);
    let root = SigningRoot([1; 32]);
    assert_eq!(committee.claim(&[true; 5], root).verdict(), Ok(()));
    let nobody = committee.claim(&[false; 5], root);
    assert_eq!(nobody.verdict(), Err(SignatureError::NobodyPresent));
}

/// A committee of one member many times over: the running sum meets the key itself, which is a doubling, and leaves it.
#[test]
fn one_member_many_times() {
    let committee = Committee::new([9; 6]);
    let root = SigningRoot([2; 32]);
    for absent in 0..6 {
        let present: Vec<_> = (0..6).map(|member| member >= absent).collect();
        assert_eq!(committee.claim(&present, root).verdict(), Ok(()));
    }
}

/// Keys that are each other's negatives, so that the running sum is doubled, vanishes, and comes back.
#[test]
fn opposite_keys() {
    let committee = Committee::new([1, 2]);
    let root = SigningRoot([3; 32]);
    let (one, two) = (committee.key(0), committee.key(1));
    let mut minus_one = one;
    minus_one.0[0] ^= SIGN;
    let by_one = committee.claim(&[true, false], root);
    let mut by_minus_one = by_one.signature;
    by_minus_one.0[0] ^= SIGN;

    // Of one, minus one and two, the sum is two. Without two it vanishes; without two and minus one, one is left.
    let mut claim = by_one.clone();
    claim.aggregate = two;
    claim.absent = vec![two];
    assert_eq!(claim.verdict(), Err(SignatureError::NobodyPresent));
    claim.absent = vec![two, minus_one];
    assert!(fast_aggregate_verify(&[one], &root, &claim.signature));
    assert_eq!(claim.verdict(), Ok(()));

    // Of one, minus one and minus one, the sum is minus one. Without one it is doubled.
    let mut claim = by_one;
    claim.aggregate = minus_one;
    claim.absent = vec![one];
    claim.signature = twice(&by_minus_one);
    assert!(fast_aggregate_verify(
        &[minus_one, minus_one],
        &root,
        &claim.signature
    ));
    assert_eq!(claim.verdict(), Ok(()));
}

fn twice(signature: &Signature) -> Signature {
    let signature = min_pk::Signature::uncompress(&signature.0).expect("a point of the curve");
    let sum = min_pk::AggregateSignature::aggregate(&[&signature, &signature], false)
        .expect("two signatures");
    Signature(sum.to_signature().compress())
}
