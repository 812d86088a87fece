//! Deploying circuits and domains; blocks of domains.

use axum::{Json, extract::State};
use tokio::sync::{Semaphore, SemaphorePermit};
use valence_coprocessor_api::{
    AddedBlockAnswer, DeployControllerAnswer, DeployControllerRequest, DeployDomainAnswer,
    DeployDomainRequest, DomainList, ErrorBody, ErrorCode, LatestBlockAnswer, hex, paths,
};
use valence_coprocessor_protocol::{DomainId, DomainName};

use axum::extract::{FromRequest as _, Request};

use crate::{
    convert,
    exchange::{Exchange, PathValues},
    refusal::Refusal,
    state::ServerState,
};

/// Deploys a circuit and its controller. The same ELF and nonce give the same id.
#[utoipa::path(post, path = paths::DEPLOY_CONTROLLER, tag = "registry", request_body = DeployControllerRequest,
    responses((status = 200, body = DeployControllerAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn deploy_controller(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Json<DeployControllerAnswer>, Refusal> {
    let _slot = slot(&state.deployments)?;
    let exchange = Exchange::from_request(request, &state).await?;
    let request: DeployControllerRequest = exchange.json()?;
    let controller = state
        .engine
        .deploy_circuit(
            &exchange.caller,
            request.controller.0,
            request.circuit.0,
            request.nonce.unwrap_or(0),
        )
        .await?;
    Ok(Json(DeployControllerAnswer { controller }))
}

/// Registers a domain with its controller and light-client circuit.
#[utoipa::path(post, path = paths::DEPLOY_DOMAIN, tag = "registry", request_body = DeployDomainRequest,
    responses((status = 200, body = DeployDomainAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn deploy_domain(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Json<DeployDomainAnswer>, Refusal> {
    let _slot = slot(&state.deployments)?;
    let exchange = Exchange::from_request(request, &state).await?;
    let request: DeployDomainRequest = exchange.json()?;
    let name = DomainName::new(&request.name)
        .map_err(|error| Refusal::parameter("name", &request.name, error))?;
    // Routes take a name or an id: a name that reads as an id would hide the domain of that id.
    if request.name.parse::<DomainId>().is_ok() {
        let reason =
            "64 hexadecimal digits are the id of a domain, not a name; choose another name";
        return Err(Refusal::parameter("name", &request.name, reason));
    }
    let domain = state
        .engine
        .deploy_domain(
            &exchange.caller,
            name,
            request.controller.0,
            request.circuit.0,
        )
        .await?;
    Ok(Json(DeployDomainAnswer { domain }))
}

/// The registered domains.
#[utoipa::path(get, path = paths::DOMAINS, tag = "registry", responses((status = 200, body = DomainList)))]
pub(crate) async fn domains(
    State(state): State<ServerState>,
    _: Exchange,
) -> Result<Json<DomainList>, Refusal> {
    let root = state.engine.root()?;
    let domains = state
        .engine
        .domains()?
        .into_iter()
        .map(convert::domain)
        .collect();
    Ok(Json(DomainList {
        domains,
        root,
        dev: state.dev,
    }))
}

/// The newest block of a domain.
#[utoipa::path(get, path = paths::DOMAIN_LATEST, tag = "registry", params(("name" = String, Path)),
    responses((status = 200, body = LatestBlockAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn latest_block(
    State(state): State<ServerState>,
    path: PathValues,
    _: Exchange,
) -> Result<Json<LatestBlockAnswer>, Refusal> {
    let name: DomainName = path.parse("name")?;
    // A block that is appended in between would make the pair untrue; the next try sees both.
    let (coprocessor, block) = loop {
        let root = state.engine.root()?;
        let block = state.engine.domain_latest(&name)?;
        if root == state.engine.root()? {
            break (root, block);
        }
    };
    let block = block.ok_or_else(|| {
        Refusal::new(
            ErrorCode::UnknownBlock,
            format!("domain `{name}` has no block yet; its operator adds them"),
        )
    })?;
    Ok(Json(LatestBlockAnswer {
        coprocessor,
        domain: block.domain,
        number: block.number,
        root: block.state_root,
        payload: hex::encode(&block.payload),
        head: block.head,
        dev: state.dev,
    }))
}

/// Appends a block: the body is what the domain's `validate_block` reads.
#[utoipa::path(post, path = paths::DOMAIN, tag = "registry", params(("name" = String, Path)), request_body = serde_json::Value,
    responses((status = 200, body = AddedBlockAnswer), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn add_block(
    State(state): State<ServerState>,
    path: PathValues,
    exchange: Exchange,
) -> Result<Json<AddedBlockAnswer>, Refusal> {
    let name: DomainName = path.parse("name")?;
    let _slot = slot(&state.requests)?;
    let added = state
        .engine
        .add_block(&exchange.caller, &name, exchange.json()?)
        .await?;
    Ok(Json(AddedBlockAnswer {
        domain: *added.block.domain.as_bytes(),
        prev_smt: *added.previous.as_bytes(),
        smt: *added.root.as_bytes(),
        log: added.log,
        number: added.block.number,
        root: *added.block.state_root.as_bytes(),
        payload: added.block.payload,
        dev: state.dev,
    }))
}

/// A place among the requests that work at once.
pub(crate) fn slot(slots: &Semaphore) -> Result<SemaphorePermit<'_>, Refusal> {
    slots.try_acquire().map_err(|_| {
        Refusal::new(
            ErrorCode::Overloaded,
            "too many requests of this kind at once; try again in a moment",
        )
    })
}
