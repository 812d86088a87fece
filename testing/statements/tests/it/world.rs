//! A history that holds blocks, and circuits run on it.

use valence_coprocessor_attacks::MemoryRecords;
use valence_coprocessor_circuit_sdk::{
    CircuitError, HeadState, OpenedWitness, Root, StateProof, Verified, Witnesses,
    encode_witnesses, run,
};
use valence_coprocessor_history::{Ledger, NewBlock};
use valence_coprocessor_statements::StatementError;

/// The function of a circuit.
pub(crate) type Circuit = fn(&Verified<Witnesses<'_>>) -> Result<Vec<u8>, StatementError>;

/// What a controller returns.
#[derive(Clone)]
pub(crate) enum Witness {
    StateProof(StateProof),
    Data(Vec<u8>),
}

/// Runs a circuit under a history that holds the blocks of these state proofs.
pub(crate) fn prove(
    circuit: Circuit,
    witnesses: &[Witness],
) -> Result<Vec<u8>, CircuitError<StatementError>> {
    let mut ledger = Ledger::new(MemoryRecords::default());
    let mut root = Root::ZERO;
    let mut known = Vec::new();
    for witness in witnesses {
        let Witness::StateProof(proof) = witness else {
            continue;
        };
        if known.contains(&(proof.domain, proof.number)) {
            continue;
        }
        known.push((proof.domain, proof.number));
        let block = NewBlock {
            domain: proof.domain,
            number: proof.number,
            state_root: proof.state_root,
            payload: proof.payload.clone(),
            head: HeadState::ZERO,
            time: 0,
        };
        root = ledger.append(&block).expect("the block is new").root;
    }
    let opened: Vec<_> = witnesses
        .iter()
        .map(|witness| match witness.clone() {
            Witness::Data(data) => OpenedWitness::Data(data),
            Witness::StateProof(state_proof) => OpenedWitness::StateProof {
                opening: ledger
                    .opening(&root, state_proof.domain, state_proof.number)
                    .expect("the block is there"),
                state_proof,
            },
        })
        .collect();
    let public_values = run(&encode_witnesses(&root, &opened), circuit)?;
    let (committed, output) = public_values.split_at(32);
    assert_eq!(committed, root.as_bytes());
    Ok(output.to_vec())
}

/// Why a circuit refuses.
pub(crate) fn refused(circuit: Circuit, witnesses: &[Witness]) -> StatementError {
    match prove(circuit, witnesses) {
        Err(CircuitError::Circuit(error)) => error,
        other => panic!("expected a refusal of the circuit, got {other:?}"),
    }
}
