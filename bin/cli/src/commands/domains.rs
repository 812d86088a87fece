//! `domains`: list, newest block, deploy, add a block.

use serde_json::json;
use valence_coprocessor_api::{DeployDomainRequest, hex};

use crate::{
    arguments::DomainsCommand,
    artifacts,
    context::{Context, json},
    error::CliError,
    output::{note, table},
    progress::waiting,
};

pub(crate) async fn run(
    context: &Context<'_>,
    command: Option<DomainsCommand>,
) -> Result<(), CliError> {
    match command.unwrap_or(DomainsCommand::List) {
        DomainsCommand::List => list(context).await,
        DomainsCommand::Latest { name } => {
            let block = context.client()?.latest_block(&name).await?;
            let text = table(&[
                ("domain", block.domain.to_string()),
                ("number", block.number.to_string()),
                ("state root", block.root.to_string()),
                ("payload", block.payload.clone()),
                ("root", block.coprocessor.to_string()),
            ]);
            context.printer.result(&block, &text)
        }
        DomainsCommand::Deploy {
            name,
            controller,
            elf,
        } => {
            let request = DeployDomainRequest {
                name,
                controller: artifacts::read(&controller)?.into(),
                circuit: match elf {
                    Some(elf) => artifacts::read(&elf)?.into(),
                    None => Vec::new().into(),
                },
            };
            let client = context.client()?;
            let text = format!("deploying {} to {}", request.name, client.address());
            let answer = waiting(&text, client.deploy_domain(&request)).await?;
            context.printer.result(&answer, &answer.domain.to_string())
        }
        DomainsCommand::Add { name, args } => {
            let args = json("--args", &args)?;
            let added = context.client()?.add_block(&name, &args).await?;
            for line in &added.log {
                note(line);
            }
            let result = json!({
                "domain": hex::encode(&added.domain),
                "number": added.number,
                "state_root": hex::encode(&added.root),
                "previous": hex::encode(&added.prev_smt),
                "root": hex::encode(&added.smt),
            });
            let text = table(&[
                ("number", added.number.to_string()),
                ("state root", hex::encode(&added.root)),
                ("previous", hex::encode(&added.prev_smt)),
                ("root", hex::encode(&added.smt)),
            ]);
            context.printer.result(&result, &text)
        }
    }
}

async fn list(context: &Context<'_>) -> Result<(), CliError> {
    let answer = context.client()?.domains().await?;
    let lines: Vec<_> = answer
        .domains
        .iter()
        .map(|domain| {
            let latest = domain
                .latest
                .map_or_else(|| "no block".to_owned(), |number| format!("block {number}"));
            let refused = if domain.accepted {
                ""
            } else {
                "  (not elected: blocks are refused)"
            };
            format!("{}  {}  {latest}{refused}", domain.name, domain.domain)
        })
        .collect();
    context.printer.result(&answer, &lines.join("\n"))
}
