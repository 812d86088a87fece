//! The committed circuits in the zkVM: what the host refuses they refuse in the same words, what it accepts has
//! the same public values, and opening a state proof costs what we promise.

use std::path::PathBuf;
use std::sync::Arc;

use benches::{OPENING_CYCLES, Openings, openings};
use storage_proof_core::{TRUSTED, USDC, usdc_balance};
use valence_coprocessor_attacks::{Attack, MemoryRecords, attacks, honest, replay};
use valence_coprocessor_circuit_sdk::{
    HeadState, OpenedWitness, StateProof, StateRoot, encode_witnesses, run,
};
use valence_coprocessor_ethereum_state_proof::{
    Address, BlockHash, Header, TrustedPayload, encode_header, encode_state_proof, keccak256,
};
use valence_coprocessor_history::{Ledger, NewBlock};
use valence_coprocessor_recorded_chain::{EthGetProof, hex, nodes};
use valence_coprocessor_zkvm::{Execution, Zkvm, ZkvmError};

use crate::hostile::{LIMITS, children};

/// Inputs of one attack that run in the zkVM; the host runs all.
const INPUTS_PER_ATTACK: usize = 6;

pub(crate) fn artifact(name: &str) -> Arc<[u8]> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../guests/artifacts")
        .join(name);
    std::fs::read(path).expect("guests are committed").into()
}

pub(crate) async fn execute(
    zkvm: &impl Zkvm,
    elf: &Arc<[u8]>,
    input: &[u8],
) -> Result<Execution, ZkvmError> {
    zkvm.execute(Arc::clone(elf), input.into(), LIMITS).await
}

/// Some inputs of each attack, spread over all that there are.
fn sample() -> Vec<Attack> {
    let all = attacks();
    let mut sample = Vec::new();
    for number in 1..=17 {
        let of_number: Vec<_> = all
            .iter()
            .filter(|attack| attack.number == number)
            .collect();
        let step = of_number.len().div_ceil(INPUTS_PER_ATTACK).max(1);
        sample.extend(of_number.into_iter().step_by(step).cloned());
    }
    sample
}

#[tokio::test]
async fn attacks_a1_to_a17_are_refused_in_the_zkvm_in_the_words_of_the_host() {
    let zkvm = children();
    let elf = artifact("attacks.elf");
    for honest in honest() {
        let execution = execute(&zkvm, &elf, &honest.input)
            .await
            .expect("honest inputs are accepted");
        let expected = run(&honest.input, replay).expect("honest inputs are accepted");
        assert_eq!(execution.public_values, expected, "{}", honest.name);
    }
    let sample = sample();
    assert!(sample.len() >= 30, "{} attacks", sample.len());
    for attack in sample {
        let shown = format!("a{}, {}", attack.number, attack.name);
        match execute(&zkvm, &elf, &attack.input).await {
            Err(ZkvmError::GuestPanicked { message }) => {
                assert!(message.contains(attack.refusal), "{shown}: {message}");
            }
            other => panic!("{shown}: {other:?}"),
        }
    }
    zkvm.shutdown().await;
}

/// The sizes are those of the promise; docs/performance.md names them.
#[tokio::test]
async fn reading_and_opening_a_state_proof_costs_at_most_15000_cycles() {
    let Openings { root, inputs } = openings();
    assert_eq!(OPENING_CYCLES, 15_000);
    let zkvm = children();
    let elf = artifact("opening-cycles.elf");
    for (number, input) in inputs {
        let execution = execute(&zkvm, &elf, &input)
            .await
            .expect("the opening is right");
        assert_eq!(execution.public_values, root.as_bytes());
        let cycles = execution.cycles;
        assert!(
            cycles <= OPENING_CYCLES,
            "block {number}: {cycles} cycles, at most {OPENING_CYCLES} are promised"
        );
    }
    zkvm.shutdown().await;
}

#[expect(
    clippy::print_stderr,
    reason = "the measurement is for whoever runs the test"
)]
fn report(line: &str) {
    eprintln!("{line}");
}

/// A header that could be the block's: recorded data has the state root alone.
fn payload(number: &[u8], state_root: &[u8]) -> Vec<u8> {
    let (zero, bloom) = ([0_u8; 32], [0_u8; 256]);
    let fields: [&[u8]; 15] = [
        &zero,
        &zero,
        &zero[..20],
        state_root,
        &zero,
        &zero,
        &bloom,
        &[],
        number,
        &[],
        &[],
        &[1],
        &[],
        &zero,
        &zero[..8],
    ];
    let encoded = encode_header(&fields);
    let hash = BlockHash::from_bytes(keccak256(&encoded));
    TrustedPayload::of(&Header::verify(&encoded, &hash).expect("the header was encoded here"))
        .encode()
        .to_vec()
}

#[tokio::test]
async fn the_recorded_balance_of_usdc_is_proven_in_the_zkvm() {
    let folder = "04-eip1186-mainnet/deneb-22196273-usdc-mapping-slots";
    let path = format!("{folder}/eth_getProof_0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48.json");
    let Some(answer) = EthGetProof::read(&path, None) else {
        return;
    };
    let holder: [u8; 20] = hex("0x37305b1cd40574e4c5ce33f8e8306be057fd7341")
        .try_into()
        .expect("an address");
    let slot = USDC.slot(&Address::from_bytes(holder));
    let entry = (0..answer.slots().len())
        .find(|index| answer.slot(*index) == slot)
        .map(|index| &answer.slots()[index])
        .expect("the slot is recorded");
    let account = nodes(&answer.proof["accountProof"]);
    let state_root = *answer.state_root.as_bytes();
    let block = NewBlock {
        domain: TRUSTED.id,
        number: 22_196_273,
        state_root: StateRoot::from_bytes(state_root),
        payload: payload(&22_196_273_u32.to_be_bytes(), &state_root),
        head: HeadState::ZERO,
        time: 0,
    };
    let mut ledger = Ledger::new(MemoryRecords::default());
    let root = ledger.append(&block).expect("the block is new").root;
    let input = |holder: &[u8]| {
        let opening = ledger
            .opening(&root, TRUSTED.id, block.number)
            .expect("the block is there");
        let state_proof = StateProof {
            domain: TRUSTED.id,
            number: block.number,
            state_root: block.state_root,
            payload: block.payload.clone(),
            proof: encode_state_proof(&account, &[nodes(&entry["proof"])]),
        };
        let opened = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        encode_witnesses(&root, &[opened, OpenedWitness::Data(holder.to_vec())])
    };
    let zkvm = children();
    let elf = artifact("storage-proof-usdc.elf");
    let honest = input(&holder);
    let execution = execute(&zkvm, &elf, &honest)
        .await
        .expect("mainnet's proof is right");
    assert_eq!(
        execution.public_values,
        run(&honest, usdc_balance).expect("mainnet's proof is right")
    );
    assert!(
        execution
            .public_values
            .ends_with(&0x0011_c04f_6834_033e_u64.to_be_bytes())
    );
    report(&format!("storage-proof-usdc: {} cycles", execution.cycles));
    match execute(&zkvm, &elf, &input(&[1; 20])).await {
        Err(ZkvmError::GuestPanicked { message }) => {
            assert!(message.contains("the slot is not proven"), "{message}");
        }
        other => panic!("another holder's balance: {other:?}"),
    }
    zkvm.shutdown().await;
}
