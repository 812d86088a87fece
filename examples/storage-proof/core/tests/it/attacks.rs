//! What is proven, and for each thing that the circuit binds an attack that changes only that.

use alloy_primitives::U256;
use storage_proof_core::{BalanceError, DEMO_TOKEN, TRUSTED, USDC, demo_balance, usdc_balance};
use valence_coprocessor_circuit_sdk::{
    CircuitError, DomainId, OpenedWitness, Root, WitnessError, encode_witnesses, run,
};
use valence_coprocessor_ethereum_state_proof::{HeaderError, Slot, StateProofError, TrieError};
use valence_coprocessor_protocol::DomainName;

use crate::world::{
    HOLDER, History, IMPOSTOR, Request, STRANGER, State, payload, request, run_alone,
};

const NUMBER: u64 = 22;

fn honest() -> (State, Request) {
    let state = State::new(&DEMO_TOKEN, U256::from(5_000));
    let request = request(&state, &DEMO_TOKEN, NUMBER, &HOLDER);
    (state, request)
}

/// The output as seven words.
fn words(output: &[u8]) -> Vec<U256> {
    assert_eq!(output.len(), 7 * 32);
    output.chunks(32).map(U256::from_be_slice).collect()
}

fn refused_slot(result: Result<Vec<u8>, CircuitError<BalanceError>>) -> TrieError {
    match result {
        Err(CircuitError::Circuit(BalanceError::StateProof {
            error: StateProofError::Slot(error),
        })) => error,
        other => panic!("the slot is not proven: {other:?}"),
    }
}

fn refused_account(result: Result<Vec<u8>, CircuitError<BalanceError>>) -> TrieError {
    match result {
        Err(CircuitError::Circuit(BalanceError::StateProof {
            error: StateProofError::Account(error),
        })) => error,
        other => panic!("the account is not proven: {other:?}"),
    }
}

#[test]
fn the_domain_is_the_one_of_the_name() {
    let name: DomainName = "ethereum-trusted".parse().expect("a name of a domain");
    assert_eq!(DomainId::of(&name), TRUSTED.id);
}

#[test]
fn a_balance_is_proven_with_all_that_it_depends_on() {
    let (state, request) = honest();
    let words = words(&run_alone(demo_balance, &request).expect("an honest request"));
    assert_eq!(words[0].to_be_bytes::<32>(), *TRUSTED.id.as_bytes());
    assert_eq!(words[1], U256::from(NUMBER));
    assert_eq!(words[2], U256::from(1_700_000_000 + NUMBER));
    assert_eq!(words[3].to_be_bytes::<32>(), *state.root().as_bytes());
    assert_eq!(words[4].to_be_bytes::<32>(), DEMO_TOKEN.contract.to_word());
    assert_eq!(words[5].to_be_bytes::<32>(), HOLDER.to_word());
    assert_eq!(words[6], U256::from(5_000));
}

#[test]
fn nobody_and_everything_are_balances_too() {
    let (state, _) = honest();
    let stranger = request(&state, &DEMO_TOKEN, NUMBER, &STRANGER);
    assert_eq!(
        words(&run_alone(demo_balance, &stranger).expect("proven absent"))[6],
        U256::ZERO
    );
    let rich = State::new(&DEMO_TOKEN, U256::MAX);
    let rich = request(&rich, &DEMO_TOKEN, NUMBER, &HOLDER);
    assert_eq!(
        words(&run_alone(demo_balance, &rich).expect("the largest balance"))[6],
        U256::MAX
    );
}

/// USDC keeps in the top bit whether a holder is blocked: that is not money.
#[test]
fn a_flag_is_not_part_of_the_balance() {
    let blocked = (U256::ONE << 255) | U256::from(12);
    let state = State::new(&USDC, blocked);
    let request = request(&state, &USDC, NUMBER, &HOLDER);
    assert_eq!(
        words(&run_alone(usdc_balance, &request).expect("an honest request"))[6],
        U256::from(12)
    );
}

#[test]
fn attack_the_balance_of_somebody_else() {
    let (_, mut request) = honest();
    request.holder = STRANGER.as_bytes().to_vec();
    refused_slot(run_alone(demo_balance, &request));
}

#[test]
fn attack_a_mapping_beside_the_balances() {
    let (state, mut request) = honest();
    let beside = Slot::variable(DEMO_TOKEN.balances + 1).entry_of(&HOLDER);
    request.state_proof.proof = state.prove(&DEMO_TOKEN.contract, &beside);
    refused_slot(run_alone(demo_balance, &request));
}

#[test]
fn attack_the_same_slot_of_another_contract() {
    let (state, mut request) = honest();
    request.state_proof.proof = state.prove(&IMPOSTOR, &DEMO_TOKEN.slot(&HOLDER));
    refused_account(run_alone(demo_balance, &request));
}

#[test]
fn attack_a_circuit_of_another_token() {
    let (_, request) = honest();
    refused_account(run_alone(usdc_balance, &request));
}

#[test]
fn attack_a_state_root_that_is_not_the_blocks() {
    let (_, honest) = honest();
    let richer = State::new(&DEMO_TOKEN, U256::MAX);
    let mut forged = honest.clone();
    forged.state_proof.proof = richer.prove(&DEMO_TOKEN.contract, &DEMO_TOKEN.slot(&HOLDER));
    // Under the block's own root, the nodes of another state are refused …
    assert_eq!(
        refused_account(run_alone(demo_balance, &forged)),
        TrieError::MissingNode { depth: 0 }
    );
    // … and a root that is not the block's does not open.
    forged.state_proof.state_root = richer.root();
    let history = History::of(&[&honest.state_proof]);
    let refused = history.run(demo_balance, &history.input(&forged, &honest.state_proof));
    assert!(
        matches!(
            refused,
            Err(CircuitError::Witnesses(WitnessError::NotOpened {
                index: 0,
                ..
            }))
        ),
        "{refused:?}"
    );
}

#[test]
fn attack_another_number_or_time_for_a_block() {
    let (_, honest) = honest();
    let history = History::of(&[&honest.state_proof]);
    let mut renumbered = honest.clone();
    renumbered.state_proof.number += 1;
    let mut later = honest.clone();
    later.state_proof.payload = payload(NUMBER, 1_900_000_000, &honest.state_proof.state_root);
    for forged in [renumbered, later] {
        let refused = history.run(demo_balance, &history.input(&forged, &honest.state_proof));
        assert!(
            matches!(
                refused,
                Err(CircuitError::Witnesses(WitnessError::NotOpened { .. }))
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn attack_a_block_of_another_domain() {
    let (_, mut request) = honest();
    let got = DomainId::from_bytes([9; 32]);
    request.state_proof.domain = got;
    let history = History::of(&[&request.state_proof]);
    let refused = history.run(demo_balance, &history.input(&request, &request.state_proof));
    let wrong = WitnessError::WrongDomain {
        index: 0,
        expected: TRUSTED.id,
        got,
    };
    assert_eq!(
        refused,
        Err(CircuitError::Circuit(BalanceError::Witness(wrong)))
    );
}

#[test]
fn attack_a_payload_that_is_not_of_the_domain() {
    let (_, mut request) = honest();
    request.state_proof.payload = b"proven!".to_vec();
    let refused = run_alone(demo_balance, &request);
    assert_eq!(
        refused,
        Err(CircuitError::Circuit(BalanceError::Payload(
            HeaderError::Payload
        )))
    );
}

#[test]
fn attack_a_contract_that_is_not_there() {
    let state = State::new(&DEMO_TOKEN, U256::ONE).without(&DEMO_TOKEN.contract);
    let mut request = request(&state, &DEMO_TOKEN, NUMBER, &HOLDER);
    request.state_proof.proof = state.prove(&DEMO_TOKEN.contract, &DEMO_TOKEN.slot(&HOLDER));
    let refused = run_alone(demo_balance, &request);
    assert_eq!(
        refused,
        Err(CircuitError::Circuit(BalanceError::NoToken {
            number: NUMBER
        }))
    );
}

#[test]
fn attack_more_or_other_witnesses() {
    let (_, request) = honest();
    for length in [0, 19, 21, 32] {
        let mut other = request.clone();
        other.holder = vec![0xaa; length];
        let refused = run_alone(demo_balance, &other);
        assert_eq!(
            refused,
            Err(CircuitError::Circuit(BalanceError::Holder { got: length }))
        );
    }
    let data = || OpenedWitness::Data(HOLDER.as_bytes().to_vec());
    let none = run(&encode_witnesses(&Root::ZERO, &[data()]), demo_balance);
    assert_eq!(
        none,
        Err(CircuitError::Circuit(BalanceError::WitnessCount { got: 1 }))
    );
    let no_proof = run(
        &encode_witnesses(&Root::ZERO, &[data(), data()]),
        demo_balance,
    );
    let not_a_proof = BalanceError::Witness(WitnessError::NotStateProof { index: 0 });
    assert_eq!(no_proof, Err(CircuitError::Circuit(not_a_proof)));
}

/// The reason reaches whoever asked, with its cause: it is all that a failed job shows.
#[test]
fn refusals_say_why() {
    let (_, mut request) = honest();
    request.holder = STRANGER.as_bytes().to_vec();
    let text = run_alone(demo_balance, &request)
        .expect_err("another holder")
        .to_string();
    assert!(text.starts_with("the slot is not proven: "), "{text}");
}
