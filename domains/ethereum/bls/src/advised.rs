//! `verify_advised`: the verification that circuits run, over advice.

use crate::curve::{G1, G2, Sum};
use crate::encoding::{G1Encoding, G2Encoding};
use crate::hash_to_curve::hash_to_curve;
use crate::oracle::{AdviceReader, Oracle};
use crate::pairing::Pairs;
use crate::{Advice, Key, PublicKey, Signature, SignatureError, SigningRoot};

/// Verifies like [`verify`](crate::verify()) does in the zkVM, on any machine.
///
/// The advice must be that of `advise` for the same arguments. It is used up exactly.
pub fn verify_advised<'a>(
    aggregate: &PublicKey,
    absent: impl IntoIterator<Item = &'a PublicKey>,
    root: &SigningRoot,
    signature: &Signature,
    advice: &Advice<'_>,
) -> Result<(), SignatureError> {
    let mut reader = AdviceReader::new(advice.words());
    verify_with(aggregate, absent, root, signature, &mut reader)?;
    reader.finish().map_err(SignatureError::Advice)
}

/// Verifies with the answers of an oracle.
pub(crate) fn verify_with<'a>(
    aggregate: &PublicKey,
    absent: impl IntoIterator<Item = &'a PublicKey>,
    root: &SigningRoot,
    signature: &Signature,
    oracle: &mut impl Oracle,
) -> Result<(), SignatureError> {
    let mut point = G1::NONE;
    let encoded = encoding(aggregate, Key::Aggregate)?;
    decode(&mut point, &encoded, Key::Aggregate, oracle)?;
    let mut present = Sum::new(point);
    for (index, absent) in absent.into_iter().enumerate() {
        let key = Key::Absent(index);
        // The negative of a point has the same x and the other y.
        let mut negative = encoding(absent, key)?;
        negative.larger = !negative.larger;
        decode(&mut point, &negative, key, oracle)?;
        present.add(&point);
    }
    let present = present.point().ok_or(SignatureError::NobodyPresent)?;
    let signature = G2Encoding::parse(&signature.0)
        .and_then(|encoding| G2::decode(&encoding, oracle))
        .map_err(SignatureError::Signature)?;
    let hashed = hash_to_curve(&root.0, oracle)?;
    Pairs::new(&present, hashed, signature, oracle)?.verify(oracle)
}

#[inline(always)]
fn encoding(encoded: &PublicKey, key: Key) -> Result<G1Encoding, SignatureError> {
    G1Encoding::parse(&encoded.0).map_err(|source| SignatureError::Key { key, source })
}

#[inline(always)]
fn decode(
    point: &mut G1,
    encoding: &G1Encoding,
    key: Key,
    oracle: &mut impl Oracle,
) -> Result<(), SignatureError> {
    point
        .decode(encoding, oracle)
        .map_err(|source| SignatureError::Key { key, source })
}
