//! Attack b12: steps that do not extend what they start from.

use valence_coprocessor_ethereum_light_client::{
    ForkSchedule, LightClientStore, StepError, StepInput, UpdateError, verify_step,
};

use super::honest::{STORED, client, plan, refusal};
use crate::fixtures::NOW;
use crate::forge::Plan;

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
