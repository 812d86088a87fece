//! `download`: a deployed circuit into files.

use serde_json::json;
use valence_coprocessor_protocol::CircuitId;

use super::deploy::key_hash;
use crate::{
    arguments::DownloadArguments,
    artifacts::{self, Artifacts},
    context::Context,
    error::CliError,
    output::table,
};

pub(crate) async fn run(
    context: &Context<'_>,
    arguments: &DownloadArguments,
) -> Result<(), CliError> {
    let id = context.circuit(arguments.circuit.circuit.as_deref())?;
    let client = context.client()?;
    let elf = client.bytecode(&id).await?;
    let controller = client.runtime(&id).await?;
    let key = client.verifying_key(&id).await?;
    let hash = key_hash(&key)?;
    let expected = CircuitId::of(&elf, arguments.nonce);
    if id != expected {
        return Err(CliError::failed(format!(
            "the ELF that was sent is not that of circuit {id}: with nonce {} its id is {expected}",
            arguments.nonce
        ))
        .hint("if it was deployed with a nonce, name it by --nonce"));
    }
    let folder = arguments.out.join(id.to_string());
    let files = Artifacts::inside(&folder);
    let key_file = folder.join("verifying-key.bin");
    artifacts::write(&files.circuit, &elf)?;
    artifacts::write(&files.controller, &controller)?;
    artifacts::write(&key_file, &key.base64.0)?;
    let result = json!({
        "id": id.to_string(),
        "circuit": files.circuit,
        "controller": files.controller,
        "verifying_key": key_file,
        "verifying_key_hash": hash.to_string(),
    });
    let text = table(&[
        ("circuit", files.circuit.display().to_string()),
        ("controller", files.controller.display().to_string()),
        ("verifying key", key_file.display().to_string()),
        ("vk hash", hash.to_string()),
    ]);
    context.printer.result(&result, &text)
}
