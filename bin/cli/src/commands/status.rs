//! `status`: how the service is.

use crate::{context::Context, error::CliError, output::table};

pub(crate) async fn run(context: &Context<'_>) -> Result<(), CliError> {
    let client = context.client()?;
    let stats = client.stats().await?;
    let mode = if stats.dev {
        "development: blocks are taken without proof"
    } else {
        "elected domains only"
    };
    let mut rows = vec![
        ("service", client.address().to_owned()),
        ("version", stats.version.clone()),
        ("mode", mode.to_owned()),
        ("root", stats.root.to_string()),
        ("blocks", stats.blocks.to_string()),
        ("active jobs", stats.active_jobs.to_string()),
        ("default kind", stats.default_kind.to_string()),
        ("store", stats.store.clone()),
    ];
    if let Some(key) = &stats.callback_key {
        rows.push(("callback key", key.clone()));
    }
    let text = table(&rows);
    context.printer.result(&stats, &text)
}
