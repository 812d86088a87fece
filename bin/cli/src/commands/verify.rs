//! `verify`: a proof file against a verifying key that does not come from the file.

use serde_json::json;
use valence_coprocessor_api::hex;
use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_verifier::{ProofFile, VerifyError};

use super::deploy::key_hash;
use crate::{
    arguments::VerifyArguments, artifacts, context::Context, error::CliError, output::table,
};

pub(crate) async fn run(
    context: &Context<'_>,
    arguments: &VerifyArguments,
) -> Result<(), CliError> {
    let bytes = artifacts::read(&arguments.file)?;
    let shown = arguments.file.display();
    let file = ProofFile::decode(&bytes)
        .map_err(|source| CliError::user_because(format!("{shown} is not a proof file"), source))?;
    let expected = expected_key(context, arguments, &file).await?;
    let verified = file.verify(&expected).map_err(|source| {
        let hint = match &source {
            VerifyError::OtherVerifyingKey { .. } => {
                Some("it proves another circuit, or another version of it")
            }
            VerifyError::NothingProven | VerifyError::CoreOffline => {
                Some("prove again with --kind compressed")
            }
            _ => None,
        };
        let error = CliError::user_because(format!("{shown} is not a valid proof"), source);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })?;
    let file = verified.file();
    let result = json!({
        "valid": true,
        "kind": file.kind().name(),
        "circuit": file.circuit().to_string(),
        "verifying_key": file.verifying_key().to_string(),
        "root": verified.root().to_string(),
        "output": hex::encode(verified.output()),
    });
    let text = table(&[
        ("valid", "yes".to_owned()),
        ("kind", file.kind().to_string()),
        ("circuit", file.circuit().to_string()),
        ("verifying key", file.verifying_key().to_string()),
        ("root", verified.root().to_string()),
        ("output", hex::encode(verified.output())),
    ]);
    context.printer.result(&result, &text)
}

/// The key that the proof must be of. The file names one too, which proves nothing: whoever made the file chose it.
async fn expected_key(
    context: &Context<'_>,
    arguments: &VerifyArguments,
    file: &ProofFile,
) -> Result<VerifyingKeyHash, CliError> {
    if let Some(text) = &arguments.vk {
        return text.parse().map_err(|source| {
            CliError::user_because(
                format!("--vk `{text}` is no hash of a verifying key"),
                source,
            )
            .hint("give 64 hexadecimal digits: `valence-coprocessor get vk` prints them")
        });
    }
    if let Some(circuit) = &arguments.circuit {
        let id = context.circuit(Some(circuit))?;
        return key_hash(&context.client()?.verifying_key(&id).await?);
    }
    context
        .lock()?
        .verifying_key(file.circuit())
        .ok_or_else(|| {
            CliError::user(format!(
                "no verifying key is pinned for circuit {}",
                file.circuit()
            ))
            .hint("pin it by --vk HASH, or ask the service for it by --circuit NAME")
        })
}
