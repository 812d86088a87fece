//! Recorded answers of mainnet's beacon nodes, from Capella to Electra.

use valence_coprocessor_ethereum_beacon::{
    BeaconError, Client, LightClientHeader, SyncCommittee, Update,
};
use valence_coprocessor_ethereum_light_client::{
    Checkpoint, Fork, Hasher, LightClientStore, MAINNET, StepError, UpdateError,
};
use valence_coprocessor_protocol::StateRoot;

use crate::fixtures::{self, NOW, hash};

/// The block of a finality update, as it stands in the recorded JSON.
fn assert_block(client: &Client, slot: u64) {
    assert_eq!(client.store().checkpoint().slot, slot);
}

#[test]
fn capella_from_a_bootstrap_through_six_periods() {
    let Some((bootstrap, updates, finality)) = fixtures::capella() else {
        return;
    };
    let mut client = fixtures::trusting(MAINNET, &bootstrap);
    assert_eq!(
        MAINNET.fork(client.store().checkpoint().slot),
        Fork::Capella
    );
    let first_period = MAINNET.preset.period(bootstrap.header.beacon.slot);
    assert_eq!(first_period, 862);
    let mut step = client.begin();
    for (update, period) in updates.iter().zip(862..) {
        client.process(update, NOW).expect("a recorded update");
        step.push(update, NOW).expect("a recorded update");
        // The first is older than the bootstrap and supplies a committee only.
        let slot = update
            .finalized_header
            .beacon
            .slot
            .max(bootstrap.header.beacon.slot);
        assert_block(&client, slot);
        let known = client.store().checkpoint().next_sync_committee;
        let expected = update
            .next_sync_committee
            .as_ref()
            .map(|next| next.root().expect("a committee"));
        assert_eq!(known, expected, "period {period}");
    }
    client
        .process(&finality, NOW)
        .expect("the recorded finality update");
    step.push(&finality, NOW)
        .expect("the recorded finality update");
    assert_block(&client, 7_109_344);
    let step = step.finish().expect("a step");
    assert_eq!(step.client, client);
    let execution = finality.finalized_header.execution.expect("a payload");
    assert_eq!(step.output.number, execution.block_number);
    assert_eq!(
        step.output.state_root,
        StateRoot::from_bytes(execution.state_root.0)
    );
}

#[test]
fn deneb_to_the_block_with_recorded_state_proofs() {
    let Some((bootstrap, update, finality)) = fixtures::deneb() else {
        return;
    };
    let client = fixtures::trusting(MAINNET, &bootstrap);
    let before = client.store().state();
    let mut step = client.begin();
    step.push(&update, NOW).expect("the period's update");
    // The bootstrap is of the very block that the finality update proves: nothing newer.
    let refused = step.push(&finality, NOW);
    assert_eq!(
        refused,
        Err(BeaconError::Update(UpdateError::FinalizedNotNewer {
            finalized: 9_567_456,
            stored: 9_567_456,
        }))
    );
    let learnt = step.client().clone();
    let ended = step.finish().map(|step| step.output);
    assert_eq!(
        ended,
        Err(BeaconError::Step(StepError::NoAdvance { slot: 9_567_456 }))
    );
    assert_ne!(
        learnt.store().state(),
        before,
        "the state commits to the next committee"
    );
    let execution = finality.finalized_header.execution.expect("a payload");
    assert_eq!(execution.block_number, 20_360_596);
}

#[test]
fn deneb_committee_changes_between_two_periods() {
    const FOLDER: &str = "01-beacon-mainnet/deneb-1150-1151-json";
    let Some(bootstrap) = fixtures::answer(&format!("{FOLDER}/BootstrapDeneb.json")) else {
        return;
    };
    let update = fixtures::answer(&format!("{FOLDER}/UpdateDeneb.json")).expect("recorded");
    let newer = fixtures::answer(&format!("{FOLDER}/UpdateNewPeriodDeneb.json")).expect("recorded");
    let mut client = fixtures::trusting(MAINNET, &bootstrap);
    let first = client.store().checkpoint().current_sync_committee;
    // Without the committee of the next period, its update cannot be judged.
    assert_eq!(
        client.process(&newer, NOW),
        Err(BeaconError::Update(UpdateError::SignaturePeriod {
            got: 1151,
            store: 1150,
            next_known: false,
        }))
    );
    client.process(&update, NOW).expect("the period's update");
    client
        .process(&newer, NOW)
        .expect("the next period's update");
    let checkpoint = client.store().checkpoint();
    assert_ne!(checkpoint.current_sync_committee, first);
    assert_eq!(
        checkpoint.current_sync_committee,
        update
            .next_sync_committee
            .expect("a committee")
            .root()
            .expect("a committee")
    );
}

#[test]
fn electra_with_absent_members() {
    let Some((bootstrap, update, finality)) = fixtures::electra() else {
        return;
    };
    let trusted = hash("0x017de851fc3d24ac51ee94300a6482601f8a860be3632c9a86e0b7330cafda9f");
    assert_eq!(fixtures::block_root(&bootstrap).to_bytes(), trusted);
    let client = fixtures::trusting(MAINNET, &bootstrap);
    let mut step = client.begin();
    step.push(&update, NOW).expect("the period's update");
    step.push(&finality, NOW).expect("the finality update");
    let step = step.finish().expect("a step");
    assert_eq!(step.output.previous, client.store().state());
    assert_eq!(step.output.number, 23_097_441);
    assert_eq!(step.output.time, 1_754_669_399);
    assert_eq!(
        step.output.payload.block_hash.as_bytes(),
        &hash("0x73d7fa96c5df0ff5b047936eee116ea7cf5703f11518c18c85038cf31bf4f674")
    );
    assert_eq!(
        step.output.state_root.as_bytes(),
        &hash("0x6619111180edebd2401e89fb3404660b7f285e4de78aa7a6061d373e3ee2e51d")
    );
    assert_eq!(step.output.payload.slot, 12_320_448);
}

/// Another client's recorded store, of the same period and without its next committee: it takes the finality update, and the
/// older update for its committee.
#[test]
fn electra_from_a_recorded_store() {
    let path = "01-beacon-mainnet/electra-1503-valence-json/state.json";
    let Some(recorded) = fixtures::json(path) else {
        return;
    };
    let store = &recorded["store"];
    let header: LightClientHeader = fixtures::parse(&store["finalized_header"]);
    let current: SyncCommittee = fixtures::parse(&store["current_sync_committee"]);
    let checkpoint = Checkpoint {
        block_root: header.beacon.summary().hash_tree_root(&mut Hasher::new()),
        slot: header.beacon.slot,
        current_sync_committee: current.root().expect("a committee"),
        next_sync_committee: None,
    };
    let store = LightClientStore::trusted(MAINNET, checkpoint);
    let mut client = Client::trusted(store, current, None).expect("this committee");
    let (bootstrap, update, finality) = fixtures::electra().expect("recorded");
    client
        .process(&update, NOW)
        .expect("it supplies a committee");
    assert_block(&client, 12_320_384);
    client.process(&finality, NOW).expect("the finality update");
    let mut bootstrapped = fixtures::trusting(MAINNET, &bootstrap);
    for update in [&update, &finality] {
        bootstrapped
            .process(update, NOW)
            .expect("a recorded update");
    }
    assert_eq!(client, bootstrapped);
}

/// The update of 1601 was signed in 1601 over a header of 1601, and what is final there is still of 1600: it moves the
/// store, by the committee of 1601, and teaches it no committee of 1602.
#[test]
fn electra_periods_1600_to_1602() {
    const FOLDER: &str = "01-beacon-mainnet/electra-1600-1602-ssz";
    let client = |slot: u64, period: u64| {
        let path = format!("{FOLDER}/bootstrap_slot{slot}_period{period}.ssz");
        let bootstrap = fixtures::ssz_bootstrap(&path, Fork::Electra)?;
        Some(fixtures::trusting(MAINNET, &bootstrap))
    };
    let Some(mut followed) = client(13_107_200, 1600) else {
        return;
    };
    let update = |period: u64| {
        fixtures::ssz_updates(&format!("{FOLDER}/update_period{period}.ssz"))
            .expect("recorded")
            .remove(0)
    };
    followed
        .process(&update(1600), NOW)
        .expect("it supplies the committee of 1601");
    followed
        .process(&update(1601), NOW)
        .expect("a recorded update");
    let fresh = client(13_115_392, 1601).expect("recorded");
    let checkpoint = followed.store().checkpoint();
    assert_eq!(checkpoint.slot, 13_115_328);
    assert_eq!(
        checkpoint.next_sync_committee,
        Some(fresh.store().checkpoint().current_sync_committee),
        "a bootstrap of 1601, asked for on its own, names the same committee"
    );
    let refused = |client: &Client, update: Update| {
        let error = client
            .clone()
            .process(&update, NOW)
            .expect_err("an update to be refused");
        let BeaconError::Update(error) = error else {
            panic!("{error:?}")
        };
        error
    };
    assert_eq!(
        refused(&followed, update(1602)),
        UpdateError::SignaturePeriod {
            got: 1602,
            store: 1600,
            next_known: true
        }
    );
    // Of a checkpoint in 1601 they are older, and the committee that they announce is of a period not yet final.
    let last = client(13_123_584, 1602).expect("recorded");
    for (client, period) in [(fresh, 1601), (last, 1602)] {
        assert_eq!(
            refused(&client, update(period)),
            UpdateError::NextSyncCommitteeNotFinal {
                finalized: period - 1,
                attested: period
            }
        );
    }
}
