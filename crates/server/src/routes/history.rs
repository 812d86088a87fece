//! Roots, updates and openings.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use valence_coprocessor_api::{
    ErrorBody, ErrorCode, OpeningAnswer, RootAnswer, StepProofAnswer, UpdateAnswer, UpdatePage,
    UpdateRange, paths,
};
use valence_coprocessor_protocol::{DomainId, DomainName, Root};

use crate::{
    convert,
    exchange::{Exchange, PathValues, Query},
    refusal::Refusal,
    state::ServerState,
};

/// The newest root.
#[utoipa::path(get, path = paths::ROOT, tag = "history", responses((status = 200, body = RootAnswer)))]
pub(crate) async fn root(
    State(state): State<ServerState>,
    _: Exchange,
) -> Result<Response, Refusal> {
    // The most frequent request of all: written without a serializer.
    let body = format!(
        "{{\"root\":\"{}\",\"dev\":{}}}",
        state.engine.root()?,
        state.dev
    );
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The append that led to a root.
#[utoipa::path(get, path = paths::UPDATE, tag = "history", params(("root" = String, Path)),
    responses((status = 200, body = UpdateAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn update(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<UpdateAnswer>, Refusal> {
    let root: Root = path.parse("root")?;
    let update = state.engine.update(&root)?.ok_or_else(|| {
        Refusal::new(
            ErrorCode::UnknownRoot,
            format!(
                "{root} was never a root here; `{}` answers the newest",
                paths::ROOT
            ),
        )
    })?;
    Ok(Json(convert::update(update, state.dev)))
}

/// The opening of a block under the newest root, or under that of the header. `domain` is a name or an id.
#[utoipa::path(get, path = paths::OPENING, tag = "history",
    params(("domain" = String, Path), ("number" = u64, Path), ("valence-coprocessor-root" = Option<String>, Header)),
    responses((status = 200, body = OpeningAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn opening(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<OpeningAnswer>, Refusal> {
    let number = path.parse("number")?;
    let name = domain_name(&state, path.text("domain"))?;
    let answer = state.engine.opening(exchange.root, &name, number)?;
    Ok(Json(OpeningAnswer {
        domain: answer.block.domain,
        number: answer.block.number,
        root: answer.root,
        state_root: answer.block.state_root,
        payload: answer.block.payload.into(),
        opening: answer.opening.into(),
        dev: state.dev,
    }))
}

/// What the domain's light client proves about a block. Blocks that a development service took have none.
#[utoipa::path(get, path = paths::STEP_PROOF, tag = "history",
    params(("domain" = String, Path), ("number" = u64, Path)),
    responses((status = 200, body = StepProofAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn step_proof(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<StepProofAnswer>, Refusal> {
    let number = path.parse("number")?;
    let name = domain_name(&state, path.text("domain"))?;
    let proof = state.engine.step_proof(&name, number)?;
    Ok(Json(StepProofAnswer {
        domain: name.to_string(),
        number,
        verifying_key: proof.verifying_key,
        public_values: proof.public_values.into(),
        proof: proof.bytes.into(),
    }))
}

/// The appends from a root (exclusive) to another (inclusive), with their proofs, page by page.
#[utoipa::path(get, path = paths::UPDATES, tag = "history", params(("from" = String, Path), ("to" = String, Path), UpdateRange),
    responses((status = 200, body = UpdatePage), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn updates(
    State(state): State<ServerState>,
    path: PathValues,
    Query(range): Query<UpdateRange>,
    _: Exchange,
) -> Result<Json<UpdatePage>, Refusal> {
    let (from, to): (Root, Root) = (path.parse("from")?, path.parse("to")?);
    let limit = range
        .limit
        .map(|limit| usize::try_from(limit.max(1)).unwrap_or(usize::MAX));
    let updates = state.engine.updates(&from, &to, limit)?;
    let next = updates
        .last()
        .map(|last| last.update.root)
        .filter(|last| *last != to);
    Ok(Json(UpdatePage {
        updates: updates
            .into_iter()
            .map(convert::update_with_proof)
            .collect(),
        next,
        dev: state.dev,
    }))
}

/// A domain by name, or by id: 64 hexadecimal digits are taken for an id.
fn domain_name(state: &ServerState, text: &str) -> Result<DomainName, Refusal> {
    let Ok(id) = text.parse::<DomainId>() else {
        return text
            .parse()
            .map_err(|error| Refusal::parameter("domain", text, error));
    };
    state
        .engine
        .domains()?
        .into_iter()
        .find(|domain| domain.id == id)
        .map(|domain| domain.name)
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::UnknownDomain,
                format!("no domain has the id {id}; `{}` lists them", paths::DOMAINS),
            )
        })
}
