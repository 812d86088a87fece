//! Headers of forks before Capella, across forks, and the genesis.

use valence_coprocessor_ethereum_beacon::{BeaconError, Update};
use valence_coprocessor_ethereum_light_client::{
    ForkSchedule, HeaderError, StepError, UpdateError,
};

use super::honest::{STORED, refusal};
use crate::fixtures::NOW;
use crate::forge::{self, Committee, Plan};

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
