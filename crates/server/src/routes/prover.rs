//! The provers that a caller brings along. They are kept per key, and the key's jobs try them first.

use axum::{Json, extract::State};
use valence_coprocessor::PublicKey;
use valence_coprocessor_api::{
    ErrorBody, ErrorCode, ProverAdded, ProverAddress, ProverList, ProverRemoved, paths,
};
use valence_coprocessor_zkvm::WorkerName;

use crate::{convert, exchange::Exchange, refusal::Refusal, state::ServerState};

const ADDRESS_BYTES: usize = 256;

/// The provers that serve this caller. Without a signature: the public ones.
#[utoipa::path(get, path = paths::PROVER, tag = "prover", responses((status = 200, body = ProverList), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn list(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<ProverList>, Refusal> {
    let key = exchange.caller.key();
    let owned = match key {
        Some(key) => state.engine.provers(key)?,
        None => Vec::new(),
    };
    let workers = state.engine.workers(key)?;
    // The service's own machine has no address.
    let is_elsewhere = |name: &WorkerName| *name != WorkerName::here();
    let public = workers
        .iter()
        .filter(|worker| worker.public && is_elsewhere(&worker.name))
        .map(|worker| worker.name.to_string())
        .collect();
    Ok(Json(ProverList {
        public,
        owned,
        workers: workers.into_iter().map(convert::worker).collect(),
    }))
}

/// Adds a prover for the key that signed. Jobs of that key try it first; public provers are the fall-back. It must be at
/// a public address, unless the operator allowed another.
#[utoipa::path(post, path = paths::PROVER, tag = "prover", request_body = ProverAddress,
    responses((status = 200, body = ProverAdded), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn add(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<ProverAdded>, Refusal> {
    let (key, address) = owned_address(&exchange)?;
    state.engine.add_prover(key, &address).await?;
    Ok(Json(ProverAdded { added: address }))
}

/// Removes a prover of the key that signed. What it has at this moment, it may finish.
#[utoipa::path(delete, path = paths::PROVER, tag = "prover", request_body = ProverAddress,
    responses((status = 200, body = ProverRemoved), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn remove(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<ProverRemoved>, Refusal> {
    let (key, address) = owned_address(&exchange)?;
    state.engine.remove_prover(key, &address).await?;
    Ok(Json(ProverRemoved { removed: address }))
}

fn owned_address(exchange: &Exchange) -> Result<(PublicKey, String), Refusal> {
    let ProverAddress { address } = exchange.json()?;
    let sensible = |byte: u8| byte.is_ascii_graphic();
    if address.is_empty() || address.len() > ADDRESS_BYTES || !address.bytes().all(sensible) {
        return Err(Refusal::new(
            ErrorCode::InvalidArguments,
            format!("`address` must be `host:port` or a URL of at most {ADDRESS_BYTES} characters"),
        ));
    }
    let key = exchange.caller.key().ok_or_else(|| {
        Refusal::new(
            ErrorCode::SignatureRequired,
            "a prover belongs to a key: sign the request, as docs/protocol.md says",
        )
    })?;
    Ok((key, address))
}
