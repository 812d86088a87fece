//! Committees with known secrets, and statements about them.

use std::sync::LazyLock;

use blst::min_pk::{AggregatePublicKey, AggregateSignature, SecretKey};
use valence_coprocessor_ethereum_bls::{
    Advice, PublicKey, Signature, SignatureError, SigningRoot, Unadvisable, advise, verify,
    verify_advised,
};

/// The tag of Ethereum's consensus signatures, as the consensus specs give it.
pub(crate) const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// The sign of y in the first byte of a compressed point.
pub(crate) const SIGN: u8 = 0x20;

/// A claim: the committee with this aggregate key, without the absent members, signed the root.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) aggregate: PublicKey,
    pub(crate) absent: Vec<PublicKey>,
    pub(crate) root: SigningRoot,
    pub(crate) signature: Signature,
}

impl Claim {
    /// The claim as `blst` judges it.
    pub(crate) fn verify(&self) -> Result<(), SignatureError> {
        let advice = Advice::none();
        verify(
            &self.aggregate,
            &self.absent,
            &self.root,
            &self.signature,
            &advice,
        )
    }

    pub(crate) fn advise(&self) -> Result<Advice<'static>, Unadvisable> {
        advise(&self.aggregate, &self.absent, &self.root, &self.signature)
    }

    /// The claim as a circuit judges it.
    pub(crate) fn verify_advised(&self, advice: &Advice<'_>) -> Result<(), SignatureError> {
        verify_advised(
            &self.aggregate,
            &self.absent,
            &self.root,
            &self.signature,
            advice,
        )
    }

    /// Demands that host, advice and circuit give the same verdict, and returns it.
    pub(crate) fn verdict(&self) -> Result<(), SignatureError> {
        let verdict = self.verify();
        let (advised, advice) = match self.advise() {
            Ok(advice) => (Ok(()), advice),
            Err(Unadvisable { reason, advice }) => (Err(reason), advice),
        };
        assert_eq!(verdict, advised);
        assert_eq!(verdict, self.verify_advised(&advice));
        verdict
    }
}

/// A committee of members with known secrets.
#[derive(Clone, Debug)]
pub(crate) struct Committee(Vec<SecretKey>);

impl Committee {
    /// A committee of the secrets with the given numbers; equal numbers are equal members.
    pub(crate) fn new(numbers: impl IntoIterator<Item = u64>) -> Self {
        Self(numbers.into_iter().map(secret).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn key(&self, member: usize) -> PublicKey {
        PublicKey(self.0[member].sk_to_pk().compress())
    }

    pub(crate) fn aggregate(&self) -> PublicKey {
        let keys: Vec<_> = self.0.iter().map(SecretKey::sk_to_pk).collect();
        let keys: Vec<_> = keys.iter().collect();
        let sum = AggregatePublicKey::aggregate(&keys, false).expect("a committee is not empty");
        PublicKey(sum.to_public_key().compress())
    }

    /// What the present members sign, as one signature; that of an absent member if nobody is present.
    pub(crate) fn sign(&self, present: &[bool], root: &SigningRoot) -> Signature {
        let mut signatures: Vec<_> = self
            .0
            .iter()
            .zip(present)
            .filter(|(_, present)| **present)
            .map(|(secret, _)| secret.sign(&root.0, TAG, &[]))
            .collect();
        if signatures.is_empty() {
            signatures.push(self.0[0].sign(&root.0, TAG, &[]));
        }
        let signatures: Vec<_> = signatures.iter().collect();
        let sum = AggregateSignature::aggregate(&signatures, false).expect("somebody signed");
        Signature(sum.to_signature().compress())
    }

    /// The true claim that those present signed.
    pub(crate) fn claim(&self, present: &[bool], root: SigningRoot) -> Claim {
        let absent = (0..self.len())
            .filter(|member| !present[*member])
            .map(|member| self.key(member))
            .collect();
        Claim {
            aggregate: self.aggregate(),
            absent,
            root,
            signature: self.sign(present, &root),
        }
    }
}

/// The secret with a number.
pub(crate) fn secret(number: u64) -> SecretKey {
    let mut material = [0x5a; 32];
    material[..8].copy_from_slice(&number.to_le_bytes());
    SecretKey::key_gen(&material, &[]).expect("32 bytes are enough material")
}

/// The advice for [`small_claim`].
pub(crate) fn small_advice() -> Advice<'static> {
    static ADVICE: LazyLock<Advice<'static>> =
        LazyLock::new(|| small_claim().advise().expect("the claim is true"));
    ADVICE.clone()
}

/// A claim of a committee of five, of whom the second and the fourth are absent.
pub(crate) fn small_claim() -> Claim {
    let committee = Committee::new(1..=5);
    committee.claim(&[true, false, true, false, true], SigningRoot([7; 32]))
}
