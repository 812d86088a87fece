//! The same calls with the circuit in the path, as older clients make them.

use axum::{Json, extract::State, response::Response};
use valence_coprocessor_api::{
    Base64Bytes, CallAnswer, CircuitBytes, ComputeRequest, ErrorBody, ProveAnswer, ProveRequest,
    VerifyingKeyAnswer, WitnessAnswer, paths,
};

use super::circuit;
use crate::{
    exchange::{Exchange, PathValues},
    refusal::Refusal,
    state::ServerState,
};

/// Computes witnesses.
#[utoipa::path(post, path = paths::WITNESSES_OF, tag = "controller", operation_id = "witnesses_of", request_body = ComputeRequest, params(("id" = String, Path)),
    responses((status = 200, body = WitnessAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn witnesses(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<WitnessAnswer>, Refusal> {
    circuit::witnesses_of(&state, path.parse("id")?, &exchange)
        .await
        .map(Json)
}

/// Accepts a proof request.
#[utoipa::path(post, path = paths::PROVE_OF, tag = "controller", operation_id = "prove_of", request_body = ProveRequest, params(("id" = String, Path)),
    responses((status = 200, body = ProveAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn prove(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<ProveAnswer>, Refusal> {
    circuit::prove_at(&state, path.parse("id")?, exchange.root, &exchange)
        .await
        .map(Json)
}

/// Accepts a proof request at the root of the path.
#[utoipa::path(post, path = paths::PROVE_AT, tag = "controller", operation_id = "prove_at", request_body = ProveRequest,
    params(("id" = String, Path), ("root" = String, Path)),
    responses((status = 200, body = ProveAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn prove_at(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<ProveAnswer>, Refusal> {
    let root = path.parse("root")?;
    circuit::prove_at(&state, path.parse("id")?, Some(root), &exchange)
        .await
        .map(Json)
}

/// The verifying key.
#[utoipa::path(get, path = paths::VERIFYING_KEY_OF, tag = "controller", operation_id = "verifying_key_of", params(("id" = String, Path)),
    responses((status = 200, body = VerifyingKeyAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn verifying_key(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<VerifyingKeyAnswer>, Refusal> {
    let key = state.engine.verifying_key(path.parse("id")?)?;
    Ok(Json(VerifyingKeyAnswer {
        base64: key.bytes.into(),
        hash: key.hash.to_string(),
        log: Vec::new(),
    }))
}

/// The ELF.
#[utoipa::path(get, path = paths::BYTECODE_OF, tag = "controller", operation_id = "bytecode_of", params(("id" = String, Path)),
    responses((status = 200, body = CircuitBytes), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn bytecode(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<CircuitBytes>, Refusal> {
    let bytes = state.engine.bytecode(path.parse("id")?)?;
    Ok(Json(CircuitBytes {
        base64: Base64Bytes(bytes.to_vec()),
    }))
}

/// The controller.
#[utoipa::path(get, path = paths::RUNTIME_OF, tag = "controller", operation_id = "runtime_of", params(("id" = String, Path)),
    responses((status = 200, body = CircuitBytes), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn runtime(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<CircuitBytes>, Refusal> {
    let bytes = state.engine.runtime(path.parse("id")?)?;
    Ok(Json(CircuitBytes {
        base64: Base64Bytes(bytes.to_vec()),
    }))
}

/// Calls the controller's entry point with the body.
#[utoipa::path(post, path = paths::ENTRYPOINT_OF, tag = "controller", operation_id = "entrypoint_of", request_body = serde_json::Value, params(("id" = String, Path)),
    responses((status = 200, body = CallAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn entrypoint(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Response, Refusal> {
    circuit::entrypoint_of(&state, path.parse("id")?, &exchange).await
}
