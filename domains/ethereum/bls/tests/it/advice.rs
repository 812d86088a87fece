//! Wrong advice: each value changed, left out, added, or made for another claim.

use proptest::prelude::*;
use valence_coprocessor_ethereum_bls::{Advice, AdviceError, SignatureError, SigningRoot};
use valence_coprocessor_protocol::{AlignedBytes, DecodeError, Reader, Writer};

use crate::committee::{Committee, small_advice, small_claim};

/// Words of the modulus.
const MODULUS: [u64; 6] = [
    0xb9fe_ffff_ffff_aaab,
    0x1eab_fffe_b153_ffff,
    0x6730_d2a0_f6b0_f624,
    0x6477_4b84_f385_12bf,
    0x4b1b_a7b6_434b_acd7,
    0x1a01_11ea_397f_e69a,
];

/// The advice with one word changed.
fn changed(advice: &Advice<'_>, at: usize, change: impl Fn(u64) -> u64) -> Advice<'static> {
    let mut words = advice.words().to_vec();
    words[at] = change(words[at]);
    Advice::from_words(words)
}

/// Changes one bit of every third word, so that every field element of the advice is changed, and demands refusals of
/// the kinds that wrong advice has.
#[test]
fn every_value_of_the_advice_is_checked() {
    let claim = small_claim();
    let advice = small_advice();
    let (mut quotients, mut roots, mut choices, mut points, mut pairings) = (0, 0, 0, 0, 0);
    for at in (0..advice.words().len()).step_by(3) {
        let wrong = changed(&advice, at, |word| word ^ 1 << (at % 61));
        match claim
            .verify_advised(&wrong)
            .expect_err("wrong advice is refused")
        {
            SignatureError::Advice(AdviceError::Quotient) => quotients += 1,
            SignatureError::Advice(AdviceError::Root) => roots += 1,
            SignatureError::Advice(AdviceError::Choice { .. }) => choices += 1,
            SignatureError::Advice(AdviceError::NotCanonical) => {}
            SignatureError::Key { .. } | SignatureError::Signature(_) => points += 1,
            SignatureError::Mismatch => pairings += 1,
            other => panic!("word {at}: {other}"),
        }
    }
    // Three keys and the signature; two hashed elements; the witness of the pairing; slopes.
    assert!(
        points >= 8 && roots >= 4 && pairings >= 6 && quotients >= 500,
        "{points} {roots} {choices} {pairings} {quotients}"
    );
}

/// The choice of the square is the only word that is not part of a field element: the other choice is refused too.
#[test]
fn choices_are_checked() {
    let claim = small_claim();
    let advice = small_advice();
    let words = advice.words();
    // A word of a field element is below 2 with a chance of 2^-63.
    let choices: Vec<_> = (0..words.len()).filter(|at| words[*at] < 2).collect();
    assert_eq!(choices.len(), 2);
    for at in choices {
        let wrong = changed(&advice, at, |choice| 1 - choice);
        assert_eq!(
            claim.verify_advised(&wrong),
            Err(SignatureError::Advice(AdviceError::Root))
        );
        let wrong = changed(&advice, at, |choice| choice + 2);
        let got = words[at] + 2;
        assert_eq!(
            claim.verify_advised(&wrong),
            Err(SignatureError::Advice(AdviceError::Choice { got }))
        );
    }
}

/// The same number written as itself plus the modulus, where six words have room for that.
#[test]
fn field_elements_are_canonical() {
    let claim = small_claim();
    let advice = small_advice();
    let mut words = advice.words().to_vec();
    let mut carry = false;
    for (word, modulus) in words.iter_mut().zip(MODULUS) {
        let (sum, first) = word.overflowing_add(modulus);
        let (sum, second) = sum.overflowing_add(carry.into());
        (*word, carry) = (sum, first || second);
    }
    assert!(!carry);
    let error = claim.verify_advised(&Advice::from_words(words));
    assert!(
        matches!(
            error,
            Err(SignatureError::Key { .. } | SignatureError::Advice(AdviceError::NotCanonical))
        ),
        "{error:?}"
    );
}

#[test]
fn advice_is_used_up_exactly() {
    let claim = small_claim();
    let words = small_advice().words().to_vec();
    for length in (0..words.len()).step_by(97) {
        let short = Advice::from_words(words[..length].to_vec());
        assert!(claim.verify_advised(&short).is_err(), "{length}");
    }
    let short = Advice::from_words(words[..words.len() - 1].to_vec());
    assert_eq!(
        claim.verify_advised(&short),
        Err(SignatureError::Advice(AdviceError::Truncated))
    );
    let long = Advice::from_words([words, vec![0; 6]].concat());
    assert_eq!(
        claim.verify_advised(&long),
        Err(SignatureError::Advice(AdviceError::Trailing {
            remaining: 6
        }))
    );
    assert!(claim.verify_advised(&Advice::none()).is_err());
}

/// Advice for the same signature under another root, and for another signature over the same root.
#[test]
fn advice_of_another_claim() {
    let claim = small_claim();
    let committee = Committee::new(1..=5);
    let present = [true, false, true, false, true];
    let other_root = committee.claim(&present, SigningRoot([8; 32]));
    let advice = other_root.advise().expect("the claim is true");
    assert!(claim.verify_advised(&advice).is_err());
    let others = Committee::new(11..=15).claim(&present, claim.root);
    let advice = others.advise().expect("the claim is true");
    assert!(claim.verify_advised(&advice).is_err());
}

/// The witness of the pairing is six field elements. As zeros it leaves the product of the pairings as it is, which is
/// in no subfield.
#[test]
fn the_pairing_needs_its_witness() {
    let claim = small_claim();
    let advice = small_advice();
    let is_witness = |at: &usize| {
        let wrong = changed(&advice, *at, |word| word ^ 1);
        claim.verify_advised(&wrong) == Err(SignatureError::Mismatch)
    };
    let witness: Vec<_> = (0..advice.words().len()).filter(is_witness).collect();
    assert_eq!(witness.len(), 36);
    let mut words = advice.words().to_vec();
    for at in witness {
        words[at] = 0;
    }
    let without = claim.verify_advised(&Advice::from_words(words));
    assert_eq!(without, Err(SignatureError::Mismatch));
}

#[test]
fn advice_travels_in_words() {
    let advice = small_advice();
    let mut writer = Writer::new();
    advice.write(&mut writer);
    let bytes = writer.finish();
    let aligned = AlignedBytes::new(&bytes).expect("whole words");
    let mut reader = Reader::new(aligned.words());
    let read = Advice::read(&mut reader).expect("what was written");
    reader.finish().expect("nothing follows");
    assert_eq!(read, advice);
    let mut short = Reader::new(&aligned.words()[..7]);
    assert!(matches!(
        Advice::read(&mut short),
        Err(DecodeError::Truncated { .. })
    ));
    let mut huge = Reader::new(&[u64::MAX]);
    assert!(matches!(
        Advice::read(&mut huge),
        Err(DecodeError::TooLarge { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any words at all: an error, and no panic.
    #[test]
    fn arbitrary_changes(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 1..4)) {
        let claim = small_claim();
        let advice = small_advice();
        let mut words = advice.words().to_vec();
        for (at, word) in changes {
            let at = at.index(words.len());
            words[at] = word;
        }
        prop_assume!(words != advice.words());
        prop_assert!(claim.verify_advised(&Advice::from_words(words)).is_err());
    }
}
