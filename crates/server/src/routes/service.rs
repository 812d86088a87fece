//! Facts about the running service: statistics, health, metrics.

use std::fmt::Write as _;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use valence_coprocessor_api::{ErrorBody, HealthAnswer, StatsAnswer, callback_key_text, paths};

use crate::{convert, exchange::Exchange, refusal::Refusal, state::ServerState};

/// Facts about the running service.
#[utoipa::path(get, path = paths::STATS, tag = "service", responses((status = 200, body = StatsAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn stats(
    State(state): State<ServerState>,
    _: Exchange,
) -> Result<Json<StatsAnswer>, Refusal> {
    let stats = state.engine.stats()?;
    Ok(Json(StatsAnswer {
        version: state.config.version.clone(),
        dev: state.dev,
        root: stats.root,
        blocks: stats.sequence,
        domains: stats.domains as u64,
        active_jobs: stats.live_jobs as u64,
        default_kind: convert::kind(stats.default_kind),
        store: stats.store,
        callback_key: Some(callback_key_text(&stats.callback_key)),
    }))
}

/// Is the service able to answer?
#[utoipa::path(get, path = paths::HEALTH, tag = "service", responses((status = 200, body = HealthAnswer), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn health(
    State(state): State<ServerState>,
) -> Result<Json<HealthAnswer>, Refusal> {
    state.engine.check_health()?;
    Ok(Json(HealthAnswer {
        status: "ok".to_owned(),
        version: state.config.version.clone(),
    }))
}

/// Metrics in the text form of Prometheus.
#[utoipa::path(get, path = paths::METRICS, tag = "service", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(
    State(state): State<ServerState>,
) -> Result<impl IntoResponse, Refusal> {
    let stats = state.engine.stats()?;
    let mut text = state.metrics.render();
    text.push_str(&state.config.engine_metrics.render());
    for (name, help, value) in [
        ("valence_history_appends", "Appends so far.", stats.sequence),
        (
            "valence_jobs_active",
            "Jobs that have not ended.",
            stats.live_jobs as u64,
        ),
    ] {
        writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
        )
        .expect("writing to a string cannot fail");
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}
