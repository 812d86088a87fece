//! The two forms of a key's hash, checked against SP1's own definition and real keys.

use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_verifier::{KOALA_BEAR_PRIME, VerifyError, hash_from_words, hash_to_words};

use crate::fixtures::recorded;

/// SP1 defines the hash on chain as the number Σ wordᵢ · 2^(31 · (7 − i)), big-endian in 32 bytes.
fn by_definition(words: [u32; 8]) -> VerifyingKeyHash {
    let mut bytes = [0_u8; 32];
    for word in words {
        // bytes = bytes · 2³¹ + word
        let mut carry = u64::from(word);
        for byte in bytes.iter_mut().rev() {
            carry += u64::from(*byte) << 31;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
    VerifyingKeyHash::from_bytes(bytes)
}

#[test]
fn words_and_bytes_agree_with_the_definition() {
    let cases = [
        [0; 8],
        [1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 1],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [KOALA_BEAR_PRIME - 1; 8],
    ];
    for words in cases {
        let hash = by_definition(words);
        assert_eq!(hash_from_words(&words), Some(hash));
        assert_eq!(hash_to_words(&hash), Ok(words));
    }
}

#[test]
fn a_real_key_goes_there_and_back() {
    let Some(recorded) = recorded("v6.1/memberships_fixture-groth16.derived.json") else {
        return;
    };
    let words = hash_to_words(&recorded.key).expect("a real key");
    assert_eq!(hash_from_words(&words), Some(recorded.key));
}

#[test]
fn attack_b13_words_that_are_no_field_elements_are_refused() {
    for position in 0..8 {
        for value in [KOALA_BEAR_PRIME, KOALA_BEAR_PRIME + 1, 0x7fff_ffff] {
            let mut words = [5; 8];
            words[position] = value;
            assert_eq!(hash_from_words(&words), None);
            let got = by_definition(words);
            assert_eq!(
                hash_to_words(&got),
                Err(VerifyError::VerifyingKeyWord { got, position })
            );
        }
    }
    let got = VerifyingKeyHash::from_bytes([1; 32]);
    assert_eq!(
        hash_to_words(&got),
        Err(VerifyError::VerifyingKeyWord { got, position: 0 })
    );
}
