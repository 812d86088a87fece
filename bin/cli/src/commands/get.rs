//! `get`: one thing of a deployed circuit, to stdout or a file.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    arguments::{GetArguments, GetCommand},
    artifacts,
    context::Context,
    error::CliError,
};

pub(crate) async fn run(context: &Context<'_>, command: &GetCommand) -> Result<(), CliError> {
    let client = context.client()?;
    let id = |arguments: &GetArguments| context.circuit(arguments.circuit.circuit.as_deref());
    match command {
        GetCommand::Circuit(arguments) => {
            let bytes = client.bytecode(&id(arguments)?).await?;
            give(context, arguments, &bytes, json!({}), None)
        }
        GetCommand::Runtime(arguments) => {
            let bytes = client.runtime(&id(arguments)?).await?;
            give(context, arguments, &bytes, json!({}), None)
        }
        GetCommand::Vk(arguments) => {
            let key = client.verifying_key(&id(arguments)?).await?;
            let beside = json!({ "hash": key.hash });
            give(context, arguments, &key.base64.0, beside, Some(&key.hash))
        }
    }
}

/// Writes the bytes to the file that was asked for, or prints them; `shown` is printed in their place for people.
fn give(
    context: &Context<'_>,
    arguments: &GetArguments,
    bytes: &[u8],
    mut result: Value,
    shown: Option<&str>,
) -> Result<(), CliError> {
    if let Some(path) = &arguments.out {
        artifacts::write(path, bytes)?;
        result["file"] = json!(path);
        result["bytes"] = json!(bytes.len());
        let text = format!("{} bytes at {}", bytes.len(), path.display());
        return context.printer.result(&result, &text);
    }
    let text = STANDARD.encode(bytes);
    result["base64"] = json!(text);
    context.printer.result(&result, shown.unwrap_or(&text))
}
