//! Every route and its handler.

mod circuit;
mod controller;
mod history;
mod jobs;
mod prover;
mod registry;
mod service;
pub(crate) mod specification;
mod storage;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use valence_coprocessor_api::{ErrorCode, paths};

use crate::{envelope, refusal::Refusal, state::ServerState};

/// All routes, wrapped.
pub(crate) fn router(state: ServerState) -> Router {
    Router::new()
        .merge(service_routes())
        .merge(registry_routes())
        .merge(circuit_routes())
        .merge(controller_routes())
        .merge(history_routes())
        .merge(job_routes())
        .fallback(unknown)
        .method_not_allowed_fallback(async || axum::http::StatusCode::METHOD_NOT_ALLOWED)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            envelope::wrap,
        ))
        .with_state(state)
}

fn service_routes() -> Router<ServerState> {
    Router::new()
        .route(paths::SWAGGER, get(specification::page))
        .route("/{file}", get(specification::asset))
        .route(paths::SPEC, get(specification::json))
        .route(paths::SPEC_YAML, get(specification::yaml))
        .route(paths::HEALTH, get(service::health))
        .route(paths::METRICS, get(service::metrics))
        .route(paths::STATS, get(service::stats))
        .route(
            paths::PROVER,
            get(prover::list).post(prover::add).delete(prover::remove),
        )
}

fn registry_routes() -> Router<ServerState> {
    Router::new()
        .route(paths::DEPLOY_CONTROLLER, post(registry::deploy_controller))
        .route(paths::DEPLOY_DOMAIN, post(registry::deploy_domain))
        .route(paths::DOMAIN, post(registry::add_block))
        .route(paths::DOMAIN_LATEST, get(registry::latest_block))
        .route(
            paths::DOMAIN_FILES,
            get(storage::domain_file).post(storage::set_domain_file),
        )
        .route(paths::DOMAINS, get(registry::domains))
}

fn circuit_routes() -> Router<ServerState> {
    Router::new()
        .route(paths::RAW, get(storage::raw).post(storage::set_raw))
        .route(paths::FILES, get(storage::file).post(storage::set_file))
        .route(paths::WITNESSES, post(circuit::witnesses))
        .route(paths::PROVE, post(circuit::prove))
        .route(paths::VERIFYING_KEY, get(circuit::verifying_key))
        .route(paths::BYTECODE, get(circuit::bytecode))
        .route(paths::RUNTIME, get(circuit::runtime))
        .route(paths::ENTRYPOINT, post(circuit::entrypoint))
}

fn controller_routes() -> Router<ServerState> {
    Router::new()
        .route(
            paths::RAW_OF,
            get(storage::raw_of).post(storage::set_raw_of),
        )
        .route(paths::FILES_OF, post(storage::file_of))
        .route(paths::WITNESSES_OF, post(controller::witnesses))
        .route(paths::PROVE_OF, post(controller::prove))
        .route(paths::PROVE_AT, post(controller::prove_at))
        .route(paths::VERIFYING_KEY_OF, get(controller::verifying_key))
        .route(paths::BYTECODE_OF, get(controller::bytecode))
        .route(paths::RUNTIME_OF, get(controller::runtime))
        .route(paths::ENTRYPOINT_OF, post(controller::entrypoint))
}

fn history_routes() -> Router<ServerState> {
    Router::new()
        .route(paths::ROOT, get(history::root))
        .route(paths::UPDATE, get(history::update))
        .route(paths::OPENING, get(history::opening))
        .route(paths::STEP_PROOF, get(history::step_proof))
        .route(paths::UPDATES, get(history::updates))
}

fn job_routes() -> Router<ServerState> {
    Router::new()
        .route(paths::JOBS, get(jobs::list))
        .route(paths::JOB, get(jobs::show).delete(jobs::cancel))
        .route(paths::JOB_EVENTS, get(jobs::events))
}

async fn unknown() -> Refusal {
    Refusal::new(
        ErrorCode::UnknownRoute,
        "there is no such route; `/spec` lists them all",
    )
}
