//! `migrate`: a circuit of one service deployed to another, under the same id.

use serde_json::json;
use valence_coprocessor_api::DeployControllerRequest;
use valence_coprocessor_protocol::CircuitId;

use super::deploy::check_id;
use crate::{arguments::MigrateArguments, context::Context, error::CliError, progress::waiting};

pub(crate) async fn run(
    context: &Context<'_>,
    arguments: &MigrateArguments,
) -> Result<(), CliError> {
    let id = context.circuit(arguments.circuit.circuit.as_deref())?;
    // The source is only read, and gets no signature that it could try elsewhere.
    let source = valence_coprocessor_client::Client::new(&arguments.source)?;
    let target = context.client()?;
    let elf = source.bytecode(&id).await?;
    let controller = source.runtime(&id).await?;
    let expected = CircuitId::of(&elf, arguments.nonce);
    if id != expected {
        return Err(CliError::user(format!(
            "with nonce {} this ELF would be deployed as {expected}, not as {id}",
            arguments.nonce
        ))
        .hint("name the nonce of the first deployment by --nonce, to keep the id"));
    }
    let text = format!(
        "from {} to {}, which computes the verifying key",
        source.address(),
        target.address()
    );
    let request = DeployControllerRequest {
        controller: controller.into(),
        circuit: elf.into(),
        nonce: Some(arguments.nonce),
    };
    let deployed = waiting(&text, target.deploy_circuit(&request))
        .await?
        .controller;
    check_id(&deployed, &id)?;
    context
        .printer
        .result(&json!({ "id": id.to_string() }), &id.to_string())
}
