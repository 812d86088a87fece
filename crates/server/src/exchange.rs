//! What a handler is given: caller, circuit, root and body of a request, all checked.

use axum::{
    body::{Body, Bytes, HttpBody as _},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use valence_coprocessor::Caller;
use valence_coprocessor_api::{ErrorCode, headers, paths};
use valence_coprocessor_protocol::{CircuitId, Root};

use crate::{refusal::Refusal, signature, state::ServerState};

/// A request, read and checked.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Who signed it.
    pub(crate) caller: Caller,
    /// Is the signature of our own form, which binds the route?
    pub(crate) bound: bool,
    /// The circuit of the header; zero when absent.
    pub(crate) circuit: CircuitId,
    /// The root of the header.
    pub(crate) root: Option<Root>,
    /// The body.
    pub(crate) body: Bytes,
}

impl Exchange {
    /// The body as JSON of a given shape. The fault is named with its place.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.body.is_empty() {
            return Err(Refusal::new(
                ErrorCode::InvalidBody,
                "the body is empty; the route expects JSON, see `/spec`",
            ));
        }
        let invalid = |place: &str, error: &serde_json::Error| {
            let place = if place == "." {
                String::new()
            } else {
                format!("`{place}`: ")
            };
            Refusal::new(
                ErrorCode::InvalidBody,
                format!("the body is not what the route expects: {place}{error}"),
            )
        };
        let mut deserializer = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| invalid(&error.path().to_string(), error.inner()))?;
        deserializer.end().map_err(|error| invalid(".", &error))?;
        Ok(value)
    }
}

impl FromRequest<ServerState> for Exchange {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let circuit = id_header(&parts.headers, &CIRCUIT)?;
        let root = id_header(&parts.headers, &ROOT)?;
        let body = read_body(&mut parts, body, state).await?;
        let signer = signature::check(&parts, circuit, root, &body, &state.engine).await?;
        Ok(Self {
            caller: signer.caller,
            bound: signer.bound,
            circuit: circuit.unwrap_or(CircuitId::ZERO),
            root,
            body,
        })
    }
}

const CIRCUIT: HeaderName = HeaderName::from_static(headers::CIRCUIT);
const ROOT: HeaderName = HeaderName::from_static(headers::ROOT);

fn id_header<T>(map: &HeaderMap, name: &HeaderName) -> Result<Option<T>, Refusal>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let Some(value) = map.get(name) else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .map_err(|error| Refusal::parameter(name.as_str(), "", error))?;
    text.parse()
        .map(Some)
        .map_err(|error| Refusal::parameter(name.as_str(), text, error))
}

async fn read_body(parts: &mut Parts, body: Body, state: &ServerState) -> Result<Bytes, Refusal> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let limits = &state.config.limits;
    let path = parts.uri.path();
    let limit = if path == paths::DEPLOY_CONTROLLER || path == paths::DEPLOY_DOMAIN {
        limits.deployment_bytes
    } else {
        limits.body_bytes
    };
    let too_large = || {
        Refusal::new(
            ErrorCode::TooLarge,
            format!("the body is larger than the {limit} bytes that this route takes"),
        )
    };
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    check_media_type(&parts.headers)?;
    let collected = timeout(limits.body_time, Limited::new(body, limit).collect())
        .await
        .map_err(|_| {
            Refusal::new(
                ErrorCode::RequestTimeout,
                format!(
                    "the body did not arrive within {} s",
                    limits.body_time.as_secs()
                ),
            )
        })?;
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Refusal::new(
            ErrorCode::InvalidBody,
            "the body ended early, or its framing is broken",
        )),
    }
}

fn check_media_type(map: &HeaderMap) -> Result<(), Refusal> {
    // A body without a type is what a page of another origin can send without asking first.
    let given = map
        .get(header::CONTENT_TYPE)
        .map_or(Ok("no type"), HeaderValue::to_str)
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::UnsupportedMediaType,
        format!("the body is sent as `{essence}`; send it with `content-type: application/json`"),
    ))
}

/// A value of the path, by its place.
#[derive(Debug)]
pub(crate) struct PathValues(Vec<(String, String)>);

impl PathValues {
    /// The value of this parameter, read.
    pub(crate) fn parse<T>(&self, name: &str) -> Result<T, Refusal>
    where
        T: std::str::FromStr<Err: std::fmt::Display>,
    {
        let text = self.text(name);
        text.parse()
            .map_err(|error| Refusal::parameter(name, text, error))
    }

    /// The value of this parameter.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }
}

impl FromRequestParts<ServerState> for PathValues {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(values)| Self(values))
            .map_err(|error| Refusal::new(ErrorCode::InvalidParameter, error.body_text()))
    }
}

/// The query, read.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<ServerState> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, Refusal> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error| Refusal::new(ErrorCode::InvalidParameter, error.body_text()))
    }
}
