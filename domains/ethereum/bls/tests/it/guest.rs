//! Inputs of the circuit `bls-cycles`, written where a person can run them: the README has the command.

use std::fs;
use std::path::PathBuf;

use valence_coprocessor_circuit_sdk::{OpenedWitness, Root, encode_witnesses};
use valence_coprocessor_ethereum_bls::{Advice, Signature, SignatureError, SigningRoot};
use valence_coprocessor_protocol::Writer;

use crate::committee::{Claim, Committee, SIGN};

const MEMBERS: usize = 512;

/// Writes the input with which the circuit judges a claim.
fn write(name: &str, claim: &Claim, advice: &Advice<'_>) {
    let mut writer = Writer::new();
    writer
        .bytes(&claim.root.0)
        .bytes(&claim.signature.0)
        .bytes(&claim.aggregate.0)
        .length(claim.absent.len());
    for key in &claim.absent {
        writer.bytes(&key.0);
    }
    advice.write(&mut writer);
    let witness = OpenedWitness::Data(writer.finish());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bls-cycles");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let input = encode_witnesses(&Root::from_bytes([0; 32]), &[witness]);
    fs::write(folder.join(name).with_extension("input"), input).expect("the folder is writable");
}

/// The claim that the last `absent` members of 512 did not sign.
fn claim(absent: usize) -> Claim {
    let committee = Committee::new(0..MEMBERS as u64);
    let present: Vec<_> = (0..MEMBERS)
        .map(|member| member < MEMBERS - absent)
        .collect();
    committee.claim(&present, SigningRoot([0x42; 32]))
}

#[test]
fn true_claims() {
    for (name, absent) in [
        ("full", 0),
        ("ninety-five-percent", 26),
        ("two-thirds", 170),
    ] {
        let claim = claim(absent);
        assert_eq!(claim.verdict(), Ok(()));
        write(name, &claim, &claim.any_advice());
    }
}

/// The name of each says what the circuit must answer.
#[test]
fn attacks() {
    let honest = claim(3);
    let refused = |name: &str, change: &dyn Fn(&mut Claim)| {
        let mut claim = honest.clone();
        change(&mut claim);
        assert!(claim.verdict().is_err());
        write(name, &claim, &claim.any_advice());
    };
    refused("mismatch-other-root", &|claim| claim.root.0[0] ^= 1);
    refused("mismatch-other-sign", &|claim| claim.signature.0[0] ^= SIGN);
    refused("mismatch-missing-member", &|claim| claim.absent.truncate(2));
    refused("infinity-signature", &|claim| claim.signature.0[0] |= 0x40);
    refused("not-compressed-key", &|claim| claim.absent[1].0[0] &= 0x7f);
    refused("not-in-subgroup", &|claim| {
        // The first small x that has a point of the twist.
        for x in 0..=255 {
            claim.signature = Signature([0; 96]);
            claim.signature.0[0] = 0x80;
            claim.signature.0[95] = x;
            if claim.verify() == Err(SignatureError::SignatureNotInSubgroup) {
                return;
            }
        }
        panic!("half of all x have a point");
    });
    refused("nobody-present", &|claim| {
        claim.absent = vec![claim.aggregate];
    });
    let words = honest.any_advice().words().to_vec();
    for (name, at) in [
        ("advice-key", 7),
        ("advice-root", 60),
        ("advice-slope", words.len() * 47 / 100),
        ("advice-last-slope", words.len() - 3),
    ] {
        let mut wrong = words.clone();
        wrong[at] ^= 4;
        let advice = Advice::from_words(wrong);
        assert!(honest.verify_advised(&advice).is_err());
        write(name, &honest, &advice);
    }
    write(
        "advice-truncated",
        &honest,
        &Advice::from_words(words[..words.len() - 1].to_vec()),
    );
    write(
        "advice-trailing",
        &honest,
        &Advice::from_words([words, vec![0]].concat()),
    );
}
