//! The attacks on a light client, by their numbers. Each is right in everything but one thing, which is named.

use valence_coprocessor_ethereum_beacon::{BeaconError, Bytes, Client, PreparedUpdate, Update};
use valence_coprocessor_ethereum_bls::{PointError, SignatureError};
use valence_coprocessor_ethereum_light_client::{
    CommitteeError, ForkSchedule, ForkVersion, HeaderError, LightClientStore, NextSyncCommittee,
    Signature, StepError, StepInput, Update as LightClientUpdate, UpdateError, verify_step,
};

use crate::fixtures::NOW;
use crate::forge::{self, Committee, PERIOD, Plan};

/// In period 2, with the next committee known.
const STORED: u64 = 2 * PERIOD + 8;

fn client() -> Client {
    forge::client(forge::electra(), STORED, true)
}

/// Final and attested in period 2, after what the client has.
fn plan() -> Plan {
    Plan::new(forge::electra(), STORED + 8, STORED + 20)
}

fn refusal(client: &Client, update: &Update) -> UpdateError {
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
fn refusal_of(client: &Client, change: impl FnOnce(&mut LightClientUpdate<'_>)) -> UpdateError {
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

#[test]
fn attack_b2_slots_out_of_order() {
    let client = client();
    for signature in [0, STORED + 19, STORED + 20] {
        let plan = Plan {
            signature_slot: signature,
            ..plan()
        };
        assert_eq!(
            refusal(&client, &plan.forge()),
            UpdateError::SignatureNotAfterAttested {
                signature,
                attested: STORED + 20
            }
        );
    }
    let plan_of = |finalized, attested| Plan::new(forge::electra(), finalized, attested).forge();
    assert_eq!(
        refusal(&client, &plan_of(STORED + 21, STORED + 20)),
        UpdateError::FinalizedAfterAttested {
            finalized: STORED + 21,
            attested: STORED + 20
        }
    );
    for finalized in [1, STORED - 1, STORED] {
        assert_eq!(
            refusal(&client, &plan_of(finalized, STORED + 20)),
            UpdateError::FinalizedNotNewer {
                finalized,
                stored: STORED
            }
        );
    }
}

#[test]
fn attack_b2_a_clock_before_the_signature() {
    let mut client = client();
    let update = plan().forge();
    let signature = update.signature_slot;
    for current in [0, 1, signature - 1] {
        assert_eq!(
            client.process(&update, current),
            Err(BeaconError::FromTheFuture { signature, current })
        );
        let pushed = client.begin().push(&update, current);
        assert_eq!(
            pushed,
            Err(BeaconError::FromTheFuture { signature, current })
        );
    }
    // No check is skipped because of that one: with the clock right, the next fault is named.
    let worse = Plan {
        signer: 3,
        ..plan()
    }
    .forge();
    assert_eq!(
        refusal(&client, &worse),
        UpdateError::Signature(SignatureError::Mismatch)
    );
    client
        .process(&update, signature)
        .expect("the clock shows the signature's slot");
}

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

#[test]
fn attack_b4_branches_of_other_forks_and_indices() {
    let client = client();
    // Proven where Deneb had them, shown for Electra.
    let deneb = Plan {
        finalized_index: 105,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &deneb.forge()),
        UpdateError::FinalityBranchDepth {
            got: 6,
            expected: 7
        }
    );
    let deneb = Plan {
        next_index: 55,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &deneb.forge()),
        UpdateError::NextSyncCommitteeBranchDepth {
            got: 5,
            expected: 6
        }
    );
    // Proven somewhere else at the right depth: the epoch beside the root, the current committee beside the next.
    let epoch = Plan {
        finalized_index: 168,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &epoch.forge()),
        UpdateError::FinalityBranch
    );
    let current = Plan {
        next_index: 86,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &current.forge()),
        UpdateError::NextSyncCommitteeBranch
    );
    let slot = plan().attested_slot;
    let body = Plan {
        execution_index: 24,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &body.forge()),
        UpdateError::AttestedHeader(HeaderError::ExecutionBranch { slot })
    );
}

#[test]
fn attack_b4_branches_that_are_empty_or_too_long() {
    let client = client();
    assert_eq!(
        refusal_of(&client, |update| update.finality_branch = &[]),
        UpdateError::FinalityBranchDepth {
            got: 0,
            expected: 7
        }
    );
    assert_eq!(
        refusal_of(&client, |update| {
            let root = update.next_sync_committee.expect("a committee").root;
            update.next_sync_committee = Some(NextSyncCommittee { root, branch: &[] });
        }),
        UpdateError::NextSyncCommitteeBranchDepth {
            got: 0,
            expected: 6
        }
    );
    assert_eq!(
        refusal_of(&client, |update| {
            let mut execution = update.finalized.execution.expect("a payload");
            execution.branch = &execution.branch[..3];
            update.finalized.execution = Some(execution);
        }),
        UpdateError::FinalizedHeader(HeaderError::ExecutionBranchDepth {
            got: 3,
            expected: 4
        })
    );
    // A node that is not zero in front of a right branch is no layout of a newer fork.
    let mut update = plan().forge();
    update.finality_branch.insert(0, Bytes([1; 32]));
    assert_eq!(
        refusal(&client, &update),
        UpdateError::FinalityBranchDepth {
            got: 8,
            expected: 7
        }
    );
    // Zeros are: the specification's `normalize_merkle_branch`.
    update.finality_branch[0] = Bytes::ZERO;
    let mut client = client;
    client
        .process(&update, NOW)
        .expect("the layout of a newer fork");
}

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

#[test]
fn attack_b12_a_second_header_at_one_slot() {
    let mut client = client();
    let first = client.prepare(&plan().forge()).expect("prepared");
    let verified = client.verify(&first, NOW).expect("an honest update");
    client
        .process(&plan().forge(), NOW)
        .expect("an honest update");
    // Verified against the store as it was: it does not apply any more.
    let mut store = *client.store();
    let moved = store.apply(verified).expect_err("the store moved");
    assert!(matches!(moved, UpdateError::StoreMoved { .. }), "{moved:?}");
    let other = Plan {
        blob_gas: 0,
        ..plan()
    };
    assert_ne!(
        other.forge().finalized_header,
        plan().forge().finalized_header
    );
    assert_eq!(
        refusal(&client, &other.forge()),
        UpdateError::FinalizedNotNewer {
            finalized: STORED + 8,
            stored: STORED + 8
        }
    );
}

#[test]
fn attack_b12_steps_that_go_nowhere_or_elsewhere() {
    let client = client();
    let config = *client.store().config();
    let previous = *client.store().checkpoint();
    let empty = StepInput {
        config,
        previous,
        updates: Vec::new(),
    };
    assert_eq!(
        verify_step(&empty),
        Err(StepError::NoAdvance { slot: STORED })
    );
    let prepared = client.prepare(&plan().forge()).expect("prepared");
    let twice = StepInput {
        config,
        previous,
        updates: vec![prepared.borrow(), prepared.borrow()],
    };
    assert_eq!(
        verify_step(&twice),
        Err(StepError::Update {
            index: 1,
            error: UpdateError::FinalizedNotNewer {
                finalized: STORED + 8,
                stored: STORED + 8
            },
        })
    );
    // Whatever is wrong in the state that a step starts from shows in what it publishes.
    let honest = StepInput {
        config,
        previous,
        updates: vec![prepared.borrow()],
    };
    let head = client.store().state();
    assert_eq!(verify_step(&honest).expect("an honest step").previous, head);
    let mut elsewhere = honest.clone();
    elsewhere.previous.slot -= 1;
    assert_ne!(
        verify_step(&elsewhere)
            .expect("a step from elsewhere")
            .previous,
        head
    );
    let mut forgetful = honest.clone();
    forgetful.previous.next_sync_committee = None;
    assert_ne!(
        verify_step(&forgetful)
            .expect("a step from elsewhere")
            .previous,
        head
    );
    let mut other_chain = honest;
    let mut forks = *other_chain.config.forks.forks();
    forks[6].epoch = 1_000;
    other_chain.config.forks = ForkSchedule::new(forks).expect("forks in order");
    assert_ne!(
        verify_step(&other_chain)
            .expect("a step of another chain")
            .previous,
        head
    );
    assert_ne!(
        LightClientStore::trusted(other_chain.config, previous).state(),
        head
    );
}

/// Altair and Bellatrix are followed, as far as they go: their headers carry no execution root.
#[test]
fn headers_before_capella_have_no_execution_root() {
    let config = forge::config([0, 0, 0, 18, 19, 20, ForkSchedule::NEVER]);
    let mut client = forge::client(config, STORED, true);
    let bellatrix = Plan::new(config, STORED + 1, STORED + 4);
    let step = {
        let mut step = client.begin();
        step.push(&bellatrix.forge(), NOW)
            .expect("an honest update of Bellatrix");
        step
    };
    assert_eq!(
        step.finish().map(|step| step.output),
        Err(BeaconError::Step(StepError::NoExecutionRoot {
            slot: STORED + 1
        }))
    );
    let slot = STORED + 4;
    let shown = Plan {
        has_execution: true,
        ..Plan::new(config, STORED + 1, slot)
    };
    assert_eq!(
        refusal(&client, &shown.forge()),
        UpdateError::AttestedHeader(HeaderError::ExecutionBeforeCapella { slot })
    );
    // Attested in Capella (epoch 18), final in Bellatrix: the one header shows a payload, the other does not.
    let slot = 18 * 8 + 2;
    let mut across = Plan {
        has_execution: true,
        ..Plan::new(config, STORED + 2, slot)
    }
    .forge();
    let bare = Plan {
        has_execution: false,
        ..Plan::new(config, STORED + 2, slot)
    }
    .forge();
    assert_eq!(
        refusal(&client, &bare),
        UpdateError::AttestedHeader(HeaderError::ExecutionMissing { slot })
    );
    across.finalized_header.execution = None;
    across.finalized_header.execution_branch = None;
    client
        .process(&across, NOW)
        .expect("an honest update across the fork");
    // Blob gas is Deneb's.
    let slot = 18 * 8 + 4;
    let blobs = Plan {
        blob_gas: 1,
        ..Plan::new(config, 18 * 8 + 1, slot)
    };
    assert_eq!(
        refusal(&client, &blobs.forge()),
        UpdateError::AttestedHeader(HeaderError::BlobFieldsBeforeDeneb { slot })
    );
    client
        .process(&Plan::new(config, 18 * 8 + 1, slot).forge(), NOW)
        .expect("an honest update of Capella");
    // In Electra's layout, with Electra's depths, though what is final is Deneb's.
    let electra = Plan::new(config, 19 * 8 + 1, 20 * 8 + 1);
    assert_eq!(electra.finalized_index, 169);
    client
        .process(&electra.forge(), NOW)
        .expect("an honest update across two forks");
}

/// The genesis is final under the zero root, before it has a checkpoint of its own.
#[test]
fn a_final_genesis_can_supply_a_committee() {
    let config = forge::electra();
    let mut client = forge::client(config, 3, false);
    let mut update = Plan::new(config, 0, 9).forge();
    assert_eq!(refusal(&client, &update), UpdateError::GenesisHeader);
    update = genesis_update();
    client
        .process(&update, NOW)
        .expect("an honest update of the first epochs");
    assert_eq!(client.store().checkpoint().slot, 3);
    assert_eq!(
        client.next_sync_committee(),
        Some(&Committee::of_period(1).public)
    );
}

/// An update whose state has the zero root as its finalized one.
fn genesis_update() -> Update {
    let config = forge::electra();
    let plan = Plan {
        finalized_is_genesis: true,
        ..Plan::new(config, 0, 9)
    };
    plan.forge()
}
