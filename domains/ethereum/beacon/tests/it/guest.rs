//! Inputs of the circuit `ethereum-step`, written where a person can run them, each with what the host says to it: the
//! public values as hexadecimal, or the refusal that the circuit must panic with. The README has the command.

use std::fs;
use std::path::PathBuf;

use valence_coprocessor_ethereum_beacon::{Client, Update};
use valence_coprocessor_ethereum_bls::advise;
use valence_coprocessor_ethereum_light_client::{
    ForkVersion, Hasher, MAINNET, NextSyncCommittee, StepInput, Update as LightClientUpdate, step,
};

use crate::fixtures::{self, NOW};
use crate::forge::{self, PERIOD, Plan};

const STORED: u64 = 2 * PERIOD + 8;

/// Writes an input and what the host says to it.
fn write(name: &str, input: &[u8]) -> Result<(), String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ethereum-step");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let outcome = step(input).map_err(|error| error.to_string());
    let expected = match &outcome {
        Ok(output) => {
            let public_values = output.public_values().encode();
            format!("0x{}", alloy_primitives::hex::encode(public_values))
        }
        Err(error) => error.clone(),
    };
    let path = folder.join(name);
    fs::write(path.with_extension("input"), input).expect("the folder is writable");
    fs::write(path.with_extension("expected"), expected).expect("the folder is writable");
    outcome.map(|_| ())
}

fn honest(name: &str, client: &Client, updates: &[&Update]) {
    let mut builder = client.begin();
    for update in updates {
        builder.push(update, NOW).expect("an honest update");
    }
    let built = builder.finish().expect("an honest step");
    assert_eq!(write(name, &built.input), Ok(()));
}

#[test]
fn recorded_steps() {
    let Some((bootstrap, update, finality)) = fixtures::electra() else {
        return;
    };
    let client = fixtures::trusting(MAINNET, &bootstrap);
    honest(
        "electra-period-and-finality",
        &client,
        &[&update, &finality],
    );
    let mut knowing = client;
    knowing.process(&update, NOW).expect("the period's update");
    honest("electra-finality-490-of-512", &knowing, &[&finality]);
    let (bootstrap, updates, finality) = fixtures::capella().expect("recorded");
    let mut client = fixtures::trusting(MAINNET, &bootstrap);
    let (supply, rest) = updates.split_first().expect("updates");
    let all: Vec<_> = updates.iter().chain([&finality]).collect();
    honest("capella-six-periods-and-finality", &client, &all);
    client.process(supply, NOW).expect("the first update");
    honest("capella-period", &client, &[&rest[0]]);
}

/// Full and just sufficient participation of mainnet's committee size.
#[test]
fn forged_steps() {
    let config = forge::electra_512();
    let client = forge::client(config, STORED, true);
    for (name, signing) in [("finality-512-of-512", 512), ("finality-342-of-512", 342)] {
        // Spread over the committee, as it is on a chain: every third is absent.
        let mut members: Vec<usize> = (0..512).filter(|member| member % 3 != 2).collect();
        members.truncate(signing);
        members.extend(
            (0..512)
                .filter(|member| member % 3 == 2)
                .take(signing - members.len()),
        );
        members.sort_unstable();
        assert_eq!(members.len(), signing);
        let plan = Plan {
            next: None,
            signing: members.clone(),
            claimed: members,
            ..Plan::new(config, STORED + 8, STORED + 20)
        };
        honest(name, &client, &[&plan.forge()]);
    }
    let period = Plan::new(config, 3 * PERIOD + 8, 3 * PERIOD + 20);
    honest("period-512-of-512", &client, &[&period.forge()]);
    let small = forge::client(forge::electra(), STORED, true);
    let plan = Plan::new(forge::electra(), STORED + 8, STORED + 20);
    honest("minimal-32-of-32", &small, &[&plan.forge()]);
}

fn plan() -> Plan {
    Plan::new(forge::electra(), STORED + 8, STORED + 20)
}

/// A plan with one thing wrong, or what else is done to the update that it makes.
fn refused(name: &str, plan: &Plan, change: impl Fn(&mut LightClientUpdate<'_>)) {
    let client = forge::client(plan.config, STORED, true);
    let prepared = client.prepare(&plan.forge()).expect("a well-formed update");
    let mut update = prepared.borrow();
    change(&mut update);
    let root = update.signing_root(&mut Hasher::new(), &plan.config);
    let signers = &update.signers;
    // As much advice as there can be: the refusal must not hang on a lack of it.
    update.advice = match advise(
        &signers.aggregate_pubkey,
        signers.absent,
        &root,
        &update.signature,
    ) {
        Ok(advice) => advice,
        Err(unadvisable) => unadvisable.advice,
    };
    let input = StepInput {
        config: plan.config,
        previous: *client.store().checkpoint(),
        updates: vec![update],
    };
    write(name, &input.encode()).expect_err("an attack");
}

#[test]
fn attacks_b1_and_b2() {
    let nothing = |_: &mut LightClientUpdate<'_>| {};
    refused(
        "b1-other-committee",
        &Plan {
            signer: 3,
            ..plan()
        },
        nothing,
    );
    refused(
        "b1-other-domain",
        &Plan {
            domain: [0; 4],
            ..plan()
        },
        nothing,
    );
    let version = ForkVersion::from_bytes([4, 0, 0, 1]);
    refused("b1-other-version", &Plan { version, ..plan() }, nothing);
    refused(
        "b1-one-did-not-sign",
        &Plan {
            signing: (0..31).collect(),
            ..plan()
        },
        nothing,
    );
    let members: Vec<_> = (0..21).collect();
    let few = Plan {
        signing: members.clone(),
        claimed: members,
        ..plan()
    };
    refused("b1-less-than-two-thirds", &few, nothing);
    refused(
        "b2-signature-not-after",
        &Plan {
            signature_slot: STORED + 20,
            ..plan()
        },
        nothing,
    );
    let after = Plan::new(forge::electra(), STORED + 21, STORED + 20);
    refused("b2-finalized-after-attested", &after, nothing);
    let old = Plan::new(forge::electra(), STORED, STORED + 20);
    refused("b2-b12-finalized-not-newer", &old, nothing);
}

#[test]
fn attacks_b3_b4_and_b11() {
    let nothing = |_: &mut LightClientUpdate<'_>| {};
    refused(
        "b3-other-next-committee",
        &Plan {
            next: Some(9),
            ..plan()
        },
        nothing,
    );
    let next = Plan::new(forge::electra(), 3 * PERIOD, 3 * PERIOD + 9);
    refused(
        "b3-committee-of-another-period",
        &Plan { signer: 2, ..next },
        nothing,
    );
    let skipped = Plan::new(forge::electra(), 4 * PERIOD, 4 * PERIOD + 9);
    refused("b3-skipped-period", &skipped, nothing);
    refused("b3-other-aggregate", &plan(), |update| {
        update.signers.aggregate_pubkey.0[9] ^= 1;
    });
    refused(
        "b4-depth-of-deneb",
        &Plan {
            finalized_index: 105,
            ..plan()
        },
        nothing,
    );
    refused(
        "b4-index-beside",
        &Plan {
            finalized_index: 168,
            ..plan()
        },
        nothing,
    );
    refused(
        "b4-execution-index-beside",
        &Plan {
            execution_index: 24,
            ..plan()
        },
        nothing,
    );
    refused(
        "b4-current-as-next",
        &Plan {
            next_index: 86,
            ..next_period()
        },
        nothing,
    );
    refused("b4-empty-finality-branch", &plan(), |update| {
        update.finality_branch = &[];
    });
    refused("b4-empty-committee-branch", &plan(), |update| {
        let root = update.next_sync_committee.expect("a committee").root;
        update.next_sync_committee = Some(NextSyncCommittee { root, branch: &[] });
    });
    refused("b11-attested-as-finalized", &plan(), |update| {
        update.finalized = update.attested;
    });
}

/// An update whose next committee is not known yet.
fn next_period() -> Plan {
    Plan::new(forge::electra(), 3 * PERIOD, 3 * PERIOD + 9)
}
