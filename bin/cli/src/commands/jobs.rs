//! `jobs`: list, show, follow, cancel.

use valence_coprocessor_api::{JobAnswer, JobQuery, JobState, hex};

use super::prove;
use crate::{
    arguments::JobsCommand,
    context::Context,
    error::CliError,
    output::{note, table},
    progress::state_text,
};

pub(crate) async fn run(
    context: &Context<'_>,
    command: Option<JobsCommand>,
) -> Result<(), CliError> {
    let client = context.client()?;
    match command {
        None => list(context, &JobQuery::default()).await,
        Some(JobsCommand::List {
            circuit,
            state,
            before,
            limit,
        }) => {
            let circuit = circuit
                .map(|circuit| context.circuit(Some(&circuit)))
                .transpose()?
                .map(|id| id.to_string());
            let state = state.as_deref().map(state_of).transpose()?;
            let query = JobQuery {
                circuit,
                state,
                before,
                limit,
            };
            list(context, &query).await
        }
        Some(JobsCommand::Show { id }) => {
            let job = client.job(&id).await?;
            context.printer.result(&job, &describe(&job))
        }
        Some(JobsCommand::Follow { id, out }) => {
            let job = prove::follow(&client, &id).await?;
            prove::finish(context, &job, out.as_deref())
        }
        Some(JobsCommand::Cancel { id }) => {
            let job = client.cancel(&id).await?;
            context.printer.result(&job, &describe(&job))
        }
    }
}

async fn list(context: &Context<'_>, query: &JobQuery) -> Result<(), CliError> {
    let page = context.client()?.jobs(query).await?;
    let lines: Vec<_> = page
        .jobs
        .iter()
        .map(|job| {
            let circuit = &job.circuit.to_string()[..12];
            let state = state_text(job.state);
            format!(
                "{}  {state:10}  {:10}  circuit {circuit}…",
                job.id,
                job.kind.as_str()
            )
        })
        .collect();
    if let Some(next) = &page.next {
        note(&format!("there are more: --before {next}"));
    }
    context.printer.result(&page, &lines.join("\n"))
}

fn state_of(text: &str) -> Result<JobState, CliError> {
    serde_json::from_value(text.into()).map_err(|_| {
        CliError::user(format!("`{text}` is no state of a job")).hint(
            "accepted, witness, queued, proving, verifying, delivering, done, failed or cancelled",
        )
    })
}

/// One job for people.
pub(super) fn describe(job: &JobAnswer) -> String {
    let mut rows = vec![
        ("job", job.id.clone()),
        ("state", state_text(job.state).to_owned()),
        ("kind", job.kind.to_string()),
        ("circuit", job.circuit.to_string()),
        ("root", job.root.to_string()),
    ];
    if job.dev {
        rows.push((
            "mode",
            "development: blocks are taken without proof".to_owned(),
        ));
    }
    if let Some(cycles) = job.cycles {
        rows.push(("cycles", cycles.to_string()));
    }
    if let (Some(first), Some(last)) = (job.states.first(), job.states.last()) {
        let seconds = last.at.saturating_sub(first.at) / 1_000;
        rows.push(("took", format!("{seconds} s")));
    }
    if let Some(made_by) = &job.reused {
        rows.push(("reused", format!("the proof of job {made_by}")));
    }
    if let Some(trace) = &job.trace {
        rows.push(("trace", trace.clone()));
    }
    if let Some(callback) = &job.callback {
        let state = callback.state.as_str().replace('_', " ");
        let text = format!("{state}, {} attempts", callback.attempts);
        rows.push(("callback", text));
    }
    if let (Some(deadline), Some(first), false) =
        (job.deadline, job.states.first(), job.state.is_final())
    {
        let seconds = deadline.saturating_sub(first.at) / 1_000;
        rows.push(("deadline", format!("{seconds} s after it was accepted")));
    }
    if let Some(result) = &job.result {
        let proven = if result.proven {
            "yes"
        } else {
            "no: the circuit was run only"
        };
        rows.push(("proven", proven.to_owned()));
        rows.push((
            "output",
            hex::encode(result.public_values.0.get(32..).unwrap_or_default()),
        ));
        rows.push(("verifying key", result.verifying_key.clone()));
    }
    if let Some(failure) = &job.failure {
        rows.push(("failure", format!("{} [{}]", failure.message, failure.code)));
    }
    rows.extend(job.log.iter().map(|line| ("log", line.clone())));
    table(&rows)
}
