//! Writes the inputs of consecutive steps of mainnet's light client, from files of a beacon node's answers.
//!
//!     step_input OUT BOOTSTRAP.json UPDATE.json… [-- UPDATE.json…]…
//!
//! The bootstrap's block is trusted. Each update file holds one answer or a list of them, with or without its version. The
//! first step is written to OUT.1, what follows a `--` to OUT.2 and so on; printed are their public values.

use std::error::Error;
use std::io::Write as _;

use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{Bootstrap, Client, Update};
use valence_coprocessor_ethereum_light_client::{Hasher, MAINNET};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, bootstrap, updates @ ..] = arguments.as_slice() else {
        return Err("step_input OUT BOOTSTRAP.json UPDATE.json… [-- UPDATE.json…]…".into());
    };
    let bootstrap: Bootstrap = serde_json::from_value(object(read(bootstrap)?))?;
    let trusted = bootstrap
        .header
        .beacon
        .summary()
        .hash_tree_root(&mut Hasher::new());
    let mut client = Client::bootstrap(MAINNET, trusted, &bootstrap)?;
    for (index, files) in updates.split(|argument| argument == "--").enumerate() {
        let mut builder = client.begin();
        for path in files {
            let answers = match read(path)? {
                Value::Array(list) => list,
                single => vec![single],
            };
            for answer in answers {
                let update: Update = serde_json::from_value(object(answer))?;
                builder.push(&update, u64::MAX)?;
            }
        }
        let step = builder.finish()?;
        std::fs::write(format!("{out}.{}", index + 1), &step.input)?;
        let public_values = step.output.public_values().encode();
        let shown = alloy_primitives::hex::encode(public_values);
        writeln!(std::io::stdout(), "{shown}")?;
        client = step.client;
    }
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
