//! Inputs of the circuit `ethereum-step`, written where a person can run them, each with what the host says to it: the
//! public values as hexadecimal, or the refusal that the circuit must panic with. The README has the command.

use std::fs;
use std::path::PathBuf;

use valence_coprocessor_ethereum_beacon::{Client, Update};
use valence_coprocessor_ethereum_light_client::{MAINNET, step};
use valence_coprocessor_forged_chain as forge;

use crate::fixtures::{self, NOW};

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

#[test]
fn forged_steps() {
    for case in forge::honest_steps() {
        assert_eq!(write(case.name, &case.input), Ok(()));
    }
    for case in forge::refused_steps() {
        write(case.name, &case.input).expect_err(case.name);
    }
}
