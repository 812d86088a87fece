//! `prove`: asks for a proof, waits, and keeps it in a file that `verify` reads.

use std::path::Path;

use serde_json::json;
use valence_coprocessor_api::{ComputeRequest, JobAnswer, JobState, ProveRequest};
use valence_coprocessor_client::Client;
use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_verifier::{ProofFile, ProofKind};

use super::jobs;
use crate::{
    arguments::ProveArguments,
    artifacts,
    context::{Context, json},
    error::CliError,
    output::note,
    progress::JobProgress,
};

pub(crate) async fn run(context: &Context<'_>, arguments: &ProveArguments) -> Result<(), CliError> {
    let args = json("--args", &arguments.args)?;
    let payload = arguments
        .payload
        .as_deref()
        .map(|payload| json("--payload", payload))
        .transpose()?;
    let circuit = context.circuit(arguments.circuit.circuit.as_deref())?;
    let client = context.client()?;
    if arguments.witnesses {
        let request = ComputeRequest { args, payload };
        let answer = client.witnesses(&circuit, arguments.root, &request).await?;
        let text = format!(
            "{} witnesses at root {}\n{}",
            answer.witnesses.witnesses.len(),
            answer.witnesses.root,
            answer.log.join("\n")
        );
        return context.printer.result(&answer, &text);
    }
    let request = ProveRequest {
        args,
        payload,
        kind: arguments.kind,
        callback_url: arguments.callback_url.clone(),
        deadline_seconds: arguments.deadline,
    };
    let accepted = client.prove(&circuit, arguments.root, &request).await?;
    if arguments.detach {
        return context.printer.result(&accepted, &accepted.job);
    }
    note(&format!("job {}", accepted.job));
    let job = follow(&client, &accepted.job).await?;
    finish(context, &job, arguments.out.as_deref())
}

/// Waits for a job while showing how far it is.
pub(super) async fn follow(client: &Client, id: &str) -> Result<JobAnswer, CliError> {
    let mut progress = JobProgress::new();
    let outcome = client.follow(id, |job| progress.show(job)).await;
    progress.finish();
    Ok(outcome?)
}

/// Writes the proof of a job that ended well to a file; says why another one did not.
pub(super) fn finish(
    context: &Context<'_>,
    job: &JobAnswer,
    out: Option<&Path>,
) -> Result<(), CliError> {
    match job.state {
        JobState::Done => {}
        JobState::Cancelled => {
            return Err(CliError::failed(format!("job {} was cancelled", job.id)));
        }
        _ => {
            let (code, message) = job
                .failure
                .as_ref()
                .map_or(("unknown", "no reason given"), |failure| {
                    (failure.code.as_str(), failure.message.as_str())
                });
            return Err(
                CliError::failed(format!("job {} failed: {message} [{code}]", job.id))
                    .hint(format!("its log: valence-coprocessor jobs show {}", job.id)),
            );
        }
    }
    let Some(path) = out else {
        return context.printer.result(job, &jobs::describe(job));
    };
    let file = proof_file(job)?;
    if file.kind() == ProofKind::Execute {
        note("the circuit was run and nothing is proven: `verify` will refuse this file");
    }
    artifacts::write(path, &file.encode())?;
    let result = json!({ "job": job, "file": path });
    let text = format!("{}\n{:13}  {}", jobs::describe(job), "file", path.display());
    context.printer.result(&result, &text)
}

fn proof_file(job: &JobAnswer) -> Result<ProofFile, CliError> {
    let strange = |source: Box<dyn std::error::Error + Send + Sync>| {
        CliError::failure(format!("the result of job {} is no proof", job.id), source)
    };
    let result = job
        .result
        .as_ref()
        .ok_or_else(|| CliError::failed(format!("job {} is done without a result", job.id)))?;
    let kind: ProofKind = job
        .kind
        .as_str()
        .parse()
        .map_err(|error| strange(Box::new(error)))?;
    let key: VerifyingKeyHash = result
        .verifying_key
        .parse()
        .map_err(|error| strange(Box::new(error)))?;
    // What the service answers for kind `execute` is a text for people, and no proof.
    let proof = match (kind, &result.proof) {
        (ProofKind::Execute, _) | (_, None) => Vec::new(),
        (_, Some(proof)) => proof.0.clone(),
    };
    ProofFile::new(
        kind,
        job.circuit,
        key,
        result.public_values.0.clone(),
        proof,
    )
    .map_err(|error| strange(Box::new(error)))
}
