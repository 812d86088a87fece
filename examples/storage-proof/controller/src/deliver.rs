//! Delivery: the service hands over the finished proof, or why there is none, and the controller stores it.

use serde_json::{Value, json};
use valence_coprocessor_controller_sdk::{Error, set_file};

/// Does what the payload's command says; `{success, proof?, log, payload}` is what the service delivers.
pub fn entrypoint(delivery: Value) -> Result<Value, Error> {
    let command = delivery["payload"]["cmd"].as_str();
    match command {
        None => Ok(json!({"stored": false})),
        Some("store") => {
            let path = delivery["payload"]["path"].as_str();
            let path = path.ok_or_else(|| Error::new("the command `store` needs a `path`"))?;
            set_file(path, delivery.to_string().as_bytes())?;
            Ok(json!({"stored": true, "path": path}))
        }
        Some(unknown) => Err(Error::new(format!(
            "unknown command `{unknown}`; there is `store`"
        ))),
    }
}
