//! The honest update that each attack changes in one thing, and the refusal of it.

use valence_coprocessor_ethereum_beacon::{BeaconError, Client, Update};
use valence_coprocessor_ethereum_light_client::{Update as LightClientUpdate, UpdateError};

use crate::fixtures::NOW;
use crate::forge::{self, Committee, PERIOD, Plan};

/// In period 2, with the next committee known.
pub(super) const STORED: u64 = 2 * PERIOD + 8;

pub(super) fn client() -> Client {
    forge::client(forge::electra(), STORED, true)
}

/// Final and attested in period 2, after what the client has.
pub(super) fn plan() -> Plan {
    Plan::new(forge::electra(), STORED + 8, STORED + 20)
}

pub(super) fn refusal(client: &Client, update: &Update) -> UpdateError {
    let before = client.clone();
    let mut client = client.clone();
    let error = client.process(update, NOW).expect_err("an attack");
    assert_eq!(client, before, "a refused update changes nothing");
    match error {
        BeaconError::Update(error) => error,
        other => panic!("refused before the light client saw it: {other:?}"),
    }
}

/// What the light client itself says to an update that no beacon node could write.
pub(super) fn refusal_of(
    client: &Client,
    change: impl FnOnce(&mut LightClientUpdate<'_>),
) -> UpdateError {
    let prepared = client
        .prepare(&plan().forge())
        .expect("a well-formed update");
    let mut update = prepared.borrow();
    change(&mut update);
    client.store().verify(&update).expect_err("an attack")
}

/// Without this, no refusal below would mean anything.
#[test]
fn what_is_not_attacked_is_accepted() {
    let mut client = client();
    client
        .process(&plan().forge(), NOW)
        .expect("an honest update");
    assert_eq!(client.store().checkpoint().slot, STORED + 8);
    // Into the next period, by its own committee, and on.
    let next = Plan::new(forge::electra(), 3 * PERIOD + 8, 3 * PERIOD + 20);
    client
        .process(&next.forge(), NOW)
        .expect("an honest update");
    assert_eq!(
        client.current_sync_committee(),
        &Committee::of_period(3).public
    );
    assert_eq!(
        client.next_sync_committee(),
        Some(&Committee::of_period(4).public)
    );
    // A finality update says nothing of the next committee, and forgets none.
    let finality = Plan {
        next: None,
        ..Plan::new(forge::electra(), 3 * PERIOD + 16, 3 * PERIOD + 28)
    };
    client
        .process(&finality.forge(), NOW)
        .expect("an honest update");
    assert_eq!(
        client.next_sync_committee(),
        Some(&Committee::of_period(4).public)
    );
}
