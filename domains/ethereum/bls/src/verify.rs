//! `verify`: where host and zkVM part.
//!
//! On the host it is `blst`, which needs no advice; in the zkVM it is [`verify_advised`](crate::verify_advised()).

pub use target::verify;

#[cfg(target_os = "zkvm")]
mod target {
    use crate::{Advice, PublicKey, Signature, SignatureError, SigningRoot, verify_advised};

    /// Verifies that the committee without its absent members signed the root.
    ///
    /// `aggregate` is the committee's aggregate key and `absent` the keys of the members that did not take part, as
    /// the committee proves them (see the crate's documentation for what that must imply).
    pub fn verify<'a>(
        aggregate: &PublicKey,
        absent: impl IntoIterator<Item = &'a PublicKey>,
        root: &SigningRoot,
        signature: &Signature,
        advice: &Advice<'_>,
    ) -> Result<(), SignatureError> {
        verify_advised(aggregate, absent, root, signature, advice)
    }
}

#[cfg(not(target_os = "zkvm"))]
mod target {
    use blst::BLST_ERROR;
    use blst::min_pk;

    use crate::encoding::{G1Encoding, G2Encoding};
    use crate::hash_to_curve::CIPHERSUITE;
    use crate::{Advice, Key, PointError, PublicKey, Signature, SignatureError, SigningRoot};

    /// Bits of the first byte of a compressed point (see [`crate::encoding`]).
    const INFINITY: u8 = 0x40;
    const LARGER: u8 = 0x20;

    /// Verifies that the committee without its absent members signed the root.
    ///
    /// `aggregate` is the committee's aggregate key and `absent` the keys of the members that did not take part, as
    /// the committee proves them (see the crate's documentation for what that must imply). The advice is for the
    /// zkVM; here it is not looked at.
    pub fn verify<'a>(
        aggregate: &PublicKey,
        absent: impl IntoIterator<Item = &'a PublicKey>,
        root: &SigningRoot,
        signature: &Signature,
        _advice: &Advice<'_>,
    ) -> Result<(), SignatureError> {
        let mut present =
            min_pk::AggregatePublicKey::from_public_key(&key(aggregate, Key::Aggregate)?);
        for (index, absent) in absent.into_iter().enumerate() {
            let minus = negated(&key(absent, Key::Absent(index))?, Key::Absent(index))?;
            present
                .add_public_key(&minus, false)
                .map_err(|_| not_on_curve(Key::Absent(index)))?;
        }
        let present = present.to_public_key();
        if present.compress()[0] & INFINITY != 0 {
            return Err(SignatureError::NobodyPresent);
        }
        G2Encoding::parse(&signature.0).map_err(SignatureError::Signature)?;
        let signature = min_pk::Signature::uncompress(&signature.0)
            .map_err(|_| SignatureError::Signature(PointError::NotOnCurve))?;
        signature
            .validate(true)
            .map_err(|_| SignatureError::SignatureNotInSubgroup)?;
        match signature.verify(false, &root.0, CIPHERSUITE, &[], &present, false) {
            BLST_ERROR::BLST_SUCCESS => Ok(()),
            _ => Err(SignatureError::Mismatch),
        }
    }

    fn key(encoded: &PublicKey, key: Key) -> Result<min_pk::PublicKey, SignatureError> {
        G1Encoding::parse(&encoded.0).map_err(|source| SignatureError::Key { key, source })?;
        min_pk::PublicKey::uncompress(&encoded.0).map_err(|_| not_on_curve(key))
    }

    /// The compressed form of minus a point is that of the point with the other sign.
    fn negated(point: &min_pk::PublicKey, key: Key) -> Result<min_pk::PublicKey, SignatureError> {
        let mut bytes = point.compress();
        bytes[0] ^= LARGER;
        min_pk::PublicKey::uncompress(&bytes).map_err(|_| not_on_curve(key))
    }

    const fn not_on_curve(key: Key) -> SignatureError {
        SignatureError::Key {
            key,
            source: PointError::NotOnCurve,
        }
    }
}
