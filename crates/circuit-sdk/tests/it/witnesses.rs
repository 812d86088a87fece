//! What a circuit may ask of its witnesses.

use valence_coprocessor_attacks::World;
use valence_coprocessor_circuit_sdk::{
    CircuitError, OpenedWitness, Verified, WitnessError, Witnesses, run,
};

fn refusal(
    witnesses: &[OpenedWitness],
    circuit: impl FnOnce(&Verified<Witnesses<'_>>) -> Result<Vec<u8>, WitnessError>,
) -> WitnessError {
    match run(&World::new().input(witnesses), circuit) {
        Err(CircuitError::Circuit(error) | CircuitError::Witnesses(error)) => error,
        Ok(_) => panic!("the circuit accepted"),
    }
}

#[test]
fn the_circuit_names_kind_domain_and_age() {
    let world = World::new();
    let old = world.witness(World::ETHEREUM, 1000);
    let data = OpenedWitness::Data(b"data".to_vec());
    let witnesses = [old, data];
    let circuit = |witnesses: &Verified<Witnesses<'_>>| {
        assert_eq!((witnesses.len(), witnesses.is_empty()), (2, false));
        assert_eq!(witnesses.root(), World::new().root());
        assert_eq!(witnesses.state_proof(0, World::ETHEREUM)?.number(), 1000);
        witnesses.data(0).map(<[u8]>::to_vec)
    };
    assert_eq!(
        refusal(&witnesses, circuit),
        WitnessError::NotData { index: 0 }
    );
    let not_proof = refusal(&witnesses, |all| {
        all.state_proof(1, World::EVIL).map(|_| Vec::new())
    });
    assert_eq!(not_proof, WitnessError::NotStateProof { index: 1 });
    let missing = refusal(&witnesses, |all| all.data(2).map(<[u8]>::to_vec));
    assert_eq!(missing, WitnessError::Missing { index: 2, count: 2 });
    let wrong = refusal(&witnesses, |all| {
        all.state_proof(0, World::EVIL).map(|_| Vec::new())
    });
    let (expected, got) = (World::EVIL, World::ETHEREUM);
    assert_eq!(
        wrong,
        WitnessError::WrongDomain {
            index: 0,
            expected,
            got
        }
    );
    let newest = |all: &Verified<Witnesses<'_>>| {
        all.newest_state_proof(0, World::ETHEREUM)
            .map(|_| Vec::new())
    };
    assert_eq!(
        refusal(&witnesses, newest),
        WitnessError::NotNewest {
            index: 0,
            number: 1000
        }
    );
}

/// An input from the network starts at any address; a circuit's always at a whole word.
#[test]
fn unaligned_input_is_read_alike() {
    let world = World::new();
    let input = world.input(&[world.witness(World::ETHEREUM, 1010)]);
    let circuit = |witnesses: &Verified<Witnesses<'_>>| {
        Ok::<_, WitnessError>(witnesses.any_state_proof(0)?.payload().to_vec())
    };
    let expected = run(&input, circuit);
    assert!(expected.is_ok());
    for shift in 1..8 {
        let shifted = [&vec![0; shift], input.as_slice()].concat();
        assert_eq!(run(&shifted[shift..], circuit), expected);
    }
}
