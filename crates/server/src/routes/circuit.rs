//! Calls of the circuit that the header names.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use valence_coprocessor::ProofRequest;
use valence_coprocessor_api::{
    Base64Bytes, CallAnswer, ComputeRequest, ErrorBody, ProveAnswer, ProveRequest, WitnessAnswer,
    WitnessSet, paths,
};
use valence_coprocessor_protocol::{CircuitId, Root};

use super::registry::slot;
use crate::{convert, exchange::Exchange, refusal::Refusal, state::ServerState};

/// Computes witnesses, opened under the newest root or that of the header.
#[utoipa::path(post, path = paths::WITNESSES, tag = "circuit", request_body = ComputeRequest,
    params(("valence-coprocessor-circuit" = String, Header), ("valence-coprocessor-root" = Option<String>, Header)),
    responses((status = 200, body = WitnessAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn witnesses(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<WitnessAnswer>, Refusal> {
    witnesses_of(&state, exchange.circuit, &exchange)
        .await
        .map(Json)
}

/// Accepts a proof request. The answer names the job, which survives a crash of the service.
#[utoipa::path(post, path = paths::PROVE, tag = "circuit", request_body = ProveRequest,
    params(("valence-coprocessor-circuit" = String, Header), ("valence-coprocessor-root" = Option<String>, Header)),
    responses((status = 200, body = ProveAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn prove(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<ProveAnswer>, Refusal> {
    prove_at(&state, exchange.circuit, exchange.root, &exchange)
        .await
        .map(Json)
}

/// The verifying key, as the zkVM encodes it.
#[utoipa::path(get, path = paths::VERIFYING_KEY, tag = "circuit", params(("valence-coprocessor-circuit" = String, Header)),
    responses((status = 200, body = Base64Bytes), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn verifying_key(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<Base64Bytes>, Refusal> {
    Ok(Json(
        state.engine.verifying_key(exchange.circuit)?.bytes.into(),
    ))
}

/// The ELF.
#[utoipa::path(get, path = paths::BYTECODE, tag = "circuit", params(("valence-coprocessor-circuit" = String, Header)),
    responses((status = 200, body = Base64Bytes), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn bytecode(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<Base64Bytes>, Refusal> {
    Ok(Json(Base64Bytes(
        state.engine.bytecode(exchange.circuit)?.to_vec(),
    )))
}

/// The controller.
#[utoipa::path(get, path = paths::RUNTIME, tag = "circuit", params(("valence-coprocessor-circuit" = String, Header)),
    responses((status = 200, body = Base64Bytes), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn runtime(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<Base64Bytes>, Refusal> {
    Ok(Json(Base64Bytes(
        state.engine.runtime(exchange.circuit)?.to_vec(),
    )))
}

/// Calls the controller's entry point with the body.
#[utoipa::path(post, path = paths::ENTRYPOINT, tag = "circuit", request_body = serde_json::Value,
    params(("valence-coprocessor-circuit" = String, Header)),
    responses((status = 200, body = CallAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn entrypoint(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Response, Refusal> {
    entrypoint_of(&state, exchange.circuit, &exchange).await
}

pub(super) async fn witnesses_of(
    state: &ServerState,
    circuit: CircuitId,
    exchange: &Exchange,
) -> Result<WitnessAnswer, Refusal> {
    let request: ComputeRequest = exchange.json()?;
    let _slot = slot(&state.requests)?;
    let report = state
        .engine
        .witnesses(circuit, exchange.root, &json_of(&request.args)?)
        .await?;
    Ok(WitnessAnswer {
        witnesses: WitnessSet {
            root: report.root,
            proofs: report
                .openings
                .into_iter()
                .map(|opened| opened.opening.into())
                .collect(),
            witnesses: report.witnesses.into_iter().map(convert::witness).collect(),
        },
        log: report.log,
        dev: state.dev,
    })
}

pub(super) async fn prove_at(
    state: &ServerState,
    circuit: CircuitId,
    root: Option<Root>,
    exchange: &Exchange,
) -> Result<ProveAnswer, Refusal> {
    let request: ProveRequest = exchange.json()?;
    let _slot = slot(&state.requests)?;
    let job = state
        .engine
        .prove(
            &exchange.caller,
            ProofRequest {
                circuit,
                root,
                kind: request.kind.map(convert::kind_back),
                args: request.args,
                payload: request.payload.unwrap_or_default(),
                callback_url: request.callback_url,
                deadline: request.deadline_seconds.map(Duration::from_secs),
            },
        )
        .await?;
    Ok(ProveAnswer {
        status: "received".to_owned(),
        job: job.id.to_string(),
        state: convert::state(job.state),
        circuit: job.circuit,
        kind: convert::kind(job.kind),
        root: job.root,
        dev: state.dev,
    })
}

/// Answers `{ret, log}` without reading what the controller returned: it is JSON already.
pub(super) async fn entrypoint_of(
    state: &ServerState,
    circuit: CircuitId,
    exchange: &Exchange,
) -> Result<Response, Refusal> {
    let _slot = slot(&state.requests)?;
    let answer = state.engine.entrypoint(circuit, &exchange.body).await?;
    let mut body = Vec::with_capacity(answer.ret.len() + 32);
    body.extend_from_slice(b"{\"ret\":");
    body.extend_from_slice(if answer.ret.is_empty() {
        b"null"
    } else {
        &answer.ret
    });
    body.extend_from_slice(b",\"log\":");
    body.extend_from_slice(&json_of(&answer.log)?);
    body.push(b'}');
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

fn json_of(value: &impl serde::Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value)
        .map_err(|error| Refusal::internal(format!("cannot write JSON: {error}")))
}
