//! Inputs of the circuit `bls-cycles`: true claims that a committee signed, and false ones. What the host's form of the
//! circuit's verification says to them is what the zkVM must say.

use core::error::Error as _;

use valence_coprocessor_circuit_sdk::{OpenedWitness, Root, encode_witnesses};
use valence_coprocessor_ethereum_bls::{
    Advice, PublicKey, Signature, SignatureError, SigningRoot, advise, verify_advised,
};
use valence_coprocessor_protocol::Writer;

use crate::Committee;
use crate::step_cases::first_small;

const MEMBERS: usize = 512;

/// An input of the circuit.
#[derive(Debug, Clone)]
pub struct SignatureCase {
    /// What is special about it.
    pub name: &'static str,
    /// What the circuit reads.
    pub input: Vec<u8>,
    /// The root that it outputs, or the words of its refusal.
    pub verdict: Result<[u8; 32], String>,
}

/// The claim that the committee with this aggregate key, without the absent members, signed the root.
#[derive(Clone)]
struct Claim {
    aggregate: PublicKey,
    absent: Vec<PublicKey>,
    root: SigningRoot,
    signature: Signature,
}

impl Claim {
    /// The true claim that all but the last so many of 512 signed.
    fn without(absent: usize) -> Self {
        let committee = Committee::of_size(0, MEMBERS);
        let root = SigningRoot([0x42; 32]);
        let signing: Vec<usize> = (0..MEMBERS - absent).collect();
        let keys = &committee.public.pubkeys;
        Self {
            aggregate: PublicKey(committee.public.aggregate_pubkey.0),
            absent: keys[MEMBERS - absent..]
                .iter()
                .map(|key| PublicKey(key.0))
                .collect(),
            signature: Signature(committee.sign(&signing, &root.0)),
            root,
        }
    }

    /// The best advice that there is for the claim, true or not.
    fn advice(&self) -> Advice<'static> {
        advise(&self.aggregate, &self.absent, &self.root, &self.signature)
            .unwrap_or_else(|unadvisable| unadvisable.advice)
    }

    fn case(&self, name: &'static str, advice: &Advice<'_>) -> SignatureCase {
        let mut writer = Writer::new();
        writer
            .bytes(&self.root.0)
            .bytes(&self.signature.0)
            .bytes(&self.aggregate.0)
            .length(self.absent.len());
        for key in &self.absent {
            writer.bytes(&key.0);
        }
        advice.write(&mut writer);
        let verdict = verify_advised(
            &self.aggregate,
            &self.absent,
            &self.root,
            &self.signature,
            advice,
        );
        let words = |error: SignatureError| match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        SignatureCase {
            name,
            input: encode_witnesses(&Root::ZERO, &[OpenedWitness::Data(writer.finish())]),
            verdict: verdict.map(|()| self.root.0).map_err(words),
        }
    }
}

/// Claims that are true: all signed, 95 of a hundred, two thirds.
pub fn true_signatures() -> Vec<SignatureCase> {
    [
        ("512 of 512 signed", 0),
        ("486 of 512 signed", 26),
        ("342 of 512 signed", 170),
    ]
    .into_iter()
    .map(|(name, absent)| {
        let claim = Claim::without(absent);
        claim.case(name, &claim.advice())
    })
    .collect()
}

/// Claims that are false, and true ones with wrong advice.
pub fn false_signatures() -> Vec<SignatureCase> {
    let honest = Claim::without(3);
    let refused = |name, change: &dyn Fn(&mut Claim)| {
        let mut claim = honest.clone();
        change(&mut claim);
        claim.case(name, &claim.advice())
    };
    let claims = [
        refused("other-root", &|claim| claim.root.0[0] ^= 1),
        refused("other-sign", &|claim| claim.signature.0[0] ^= 0x20),
        refused("missing-member", &|claim| claim.absent.truncate(2)),
        refused("signature-at-infinity", &|claim| {
            claim.signature.0 = [0; 96];
            claim.signature.0[0] = 0xc0;
        }),
        refused("signature-outside-the-subgroup", &|claim| {
            claim.signature = first_small(SignatureError::SignatureNotInSubgroup);
        }),
        refused("key-not-compressed", &|claim| {
            claim.absent[1].0[0] &= 0x7f;
        }),
        refused("nobody-present", &|claim| {
            claim.absent = vec![claim.aggregate];
        }),
    ];
    [claims.to_vec(), wrong_advice(&honest)].concat()
}

fn wrong_advice(honest: &Claim) -> Vec<SignatureCase> {
    let words = honest.advice().words().to_vec();
    let changed = |name, at: usize| {
        let mut wrong = words.clone();
        wrong[at] ^= 4;
        honest.case(name, &Advice::from_words(wrong))
    };
    let end = words.len();
    vec![
        changed("advice-on-a-key", 7),
        changed("advice-on-a-root", 60),
        changed("advice-on-a-slope", end * 47 / 100),
        changed("advice-on-the-last-slope", end - 3),
        honest.case(
            "advice-truncated",
            &Advice::from_words(words[..end - 1].to_vec()),
        ),
        honest.case(
            "advice-trailing",
            &Advice::from_words([words.as_slice(), &[0]].concat()),
        ),
    ]
}
