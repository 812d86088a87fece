//! Attack b11: headers and committees that are not final.

use valence_coprocessor_ethereum_beacon::{BeaconError, Bytes};
use valence_coprocessor_ethereum_light_client::UpdateError;

use super::honest::{STORED, client, plan, refusal, refusal_of};
use crate::fixtures::NOW;
use crate::forge::{self, Committee, PERIOD, Plan};

#[test]
fn attack_b11_headers_that_are_not_final() {
    let client = client();
    let mut optimistic = plan().forge();
    optimistic.finality_branch = vec![Bytes::ZERO; 7];
    let slot = optimistic.attested_header.beacon.slot;
    assert_eq!(
        client.clone().process(&optimistic, NOW),
        Err(BeaconError::NoFinality { slot })
    );
    let zeros = [[0; 8]; 7];
    let prepared = client.prepare(&plan().forge()).expect("prepared");
    let mut update = prepared.borrow();
    update.finality_branch = &zeros;
    assert_eq!(
        client.store().verify(&update),
        Err(UpdateError::FinalityBranch)
    );
    // The attested header as the finalized one, as a forced update would have it.
    assert_eq!(
        refusal_of(&client, |update| update.finalized = update.attested),
        UpdateError::FinalityBranch
    );
}

#[test]
fn attack_b11_committees_of_a_period_that_is_not_final() {
    // Attested in period 3, final in period 2: the committee of period 4 is proven, and not learnt.
    let mut knowing = client();
    let across = Plan::new(forge::electra(), STORED + 8, 3 * PERIOD + 4);
    assert_eq!(across.next, Some(4));
    knowing
        .process(&across.forge(), NOW)
        .expect("an honest update");
    assert_eq!(
        knowing.next_sync_committee(),
        Some(&Committee::of_period(3).public)
    );
    assert_eq!(
        knowing.current_sync_committee(),
        &Committee::of_period(2).public
    );
    // An older update supplies a committee only if its period is the store's, and is final.
    let unknowing = forge::client(forge::electra(), STORED, false);
    let not_final = Plan::new(forge::electra(), PERIOD + 8, STORED + 20);
    assert_eq!(
        refusal(&unknowing, &not_final.forge()),
        UpdateError::NextSyncCommitteeNotFinal {
            finalized: 1,
            attested: 2
        }
    );
    let mut before = Plan::new(forge::electra(), PERIOD + 8, 2 * PERIOD - 1);
    before.signer = 2;
    assert_eq!(
        refusal(&unknowing, &before.forge()),
        UpdateError::NextSyncCommitteePeriod { got: 1, store: 2 }
    );
    let mut learning = unknowing;
    let older = Plan::new(forge::electra(), 2 * PERIOD + 1, STORED + 20);
    learning
        .process(&older.forge(), NOW)
        .expect("it supplies the next committee");
    assert_eq!(
        learning.store().checkpoint().slot,
        STORED,
        "and nothing else"
    );
    assert_eq!(
        learning.next_sync_committee(),
        Some(&Committee::of_period(3).public)
    );
}
