//! Attack b3: committees that are not the ones of their periods.

use valence_coprocessor_ethereum_beacon::PreparedUpdate;
use valence_coprocessor_ethereum_bls::SignatureError;
use valence_coprocessor_ethereum_light_client::{CommitteeError, UpdateError};

use super::honest::{STORED, client, plan, refusal};
use crate::fixtures::NOW;
use crate::forge::{self, Committee, PERIOD, Plan};

#[test]
fn attack_b3_next_committees_that_are_not_proven() {
    let client = client();
    let mut update = plan().forge();
    update.next_sync_committee = Some(Committee::of_period(9).public);
    let expected = Committee::of_period(3).public.root().expect("a committee");
    let got = Committee::of_period(9).public.root().expect("a committee");
    assert_eq!(
        refusal(&client, &update),
        UpdateError::NextSyncCommitteeMismatch { got, expected }
    );
    // Proven, but not the one that is known already.
    let proven = Plan {
        next: Some(9),
        ..plan()
    };
    assert_eq!(
        refusal(&client, &proven.forge()),
        UpdateError::NextSyncCommitteeMismatch { got, expected }
    );
    // With nothing known to compare with, the branch decides.
    let unknowing = forge::client(forge::electra(), STORED, false);
    assert_eq!(
        refusal(&unknowing, &update),
        UpdateError::NextSyncCommitteeBranch
    );
    let mut later = Plan::new(forge::electra(), 3 * PERIOD, 3 * PERIOD + 9).forge();
    later.next_sync_committee = Some(Committee::of_period(9).public);
    assert_eq!(
        refusal(&client, &later),
        UpdateError::NextSyncCommitteeBranch
    );
}

#[test]
fn attack_b3_committees_of_other_periods() {
    let client = client();
    // Signed in period 3 by the committee of period 2, and shown with the keys of either.
    let stale = Plan {
        signer: 2,
        ..Plan::new(forge::electra(), 3 * PERIOD, 3 * PERIOD + 9)
    };
    assert_eq!(
        refusal(&client, &stale.forge()),
        UpdateError::Signature(SignatureError::Mismatch)
    );
    let old = Committee::of_period(2).public;
    let shown =
        PreparedUpdate::new(&stale.forge(), &old, client.store().config()).expect("prepared");
    assert_eq!(
        client.store().verify(&shown.borrow()),
        Err(UpdateError::SyncCommittee {
            got: old.root().expect("a committee"),
            expected: Committee::of_period(3).public.root().expect("a committee"),
        })
    );
    // Periods that the client has not come to, or has left behind.
    let skipped = Plan::new(forge::electra(), 4 * PERIOD, 4 * PERIOD + 9);
    let period = |got, next_known| UpdateError::SignaturePeriod {
        got,
        store: 2,
        next_known,
    };
    assert_eq!(refusal(&client, &skipped.forge()), period(4, true));
    let past = Plan::new(forge::electra(), PERIOD, PERIOD + 9);
    assert_eq!(refusal(&client, &past.forge()), period(1, true));
    let unknowing = forge::client(forge::electra(), STORED, false);
    let next = Plan::new(forge::electra(), 3 * PERIOD, 3 * PERIOD + 9);
    assert_eq!(refusal(&unknowing, &next.forge()), period(3, false));
}

#[test]
fn attack_b3_keys_that_are_not_of_the_committee() {
    let client = client();
    let members: Vec<_> = (3..32).collect();
    let update = Plan {
        signing: members.clone(),
        claimed: members,
        ..plan()
    }
    .forge();
    client
        .clone()
        .process(&update, NOW)
        .expect("29 of 32 signed");
    let prepared = client.prepare(&update).expect("prepared");
    let honest = prepared.borrow();
    assert_eq!(
        (honest.signers.absent.len(), honest.signers.siblings.len()),
        (3, 4)
    );
    let (absent, siblings) = (honest.signers.absent, honest.signers.siblings);
    let mut fewer = honest.clone();
    fewer.signers.absent = &absent[..2];
    assert_eq!(
        client.store().verify(&fewer),
        Err(UpdateError::Signers(CommitteeError::AbsentKeys {
            got: 2,
            expected: 3
        }))
    );
    let mut missing = honest.clone();
    missing.signers.siblings = &siblings[..3];
    assert_eq!(
        client.store().verify(&missing),
        Err(UpdateError::Signers(CommitteeError::SiblingMissing {
            got: 3
        }))
    );
    let swapped = [absent[1], absent[0], absent[2]];
    let mut update = honest.clone();
    update.signers.absent = &swapped;
    let error = client.store().verify(&update).expect_err("an attack");
    assert!(
        matches!(error, UpdateError::SyncCommittee { .. }),
        "{error:?}"
    );
    let more = [siblings, &[[0; 8]]].concat();
    update.signers = honest.signers;
    update.signers.siblings = &more;
    let error = client.store().verify(&update).expect_err("an attack");
    assert_eq!(
        error,
        UpdateError::Signers(CommitteeError::SiblingsLeft { left: 1 })
    );
    update.signers = honest.signers;
    update.signers.aggregate_pubkey = absent[0];
    let error = client.store().verify(&update).expect_err("an attack");
    assert!(
        matches!(error, UpdateError::SyncCommittee { .. }),
        "{error:?}"
    );
}
