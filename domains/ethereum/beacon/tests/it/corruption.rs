//! Every byte changed: of an update as a beacon node sends it, and of a step's input as the circuit reads it.

use std::ops::Range;

use valence_coprocessor_ethereum_beacon::{
    BeaconError, Bytes, Client, LightClientHeader, Step, Update,
};
use valence_coprocessor_ethereum_bls::verify_advised;
use valence_coprocessor_ethereum_light_client::{
    Advice, Hasher, HeaderError, LightClientStore, MAINNET, StepInput, UpdateError, step,
};
use valence_coprocessor_protocol::AlignedBytes;

use crate::devnet;
use crate::fixtures::{self, NOW};

const RUN: &str = "Test_MultiPeriodClientUpdateToCosmos";

/// A field, how one of its bytes is changed, and what must be said of it.
struct Field {
    name: String,
    length: usize,
    change: Box<dyn Fn(&mut Update, usize)>,
    expected: fn(&UpdateError) -> bool,
}

impl Field {
    fn bytes(
        name: impl Into<String>,
        length: usize,
        bytes: impl Fn(&mut Update) -> &mut [u8] + 'static,
        expected: fn(&UpdateError) -> bool,
    ) -> Self {
        Self {
            name: name.into(),
            length,
            change: Box::new(move |update, at| bytes(update)[at] ^= 1 << (at % 8)),
            expected,
        }
    }

    fn number(
        name: impl Into<String>,
        number: impl Fn(&mut Update) -> &mut u64 + 'static,
        expected: fn(&UpdateError) -> bool,
    ) -> Self {
        Self {
            name: name.into(),
            length: 8,
            change: Box::new(move |update, at| *number(update) ^= 1 << (9 * at)),
            expected,
        }
    }
}

type HeaderOf = fn(&mut Update) -> &mut LightClientHeader;

const ATTESTED: HeaderOf = |update| &mut update.attested_header;
const FINALIZED: HeaderOf = |update| &mut update.finalized_header;

fn signature(error: &UpdateError) -> bool {
    matches!(error, UpdateError::Signature(_))
}

fn finality(error: &UpdateError) -> bool {
    matches!(error, UpdateError::FinalityBranch)
}

fn next_committee(error: &UpdateError) -> bool {
    matches!(error, UpdateError::NextSyncCommitteeBranch)
}

fn attested_body(error: &UpdateError) -> bool {
    matches!(
        error,
        UpdateError::AttestedHeader(HeaderError::ExecutionBranch { .. })
    )
}

fn finalized_body(error: &UpdateError) -> bool {
    matches!(
        error,
        UpdateError::FinalizedHeader(HeaderError::ExecutionBranch { .. })
    )
}

/// The fields of a header and, as far as they have others, its payload.
fn header_fields(
    name: &'static str,
    header: HeaderOf,
    beacon: fn(&UpdateError) -> bool,
    body: fn(&UpdateError) -> bool,
    fields: &mut Vec<Field>,
) {
    let of = |field: &str| format!("{name}.{field}");
    fields.extend([
        Field::number(
            of("proposer_index"),
            move |u| &mut header(u).beacon.proposer_index,
            beacon,
        ),
        Field::bytes(
            of("parent_root"),
            32,
            move |u| &mut header(u).beacon.parent_root.0,
            beacon,
        ),
        Field::bytes(
            of("body_root"),
            32,
            move |u| &mut header(u).beacon.body_root.0,
            body,
        ),
    ]);
    macro_rules! payload {
        ($($field:ident: $length:literal,)*) => {$(
            fields.push(Field::bytes(of(stringify!($field)), $length, move |u| {
                &mut header(u).execution.as_mut().expect("a payload").$field.0
            }, body));
        )*};
    }
    payload! {
        parent_hash: 32, fee_recipient: 20, state_root: 32, receipts_root: 32, logs_bloom: 256, prev_randao: 32,
        base_fee_per_gas: 32, block_hash: 32, transactions_root: 32, withdrawals_root: 32,
    }
    macro_rules! numbers {
        ($($field:ident,)*) => {$(
            fields.push(Field::number(of(stringify!($field)), move |u| {
                &mut header(u).execution.as_mut().expect("a payload").$field
            }, body));
        )*};
    }
    numbers! { block_number, gas_limit, gas_used, timestamp, }
    macro_rules! blob_gas {
        ($($field:ident,)*) => {$(
            fields.push(Field::number(of(stringify!($field)), move |u| {
                header(u).execution.as_mut().expect("a payload").$field.as_mut().expect("Deneb's field")
            }, body));
        )*};
    }
    blob_gas! { blob_gas_used, excess_blob_gas, }
    for node in 0..4 {
        fields.push(Field::bytes(
            of("execution_branch"),
            32,
            move |u| &mut header(u).execution_branch.as_mut().expect("a payload")[node].0,
            body,
        ));
    }
}

fn fields(update: &Update) -> Vec<Field> {
    let mut fields = Vec::new();
    header_fields(
        "attested_header",
        ATTESTED,
        signature,
        attested_body,
        &mut fields,
    );
    header_fields(
        "finalized_header",
        FINALIZED,
        finality,
        finalized_body,
        &mut fields,
    );
    let payload = |header: &LightClientHeader| header.execution.clone().expect("a payload");
    let extra = payload(&update.attested_header).extra_data.len();
    fields.push(Field::bytes(
        "attested_header.extra_data",
        extra,
        |u| {
            &mut u
                .attested_header
                .execution
                .as_mut()
                .expect("a payload")
                .extra_data
        },
        attested_body,
    ));
    let extra = payload(&update.finalized_header).extra_data.len();
    fields.push(Field::bytes(
        "finalized_header.extra_data",
        extra,
        |u| {
            &mut u
                .finalized_header
                .execution
                .as_mut()
                .expect("a payload")
                .extra_data
        },
        finalized_body,
    ));
    fields.extend([
        Field::bytes(
            "attested_header.state_root",
            32,
            |u| &mut u.attested_header.beacon.state_root.0,
            finality,
        ),
        Field::bytes(
            "finalized_header.state_root",
            32,
            |u| &mut u.finalized_header.beacon.state_root.0,
            finality,
        ),
        Field::number(
            "attested_header.slot",
            |u| &mut u.attested_header.beacon.slot,
            |error| {
                matches!(
                    error,
                    UpdateError::SignatureNotAfterAttested { .. }
                        | UpdateError::FinalizedAfterAttested { .. }
                        | UpdateError::FinalityBranchDepth { .. }
                        | UpdateError::Signature(_)
                )
            },
        ),
        Field::number(
            "finalized_header.slot",
            |u| &mut u.finalized_header.beacon.slot,
            |error| {
                matches!(
                    error,
                    UpdateError::FinalizedAfterAttested { .. }
                        | UpdateError::FinalizedNotNewer { .. }
                        | UpdateError::GenesisHeader
                        | UpdateError::FinalityBranch
                )
            },
        ),
        Field::bytes(
            "sync_committee_bits",
            4,
            |u| &mut u.sync_aggregate.sync_committee_bits,
            signature,
        ),
        Field::bytes(
            "sync_committee_signature",
            96,
            |u| &mut u.sync_aggregate.sync_committee_signature.0,
            signature,
        ),
    ]);
    for node in 0..update.finality_branch.len() {
        fields.push(Field::bytes(
            "finality_branch",
            32,
            move |u| &mut u.finality_branch[node].0,
            finality,
        ));
    }
    for node in 0..update
        .next_sync_committee_branch
        .as_ref()
        .map_or(0, Vec::len)
    {
        fields.push(Field::bytes(
            "next_sync_committee_branch",
            32,
            move |u| &mut u.next_sync_committee_branch.as_mut().expect("a committee")[node].0,
            next_committee,
        ));
    }
    for key in 0..update
        .next_sync_committee
        .as_ref()
        .map_or(0, |next| next.pubkeys.len())
    {
        fields.push(Field::bytes(
            "next_sync_committee.pubkeys",
            48,
            move |u| &mut u.next_sync_committee.as_mut().expect("a committee").pubkeys[key].0,
            next_committee,
        ));
    }
    fields.push(Field::bytes(
        "next_sync_committee.aggregate_pubkey",
        48,
        |u| {
            &mut u
                .next_sync_committee
                .as_mut()
                .expect("a committee")
                .aggregate_pubkey
                .0
        },
        next_committee,
    ));
    fields
}

/// An update of a devnet: 32 keys, so every byte of the whole object can be changed.
#[test]
fn every_byte_of_an_update() {
    let Some(run) = devnet::recorded(RUN) else {
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
            let mut changed = update.clone();
            (field.change)(&mut changed, at);
            assert_ne!(&changed, update);
            let outcome = run.client.clone().process(&changed, now);
            let Err(BeaconError::Update(error)) = outcome else {
                panic!("{} byte {at}: {outcome:?}", field.name);
            };
            assert!(
                (field.expected)(&error),
                "{} byte {at}: {error:?}",
                field.name
            );
            changed_bytes += 1;
        }
    }
    assert!(changed_bytes > 3_700, "only {changed_bytes}");
}

/// The slot of the signature is not signed. With a clock that shows it, every change is refused all the same.
#[test]
fn every_byte_of_the_signature_slot() {
    let Some(run) = devnet::recorded(RUN) else {
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
    let Some(run) = devnet::recorded(RUN) else {
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
