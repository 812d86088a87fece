//! Every byte changed: of an update as a beacon node sends it, and of a step's input as the circuit reads it.

use std::ops::Range;

use valence_coprocessor_ethereum_beacon::{BeaconError, Bootstrap, Bytes, Client, Step};
use valence_coprocessor_ethereum_bls::verify_advised;
use valence_coprocessor_ethereum_light_client::{
    Advice, BootstrapError, Fork, Hasher, HeaderError, LightClientStore, MAINNET, StepInput,
    UpdateError, step,
};
use valence_coprocessor_protocol::AlignedBytes;

use crate::fixtures::{self, NOW, devnet_run, sync_cases};
use crate::forge::fields;

const RUN: &str = "Test_MultiPeriodClientUpdateToCosmos";

/// An update of a devnet: 32 keys, so every byte of the whole object can be changed.
#[test]
fn every_byte_of_an_update() {
    let Some(run) = devnet_run(RUN) else {
        return;
    };
    let (update, _) = &run.updates[0];
    let now = update.signature_slot;
    run.client
        .clone()
        .process(update, now)
        .expect("the recorded update");
    let mut changed_bytes = 0;
    for field in fields(update) {
        for at in 0..field.length {
            let changed = field.changed(update, at);
            let outcome = run.client.clone().process(&changed, now);
            let Err(BeaconError::Update(error)) = outcome else {
                panic!("{} byte {at}: {outcome:?}", field.name);
            };
            assert!(field.expects(&error), "{} byte {at}: {error:?}", field.name);
            changed_bytes += 1;
        }
    }
    assert!(changed_bytes > 3_700, "only {changed_bytes}");
}

/// The slot of the signature is not signed. With a clock that shows it, every change is refused all the same.
#[test]
fn every_byte_of_the_signature_slot() {
    let Some(run) = devnet_run(RUN) else {
        return;
    };
    let (update, _) = &run.updates[0];
    let now = update.signature_slot;
    for bit in 0..64 {
        let mut changed = update.clone();
        changed.signature_slot ^= 1 << bit;
        let error = run
            .client
            .clone()
            .process(&changed, now)
            .expect_err("another slot");
        let expected = matches!(
            error,
            BeaconError::FromTheFuture { .. }
                | BeaconError::Update(UpdateError::SignatureNotAfterAttested { .. })
        );
        assert!(expected, "bit {bit}: {error:?}");
    }
}

/// The committee that a host keeps is bound to the store by its root.
#[test]
fn every_byte_of_the_committee() {
    let Some(run) = devnet_run(RUN) else {
        return;
    };
    let committee = run.client.current_sync_committee();
    let store: LightClientStore = *run.client.store();
    for at in 0..33 * 48 {
        let mut changed = committee.clone();
        let Bytes(key) = match changed.pubkeys.get_mut(at / 48) {
            Some(key) => key,
            None => &mut changed.aggregate_pubkey,
        };
        key[at % 48] ^= 1 << (at % 8);
        let refused = Client::trusted(store, changed, Some(committee.clone()));
        assert!(
            matches!(
                refused,
                Err(BeaconError::RecordedCommittee {
                    which: "current",
                    ..
                })
            ),
            "byte {at}: {refused:?}"
        );
    }
}

/// A bootstrap as a node sends it, of each of the specification's cases of Electra.
#[test]
fn every_byte_of_a_bootstrap() {
    use BootstrapError::{CurrentSyncCommitteeBranch, Header, TrustedBlockRoot};
    let mut cases = sync_cases();
    cases.retain(|case| case.bootstrap.1 == Fork::Electra);
    assert!(fixtures::folder().is_none() || !cases.is_empty());
    for case in cases {
        let (bytes, fork) = &case.bootstrap;
        let preset = &case.config.preset;
        // An offset, the committee with its branch, then the header: slot to state root, body root, another offset,
        // branch and payload, in which the place of the extra data is an offset as well.
        let header = 4 + 33 * 48 + 6 * 32;
        let payload = header + 112 + 4 + 4 * 32;
        let extra_data = payload + 436;
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let refused = Bootstrap::from_ssz(&changed, *fork, preset)
                .and_then(|bootstrap| Client::bootstrap(case.config, case.trusted, &bootstrap))
                .expect_err("a changed bootstrap");
            let is_offset = at < 4
                || (header + 112..header + 116).contains(&at)
                || (extra_data..extra_data + 4).contains(&at);
            let expected = match refused {
                BeaconError::Ssz(_) => is_offset,
                BeaconError::Bootstrap(CurrentSyncCommitteeBranch) => at < header && !is_offset,
                BeaconError::Bootstrap(TrustedBlockRoot { .. }) => {
                    (header..header + 80).contains(&at)
                }
                BeaconError::Bootstrap(Header(HeaderError::ExecutionBranch { .. })) => {
                    at >= header + 80 && !is_offset
                }
                _ => false,
            };
            assert!(expected, "byte {at}: {refused:?}");
        }
    }
}

/// A step of mainnet of which 22 of 512 did not sign the last update, with the client before it.
fn electra_step() -> Option<(Client, Step)> {
    let (bootstrap, update, finality) = fixtures::electra()?;
    let client = fixtures::trusting(MAINNET, &bootstrap);
    let mut step = client.begin();
    step.push(&update, NOW).expect("the period's update");
    step.push(&finality, NOW).expect("the finality update");
    Some((client, step.finish().expect("a step")))
}

/// Where the advice of each update lies in an input.
fn advice_ranges(input: &[u8]) -> Vec<Range<usize>> {
    let aligned = AlignedBytes::new(input).expect("whole words");
    let decoded = StepInput::decode(aligned.words()).expect("an input");
    let base = aligned.words().as_ptr() as usize;
    let range = |words: &[u64]| {
        let start = words.as_ptr() as usize - base;
        start..start + 8 * words.len()
    };
    decoded
        .updates
        .iter()
        .map(|update| range(update.advice.words()))
        .collect()
}

/// Changes each byte of a range of an input. A changed configuration or checkpoint is a step from another state, which
/// no head is; a changed slot of a signature, in the same period and fork, changes nothing that is proven; advice is
/// what the next test is about. Every other byte makes the step fail.
fn change_every_byte(before: &Client, honest: &Step, bytes: Range<usize>) {
    let head = before.store().state();
    let advice = advice_ranges(&honest.input);
    // The mark, the configuration and the checkpoint.
    let state_ends = 8 + 3 * 8 + 32 + 7 * 16 + 3 * 32 + 8;
    let mut unsigned = 0;
    for at in bytes {
        if advice.iter().any(|range| range.contains(&at)) {
            continue;
        }
        let is_signature_slot = advice
            .iter()
            .any(|range| (range.start - 16..range.start - 8).contains(&at));
        let mut changed = honest.input.clone();
        changed[at] ^= 1 << (at % 8);
        match step(&changed) {
            Err(_) => {}
            Ok(output) if at < state_ends => assert_ne!(output.previous, head, "byte {at}"),
            Ok(output) => {
                assert!(is_signature_slot, "byte {at} is not checked");
                assert_eq!(output, honest.output, "byte {at}");
                unsigned += 1;
            }
        }
    }
    assert!(unsigned <= 2, "{unsigned} bytes of one slot");
}

#[test]
fn every_byte_of_a_period_update_in_a_steps_input() {
    let Some((client, honest)) = electra_step() else {
        return;
    };
    let first_ends = advice_ranges(&honest.input)[0].end;
    change_every_byte(&client, &honest, 0..first_ends);
}

#[test]
fn every_byte_of_a_finality_update_in_a_steps_input() {
    let Some((bootstrap, update, finality)) = fixtures::electra() else {
        return;
    };
    let mut client = fixtures::trusting(MAINNET, &bootstrap);
    client.process(&update, NOW).expect("the period's update");
    let mut builder = client.begin();
    builder.push(&finality, NOW).expect("the finality update");
    let honest = builder.finish().expect("a step");
    change_every_byte(&client, &honest, 0..honest.input.len());
}

/// The prover's advice, as the zkVM's verification reads it, on a sample of its words.
#[test]
fn wrong_advice_is_refused() {
    let Some((_, honest)) = electra_step() else {
        return;
    };
    let aligned = AlignedBytes::new(&honest.input).expect("whole words");
    let decoded = StepInput::decode(aligned.words()).expect("an input");
    let update = &decoded.updates[1];
    let root = update.signing_root(&mut Hasher::new(), &MAINNET);
    let verify = |words: Vec<u64>| {
        let signers = &update.signers;
        let advice = Advice::from_words(words);
        verify_advised(
            &signers.aggregate_pubkey,
            signers.absent,
            &root,
            &update.signature,
            &advice,
        )
    };
    let words = update.advice.words().to_vec();
    verify(words.clone()).expect("the encoder's advice");
    verify(words[1..].to_vec()).expect_err("advice that is too short");
    verify([words.as_slice(), &[0]].concat()).expect_err("advice that is too long");
    for at in (0..words.len()).step_by(97) {
        let mut changed = words.clone();
        changed[at] ^= 1 << (at % 64);
        assert!(verify(changed).is_err(), "word {at}");
    }
}
