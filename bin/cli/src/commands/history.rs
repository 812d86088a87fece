//! `history`: the newest root, appends, openings.

use valence_coprocessor_api::hex;
use valence_coprocessor_protocol::Root;

use crate::{
    arguments::HistoryCommand,
    context::Context,
    error::CliError,
    output::{note, table},
};

pub(crate) async fn run(
    context: &Context<'_>,
    command: Option<HistoryCommand>,
) -> Result<(), CliError> {
    let client = context.client()?;
    match command.unwrap_or(HistoryCommand::Root) {
        HistoryCommand::Root => {
            let answer = client.root().await?;
            context.printer.result(&answer, &answer.root.to_string())
        }
        HistoryCommand::Update { root } => {
            let update = client.update(&root).await?;
            let text = table(&[
                ("previous", update.previous.to_string()),
                ("root", update.root.to_string()),
                ("domain", hex::encode(&update.block.domain)),
                ("number", update.block.number.to_string()),
                ("state root", hex::encode(&update.block.root)),
            ]);
            context.printer.result(&update, &text)
        }
        HistoryCommand::Opening {
            domain,
            number,
            root,
        } => {
            let opening = client.opening(&domain, number, root).await?;
            let text = table(&[
                ("domain", opening.domain.to_string()),
                ("number", opening.number.to_string()),
                ("root", opening.root.to_string()),
                ("state root", opening.state_root.to_string()),
                ("payload", hex::encode(&opening.payload.0)),
                ("opening", hex::encode(&opening.opening.0)),
            ]);
            context.printer.result(&opening, &text)
        }
        HistoryCommand::List { from, to, limit } => {
            let to = match to {
                Some(to) => to,
                None => client.root().await?.root,
            };
            list(context, from.unwrap_or(Root::ZERO), to, limit).await
        }
    }
}

async fn list(
    context: &Context<'_>,
    from: Root,
    to: Root,
    limit: Option<u32>,
) -> Result<(), CliError> {
    let page = context.client()?.updates(&from, &to, limit).await?;
    let lines: Vec<_> = page
        .updates
        .iter()
        .map(|update| {
            let domain = &hex::encode(&update.block.domain)[..12];
            format!(
                "{}  domain {domain}…  block {}",
                update.root, update.block.number
            )
        })
        .collect();
    if let Some(next) = &page.next {
        note(&format!("there are more: --from {next}"));
    }
    context.printer.result(&page, &lines.join("\n"))
}
