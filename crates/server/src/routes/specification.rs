//! The OpenAPI document and the Swagger page.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;
use utoipa_swagger_ui::Config;
use valence_coprocessor_api::{CallbackBody, ErrorCode, paths};

use super::{circuit, controller, history, jobs, prover, registry, service, storage};
use crate::{ServerError, refusal::Refusal, state::ServerState};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Valence co-processor",
        description = "Bytes are standard base64, ids and roots lower-case hexadecimal. A request may be signed; see docs/protocol.md.",
        license(name = "Apache-2.0")
    ),
    paths(
        service::stats,
        service::health,
        service::metrics,
        registry::deploy_controller,
        registry::deploy_domain,
        registry::domains,
        registry::latest_block,
        registry::add_block,
        history::root,
        history::update,
        history::opening,
        history::step_proof,
        history::updates,
        storage::raw,
        storage::set_raw,
        storage::file,
        storage::domain_file,
        storage::set_domain_file,
        storage::set_file,
        storage::raw_of,
        storage::set_raw_of,
        storage::file_of,
        circuit::witnesses,
        circuit::prove,
        circuit::verifying_key,
        circuit::bytecode,
        circuit::runtime,
        circuit::entrypoint,
        controller::witnesses,
        controller::prove,
        controller::prove_at,
        controller::verifying_key,
        controller::bytecode,
        controller::runtime,
        controller::entrypoint,
        jobs::list,
        jobs::show,
        jobs::events,
        jobs::cancel,
        prover::list,
        prover::add,
        prover::remove,
    ),
    // Sent by the service, so that no route answers it.
    components(schemas(CallbackBody))
)]
struct Specification;

/// The OpenAPI document of a service of this version.
pub fn openapi(version: &str) -> utoipa::openapi::OpenApi {
    let mut document = Specification::openapi();
    version.clone_into(&mut document.info.version);
    document
}

/// The documents, written once.
#[derive(Clone)]
pub(crate) struct Documents {
    json: Bytes,
    yaml: Bytes,
    swagger: Arc<Config<'static>>,
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Documents")
    }
}

impl Documents {
    pub(crate) fn new(version: &str) -> Result<Self, ServerError> {
        let document = openapi(version);
        let failed = |reason: String| ServerError::Specification { reason };
        Ok(Self {
            json: document
                .to_pretty_json()
                .map_err(|error| failed(error.to_string()))?
                .into(),
            yaml: document
                .to_yaml()
                .map_err(|error| failed(error.to_string()))?
                .into(),
            swagger: Arc::new(Config::from(paths::SPEC)),
        })
    }
}

/// The OpenAPI document.
pub(crate) async fn json(State(state): State<ServerState>) -> Response {
    with_type("application/json", state.documents.json.clone())
}

/// The OpenAPI document as YAML.
pub(crate) async fn yaml(State(state): State<ServerState>) -> Response {
    with_type("application/yaml", state.documents.yaml.clone())
}

/// The Swagger page.
pub(crate) async fn page(State(state): State<ServerState>) -> Result<Response, Refusal> {
    swagger(&state, "index.html")
}

/// A file of the Swagger page, which names its files relative to itself.
pub(crate) async fn asset(
    State(state): State<ServerState>,
    Path(file): Path<String>,
) -> Result<Response, Refusal> {
    swagger(&state, &file)
}

fn swagger(state: &ServerState, file: &str) -> Result<Response, Refusal> {
    match utoipa_swagger_ui::serve(file, Arc::clone(&state.documents.swagger)) {
        Ok(Some(file)) => Ok(with_type(
            &file.content_type,
            file.bytes.into_owned().into(),
        )),
        Ok(None) => Err(Refusal::new(
            ErrorCode::UnknownRoute,
            "there is no such route; `/spec` lists them all",
        )),
        Err(error) => Err(Refusal::internal(format!(
            "cannot serve the Swagger page: {error}"
        ))),
    }
}

fn with_type(media_type: &str, bytes: Bytes) -> Response {
    const NO_SNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    ([(header::CONTENT_TYPE, media_type), NO_SNIFF], bytes).into_response()
}
