//! Jobs: list, show, follow, cancel.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _};
use tokio_stream::wrappers::WatchStream;
use valence_coprocessor::{JobFilter, JobId, JobState};
use valence_coprocessor_api::{ErrorBody, ErrorCode, JobAnswer, JobPage, JobQuery, paths};

use crate::{
    convert,
    exchange::{Exchange, PathValues, Query},
    refusal::Refusal,
    state::ServerState,
};

/// Jobs in one answer when the request names no number.
const PAGE: usize = 50;
/// Jobs in one answer at most.
const LARGEST_PAGE: usize = 200;

/// Jobs, newest first, without their proofs.
#[utoipa::path(get, path = paths::JOBS, tag = "jobs", params(JobQuery),
    responses((status = 200, body = JobPage), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn list(
    State(state): State<ServerState>,
    Query(query): Query<JobQuery>,
    _: Exchange,
) -> Result<Json<JobPage>, Refusal> {
    let limit = query.limit.map_or(PAGE, |limit| {
        usize::try_from(limit)
            .unwrap_or(LARGEST_PAGE)
            .clamp(1, LARGEST_PAGE)
    });
    let mut jobs = state.engine.jobs(&JobFilter {
        circuit: parse("circuit", query.circuit)?,
        state: query.state.map(convert::state_back),
        before: parse("before", query.before)?,
        limit: Some(limit + 1),
    })?;
    let more = jobs.len() > limit;
    jobs.truncate(limit);
    let next = jobs.last().filter(|_| more).map(|job| job.id.to_string());
    Ok(Json(JobPage {
        jobs: jobs.into_iter().map(convert::job).collect(),
        next,
        dev: state.dev,
    }))
}

/// One job; with its proof once that is final, even while the outcome is being delivered.
#[utoipa::path(get, path = paths::JOB, tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = JobAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn show(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<JobAnswer>, Refusal> {
    let id = job_id(&path)?;
    let job = state.engine.job(&id)?;
    let is_proven = matches!(job.state, JobState::Delivering | JobState::Done);
    if !is_proven || job.result.is_none() {
        return Ok(Json(convert::job(job)));
    }
    let proof = state.engine.proof(&id)?;
    Ok(Json(convert::job_with_proof(job, proof)))
}

/// The changes of one job, as server-sent events `job`, each a whole job without its proof. The stream ends with the job.
#[utoipa::path(get, path = paths::JOB_EVENTS, tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = JobAnswer, content_type = "text/event-stream"), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn events(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let id = job_id(&path)?;
    let slot = Arc::clone(&state.event_streams)
        .try_acquire_owned()
        .map_err(|_| {
            Refusal::new(
                ErrorCode::Overloaded,
                format!("too many event streams; poll `{}` instead", paths::JOB),
            )
        })?;
    let changes = WatchStream::new(state.engine.watch(&id)?).map(move |job| {
        // Held for as long as the stream lives.
        let _ = &slot;
        let event = Event::default().event("job").json_data(convert::job(job));
        Ok(event.unwrap_or_else(|error| {
            Event::default().comment(format!("cannot write the job: {error}"))
        }))
    });
    let stop = state.stop.clone();
    let changes = changes.take_until(async move { stop.cancelled().await });
    Ok(Sse::new(changes).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// Cancels a job.
#[utoipa::path(delete, path = paths::JOB, tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = JobAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn cancel(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<JobAnswer>, Refusal> {
    let id = job_id(&path)?;
    // The published form signs `null` for every request without a body: somebody else's read must not cancel a job.
    if exchange.caller.key().is_some() && !exchange.bound {
        return Err(Refusal::new(
            ErrorCode::InvalidSignature,
            "this route takes only signatures that bind the route; use the CLI, or sign as docs/protocol.md says",
        ));
    }
    Ok(Json(convert::job(
        state.engine.cancel(&exchange.caller, &id).await?,
    )))
}

fn job_id(path: &PathValues) -> Result<JobId, Refusal> {
    path.parse("id")
}

fn parse<T>(name: &str, text: Option<String>) -> Result<Option<T>, Refusal>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.map(|text| {
        text.parse()
            .map_err(|error| Refusal::parameter(name, &text, error))
    })
    .transpose()
}
