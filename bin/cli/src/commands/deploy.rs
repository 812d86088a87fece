//! `deploy`: built circuits to a service, and their pins to valence.lock.

use serde_json::json;
use valence_coprocessor_api::{DeployControllerRequest, VerifyingKeyAnswer};
use valence_coprocessor_protocol::{CircuitId, VerifyingKeyHash};

use crate::{
    arguments::NameArguments,
    artifacts::{self, Artifacts},
    context::Context,
    error::CliError,
    output::note,
    progress::waiting,
};

pub(crate) async fn run(context: &Context<'_>, arguments: &NameArguments) -> Result<(), CliError> {
    let manifest = context.manifest()?;
    let client = context.client()?;
    let mut deployed = Vec::new();
    let mut lines = Vec::new();
    for (name, circuit) in manifest.circuits(arguments.name.as_deref())? {
        let files = Artifacts::of(&manifest, name, circuit);
        let read = |path| {
            artifacts::read(path)
                .map_err(|error| error.hint("build it first: `valence-coprocessor build`"))
        };
        let (elf, controller) = (read(&files.circuit)?, read(&files.controller)?);
        let expected = CircuitId::of(&elf, circuit.nonce);
        let request = DeployControllerRequest {
            controller: controller.into(),
            circuit: elf.into(),
            nonce: Some(circuit.nonce),
        };
        let text = format!(
            "deploying {name} to {}, which computes its verifying key",
            client.address()
        );
        let id = waiting(&text, client.deploy_circuit(&request))
            .await?
            .controller;
        check_id(&id, &expected)?;
        let key = key_hash(&client.verifying_key(&id).await?)?;
        // Pinned one by one: what is deployed stays pinned if the next one fails.
        let mut lock = context.lock()?;
        if let Some(before) = lock.pin(name, &id, &key) {
            note(&format!(
                "{name}: the verifying key changed from {before} to {key}"
            ));
        }
        lock.write(&manifest.folder)?;
        lines.push(format!("{name}  {id}  vk {key}"));
        deployed.push(json!({
            "name": name,
            "id": id.to_string(),
            "verifying_key": key.to_string(),
        }));
    }
    context.printer.result(&deployed, &lines.join("\n"))
}

/// The id is a hash of the ELF: a service that answers another one deployed something else.
pub(super) fn check_id(got: &CircuitId, expected: &CircuitId) -> Result<(), CliError> {
    if got == expected {
        Ok(())
    } else {
        Err(CliError::failed(format!(
            "the service deployed circuit {got}, but the id of this ELF is {expected}"
        )))
    }
}

/// The hash in an answer about a verifying key.
pub(super) fn key_hash(answer: &VerifyingKeyAnswer) -> Result<VerifyingKeyHash, CliError> {
    answer.hash.parse().map_err(|source| {
        CliError::failure("the service answered no hash of a verifying key", source)
    })
}
