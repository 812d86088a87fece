//! Writes the input of one step of mainnet's light client from files of a beacon node's answers.
//!
//!     step_input OUT BOOTSTRAP.json UPDATE.json…
//!
//! The bootstrap's block is trusted. Each update file holds one answer or a list of them, with or without its version.

use std::error::Error;
use std::io::Write as _;

use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{Bootstrap, Client, Update};
use valence_coprocessor_ethereum_light_client::{Hasher, MAINNET};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(out), Some(bootstrap)) = (arguments.next(), arguments.next()) else {
        return Err("step_input OUT BOOTSTRAP.json UPDATE.json…".into());
    };
    let bootstrap: Bootstrap = serde_json::from_value(object(read(&bootstrap)?))?;
    let trusted = bootstrap
        .header
        .beacon
        .summary()
        .hash_tree_root(&mut Hasher::new());
    let mut step = Client::bootstrap(MAINNET, trusted, &bootstrap)?.begin();
    for path in arguments {
        let answers = match read(&path)? {
            Value::Array(list) => list,
            single => vec![single],
        };
        for answer in answers {
            let update: Update = serde_json::from_value(object(answer))?;
            step.push(&update, u64::MAX)?;
        }
    }
    let step = step.finish()?;
    std::fs::write(out, &step.input)?;
    let public_values = step.output.public_values().encode();
    writeln!(
        std::io::stdout(),
        "{}",
        alloy_primitives::hex::encode(public_values)
    )?;
    Ok(())
}

fn read(path: &str) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// What is inside the wrapper of the Beacon API, if there is one.
fn object(mut answer: Value) -> Value {
    match answer.get_mut("data") {
        Some(data) => data.take(),
        None => answer,
    }
}
