//! From the command line to the command.

use super::{build, deploy, domains, download, get, history, jobs, migrate, prove, status, verify};
use crate::{
    arguments::{Arguments, Command},
    context::Context,
    error::CliError,
    output::Printer,
};

/// Runs what was asked for.
pub(crate) async fn run(arguments: Arguments, printer: &Printer) -> Result<(), CliError> {
    let context = Context::new(&arguments, printer);
    match arguments.command {
        Command::Build(arguments) => build::run(&context, &arguments),
        Command::Deploy(arguments) => deploy::run(&context, &arguments).await,
        Command::Download(arguments) => download::run(&context, &arguments).await,
        Command::Get(command) => get::run(&context, &command).await,
        Command::Migrate(arguments) => migrate::run(&context, &arguments).await,
        Command::Prove(arguments) => prove::run(&context, &arguments).await,
        Command::Jobs(arguments) => jobs::run(&context, arguments.command).await,
        Command::Status => status::run(&context).await,
        Command::Verify(arguments) => verify::run(&context, &arguments).await,
        Command::Domains(arguments) => domains::run(&context, arguments.command).await,
        Command::History(arguments) => history::run(&context, arguments.command).await,
    }
}
