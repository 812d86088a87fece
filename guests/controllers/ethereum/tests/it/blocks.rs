//! `validate_block`: the step decides, and nothing else.

use ethereum::{BlockArguments, validate_block};
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::{Base64, StepPublicValues};
use valence_coprocessor_protocol::{HeadState, PayloadHash, StateRoot, sha256};

use crate::world::Recorded;

fn step(recorded: &Recorded) -> StepPublicValues {
    StepPublicValues {
        previous: HeadState::from_bytes([1; 32]),
        state: HeadState::from_bytes([2; 32]),
        number: recorded.block.number,
        time: recorded.payload.timestamp,
        state_root: StateRoot::from_bytes(recorded.block.root),
        payload_hash: PayloadHash::from_bytes(sha256::digest(&recorded.block.payload)),
    }
}

fn arguments(payload: &[u8]) -> BlockArguments {
    BlockArguments {
        payload: Base64(payload.to_vec()),
    }
}

#[test]
fn a_block_is_what_the_step_proves() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let _host = MockHost::new()
        .with_light_client_step(step(&recorded))
        .install();
    let block = validate_block(arguments(&recorded.block.payload)).expect("it is the step's");
    assert_eq!(block.number, 20_360_596);
    assert_eq!(block.root, recorded.block.root);
    assert_eq!(block.payload, recorded.block.payload);
}

#[test]
fn without_evidence_there_is_no_block() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let _host = MockHost::new().install();
    let error = validate_block(arguments(&recorded.block.payload)).expect_err("no step");
    assert!(error.to_string().contains("come with evidence"), "{error}");
}

#[test]
fn every_bit_of_the_payload_counts() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let _host = MockHost::new()
        .with_light_client_step(step(&recorded))
        .install();
    for at in 0..recorded.block.payload.len() {
        let mut payload = recorded.block.payload.clone();
        payload[at] ^= 1;
        let error = validate_block(arguments(&payload)).expect_err("another payload");
        assert!(
            error
                .to_string()
                .contains("not the one that the step proves"),
            "{error}"
        );
    }
}

#[test]
fn a_step_of_another_kind_of_chain_is_named() {
    let Some(recorded) = Recorded::read() else {
        return;
    };
    let short = StepPublicValues {
        payload_hash: PayloadHash::from_bytes(sha256::digest(b"short")),
        ..step(&recorded)
    };
    let late = StepPublicValues {
        time: recorded.payload.timestamp + 1,
        ..step(&recorded)
    };
    for (step, payload) in [
        (short, b"short".as_slice()),
        (late, &recorded.block.payload),
    ] {
        let _host = MockHost::new().with_light_client_step(step).install();
        let error = validate_block(arguments(payload)).expect_err("not of Ethereum");
        assert!(error.to_string().contains("not one of Ethereum"), "{error}");
    }
}
