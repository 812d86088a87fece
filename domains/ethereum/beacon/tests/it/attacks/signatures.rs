//! Attack b1: signatures that are not those of two thirds of the committee over this root.

use valence_coprocessor_ethereum_beacon::Bytes;
use valence_coprocessor_ethereum_bls::{PointError, SignatureError};
use valence_coprocessor_ethereum_light_client::{
    ForkSchedule, ForkVersion, Signature, UpdateError,
};

use super::honest::{STORED, client, plan, refusal, refusal_of};
use crate::fixtures::NOW;
use crate::forge;
use crate::forge::Plan;

#[test]
fn attack_b1_signatures_that_are_not_the_committees() {
    let client = client();
    let mismatch = UpdateError::Signature(SignatureError::Mismatch);
    let zeros = {
        let mut update = plan().forge();
        update.sync_aggregate.sync_committee_signature = Bytes::ZERO;
        refusal(&client, &update)
    };
    assert_eq!(
        zeros,
        UpdateError::Signature(SignatureError::Signature(PointError::NotCompressed))
    );
    let infinity = refusal_of(&client, |update| {
        let mut bytes = [0; 96];
        bytes[0] = 0xc0;
        update.signature = Signature(bytes);
    });
    assert_eq!(
        infinity,
        UpdateError::Signature(SignatureError::Signature(PointError::Infinity))
    );
    let other = Plan {
        signer: 3,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &other.forge()),
        mismatch,
        "another committee's signature"
    );
    let domain = Plan {
        domain: [0, 0, 0, 0],
        ..plan()
    };
    assert_eq!(
        refusal(&client, &domain.forge()),
        mismatch,
        "a proposer's domain"
    );
    let version = Plan {
        version: ForkVersion::from_bytes([4, 0, 0, 1]),
        ..plan()
    };
    assert_eq!(
        refusal(&client, &version.forge()),
        mismatch,
        "the fork before"
    );
    let claimed = Plan {
        signing: (0..31).collect(),
        ..plan()
    };
    assert_eq!(
        refusal(&client, &claimed.forge()),
        mismatch,
        "one who did not sign"
    );
    let hidden = Plan {
        claimed: (0..31).collect(),
        ..plan()
    };
    assert_eq!(
        refusal(&client, &hidden.forge()),
        mismatch,
        "one who is said not to have"
    );
}

#[test]
fn attack_b1_less_than_two_thirds() {
    let client = client();
    let signed_by = |count: usize| {
        let members: Vec<_> = (0..count).collect();
        Plan {
            signing: members.clone(),
            claimed: members,
            ..plan()
        }
        .forge()
    };
    assert_eq!(
        refusal(&client, &signed_by(21)),
        UpdateError::Supermajority {
            participants: 21,
            size: 32
        }
    );
    // 22 · 3 ≥ 32 · 2.
    client
        .clone()
        .process(&signed_by(22), NOW)
        .expect("two thirds signed");
    let nobody = Plan {
        claimed: Vec::new(),
        ..plan()
    };
    assert_eq!(
        refusal(&client, &nobody.forge()),
        UpdateError::Supermajority {
            participants: 0,
            size: 32
        }
    );
}

/// The fork boundary itself: a signature in the first slot of a fork is under the version before.
#[test]
fn attack_b1_version_of_the_slot_of_the_signature() {
    let config = forge::config([0, 0, 0, 0, 0, 18, ForkSchedule::NEVER]);
    let client = forge::client(config, STORED, true);
    let first = 18 * 8;
    let honest = Plan::new(config, STORED + 1, first - 1);
    assert_eq!(honest.signature_slot, first);
    assert_eq!(honest.version.as_bytes(), &[4, 0, 0, 1]);
    client
        .clone()
        .process(&honest.forge(), NOW)
        .expect("signed under Deneb's version");
    let early = Plan {
        version: ForkVersion::from_bytes([5, 0, 0, 1]),
        ..honest
    };
    assert_eq!(
        refusal(&client, &early.forge()),
        UpdateError::Signature(SignatureError::Mismatch)
    );
}
