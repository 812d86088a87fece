//! `RecordedStep`: steps of the light client over recorded updates, at least one of each kind that there is.

use std::path::Path;

use valence_coprocessor_ethereum_beacon::{Bootstrap, Client, Step, Update};
use valence_coprocessor_ethereum_light_client::{Fork, MAINNET};

use crate::{
    NOW, SyncCase, answer, capella, devnet_run, electra, ssz_bootstrap, ssz_updates, sync_cases,
    trusting,
};

/// A step that the circuit `ethereum-step` must prove.
#[derive(Debug)]
pub struct RecordedStep {
    /// What is in it.
    pub name: String,
    /// The step.
    pub step: Step,
}

/// Steps of every kind of recorded chain: mainnet from Capella to Electra, a devnet in Fulu, the specification's cases.
pub fn recorded_steps() -> Vec<RecordedStep> {
    let mut steps = Vec::new();
    steps.extend(of_capella());
    steps.extend(of_deneb());
    steps.extend(of_deneb_chain());
    steps.extend(of_electra());
    steps.extend(of_electra_1600());
    for name in [
        "Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack",
        "Test_MultiPeriodClientUpdateToCosmos",
    ] {
        if let Some(run) = devnet_run(name) {
            let updates: Vec<_> = run.updates.iter().map(|(update, _)| update).collect();
            steps.push(honest(format!("devnet, {name}"), &run.client, &updates));
        }
    }
    steps.extend(sync_cases().into_iter().filter_map(|case| of_case(&case)));
    steps
}

/// Two steps of mainnet, of which the first starts at a trusted checkpoint, and the second goes on from where the first ends.
/// Their proofs are kept in `testing/proofs`.
pub fn consecutive_steps() -> Option<[RecordedStep; 2]> {
    let (client, updates) = deneb_chain()?;
    // The first update is of the checkpoint's own block: it teaches the committee that signed the second.
    let first = honest("two periods of Deneb", &client, &[&updates[0], &updates[1]]);
    let second = honest("the period after them", &first.step.client, &[&updates[2]]);
    Some([first, second])
}

fn honest(name: impl Into<String>, client: &Client, updates: &[&Update]) -> RecordedStep {
    let mut builder = client.begin();
    for update in updates {
        builder.push(update, NOW).expect("a recorded update");
    }
    RecordedStep {
        name: name.into(),
        step: builder.finish().expect("a step"),
    }
}

/// All that is recorded of Capella in one step, and one period alone.
fn of_capella() -> Vec<RecordedStep> {
    let Some((bootstrap, updates, finality)) = capella() else {
        return Vec::new();
    };
    let mut client = trusting(MAINNET, &bootstrap);
    let all: Vec<_> = updates.iter().chain([&finality]).collect();
    let together = honest(
        "six periods of Capella and a finality update",
        &client,
        &all,
    );
    client
        .process(&updates[0], NOW)
        .expect("it supplies a committee");
    let alone = honest("a period of Capella", &client, &[&updates[1]]);
    vec![together, alone]
}

fn of_deneb() -> Option<RecordedStep> {
    let folder = "01-beacon-mainnet/deneb-1150-1151-json";
    let bootstrap: Bootstrap = answer(&format!("{folder}/BootstrapDeneb.json"))?;
    let update = answer(&format!("{folder}/UpdateDeneb.json"))?;
    let newer = answer(&format!("{folder}/UpdateNewPeriodDeneb.json"))?;
    let client = trusting(MAINNET, &bootstrap);
    Some(honest("two periods of Deneb", &client, &[&update, &newer]))
}

fn deneb_chain() -> Option<(Client, Vec<Update>)> {
    let folder = "01-beacon-mainnet/deneb-chain-1347-1406-ssz";
    let path = format!("{folder}/bootstrap_slot11034656_period1347.ssz");
    let bootstrap = ssz_bootstrap(&path, Fork::Deneb)?;
    let updates = ssz_updates(&format!("{folder}/updates_period1347_count46.ssz"))?;
    Some((trusting(MAINNET, &bootstrap), updates))
}

fn of_deneb_chain() -> Option<RecordedStep> {
    let (client, updates) = deneb_chain()?;
    let updates: Vec<_> = updates.iter().take(3).collect();
    Some(honest("three periods of Deneb as SSZ", &client, &updates))
}

fn of_electra() -> Vec<RecordedStep> {
    let Some((bootstrap, update, finality)) = electra() else {
        return Vec::new();
    };
    let mut client = trusting(MAINNET, &bootstrap);
    let both = honest(
        "a period of Electra and a finality update",
        &client,
        &[&update, &finality],
    );
    client.process(&update, NOW).expect("the period's update");
    let alone = honest("a finality update of Electra", &client, &[&finality]);
    vec![both, alone]
}

fn of_electra_1600() -> Option<RecordedStep> {
    let folder = "01-beacon-mainnet/electra-1600-1602-ssz";
    let path = format!("{folder}/bootstrap_slot13107200_period1600.ssz");
    let bootstrap = ssz_bootstrap(&path, Fork::Electra)?;
    let update = |period: u64| {
        let updates = ssz_updates(&format!("{folder}/update_period{period}.ssz"));
        Some(updates?.remove(0))
    };
    let (first, second) = (update(1600)?, update(1601)?);
    let client = trusting(MAINNET, &bootstrap);
    Some(honest(
        "two periods of Electra as SSZ",
        &client,
        &[&first, &second],
    ))
}

/// What a case has up to its first forced header, if that leads anywhere. Updates that are not applied are left out.
fn of_case(case: &SyncCase) -> Option<RecordedStep> {
    let mut builder = case.client.begin();
    for (name, step) in &case.steps {
        match name.as_str() {
            "process_update" => {
                let (update, current_slot) = case.update(step);
                // Refused are optimistic updates, and what is not signed by two thirds.
                let _ = builder.push(&update, current_slot);
            }
            "force_update" => {
                let (slot, ..) = SyncCase::finalized(step);
                if slot != builder.client().store().checkpoint().slot {
                    break;
                }
            }
            _ => {}
        }
    }
    let folder = case.folder.iter().rev().take(5).collect::<Vec<_>>();
    let name: Vec<_> = folder
        .into_iter()
        .rev()
        .filter_map(|part| Path::new(part).to_str())
        .collect();
    let step = builder.finish().ok()?;
    Some(RecordedStep {
        name: name.join("/"),
        step,
    })
}
