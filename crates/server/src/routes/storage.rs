//! What controllers store: one raw value, and files.

use axum::{Json, extract::State};
use valence_coprocessor_api::{
    Base64Bytes, ErrorBody, ErrorCode, FileQuery, FileRead, FileWrite, Success, paths,
};

use crate::{
    exchange::{Exchange, PathValues, Query},
    refusal::Refusal,
    state::ServerState,
};

/// The raw storage; `null` if nothing was stored.
#[utoipa::path(get, path = paths::RAW, tag = "storage", params(("valence-coprocessor-circuit" = String, Header)),
    responses((status = 200, body = Option<Base64Bytes>), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn raw(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<Option<Base64Bytes>>, Refusal> {
    Ok(Json(state.engine.raw(exchange.circuit)?.map(Base64Bytes)))
}

/// Replaces the raw storage.
#[utoipa::path(post, path = paths::RAW, tag = "storage", request_body = Base64Bytes, params(("valence-coprocessor-circuit" = String, Header)),
    responses((status = 200, description = "`null`"), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn set_raw(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<()>, Refusal> {
    let Base64Bytes(bytes) = exchange.json()?;
    state
        .engine
        .set_raw(&exchange.caller, exchange.circuit, bytes)
        .await?;
    Ok(Json(()))
}

/// A stored file; `null` if there is none. Published clients send the path in a body `{"path"}` instead.
#[utoipa::path(get, path = paths::FILES, tag = "storage", params(("valence-coprocessor-circuit" = String, Header), FileQuery),
    responses((status = 200, body = Option<Base64Bytes>), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn file(
    State(state): State<ServerState>,
    Query(query): Query<FileQuery>,
    exchange: Exchange,
) -> Result<Json<Option<Base64Bytes>>, Refusal> {
    let body: Option<FileRead> = if exchange.body.is_empty() {
        None
    } else {
        Some(exchange.json()?)
    };
    let path = match (query.path, body) {
        (Some(query), Some(body)) if query != body.path => {
            return Err(Refusal::new(
                ErrorCode::InvalidParameter,
                "query and body name different paths; send one of them",
            ));
        }
        (Some(path), _) | (None, Some(FileRead { path })) => path,
        (None, None) => return Err(no_path()),
    };
    Ok(Json(
        state.engine.file(exchange.circuit, &path)?.map(Base64Bytes),
    ))
}

/// Stores a file.
#[utoipa::path(post, path = paths::FILES, tag = "storage", request_body = FileWrite, params(("valence-coprocessor-circuit" = String, Header)),
    responses((status = 200, description = "`null`"), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn set_file(
    State(state): State<ServerState>,
    exchange: Exchange,
) -> Result<Json<()>, Refusal> {
    let FileWrite { path, contents } = exchange.json()?;
    state
        .engine
        .set_file(&exchange.caller, exchange.circuit, &path, contents.0)
        .await?;
    Ok(Json(()))
}

/// A stored file of a domain; `null` if there is none.
#[utoipa::path(get, path = paths::DOMAIN_FILES, tag = "registry", params(("name" = String, Path), FileQuery),
    responses((status = 200, body = Option<Base64Bytes>), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn domain_file(
    State(state): State<ServerState>,
    path: PathValues,
    Query(query): Query<FileQuery>,
    _: Exchange,
) -> Result<Json<Option<Base64Bytes>>, Refusal> {
    let name = path.parse("name")?;
    let file = query.path.ok_or_else(no_path)?;
    Ok(Json(
        state.engine.domain_file(&name, &file)?.map(Base64Bytes),
    ))
}

/// Stores a file of a domain, with the key that deployed it.
#[utoipa::path(post, path = paths::DOMAIN_FILES, tag = "registry", request_body = FileWrite, params(("name" = String, Path)),
    responses((status = 200, description = "`null`"), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn set_domain_file(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<()>, Refusal> {
    let name = path.parse("name")?;
    let FileWrite { path, contents } = exchange.json()?;
    state
        .engine
        .set_domain_file(&exchange.caller, &name, &path, contents.0)
        .await?;
    Ok(Json(()))
}

fn no_path() -> Refusal {
    Refusal::new(
        ErrorCode::InvalidParameter,
        "no path is named; send `?path=…`",
    )
}

/// The raw storage; `null` if nothing was stored.
#[utoipa::path(get, path = paths::RAW_OF, tag = "controller", params(("id" = String, Path)),
    responses((status = 200, body = Option<Base64Bytes>), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn raw_of(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<Option<Base64Bytes>>, Refusal> {
    Ok(Json(state.engine.raw(path.parse("id")?)?.map(Base64Bytes)))
}

/// Replaces the raw storage.
#[utoipa::path(post, path = paths::RAW_OF, tag = "controller", request_body = Base64Bytes, params(("id" = String, Path)),
    responses((status = 200, body = Success), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn set_raw_of(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<Success>, Refusal> {
    let Base64Bytes(bytes) = exchange.json()?;
    state
        .engine
        .set_raw(&exchange.caller, path.parse("id")?, bytes)
        .await?;
    Ok(Json(Success { success: true }))
}

/// Reads a stored file; `null` if there is none.
#[utoipa::path(post, path = paths::FILES_OF, tag = "controller", request_body = FileRead, params(("id" = String, Path)),
    responses((status = 200, body = Option<Base64Bytes>), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn file_of(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<Option<Base64Bytes>>, Refusal> {
    let FileRead { path: file } = exchange.json()?;
    Ok(Json(
        state
            .engine
            .file(path.parse("id")?, &file)?
            .map(Base64Bytes),
    ))
}
