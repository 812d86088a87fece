//! The import `http`: its JSON arguments, the request, the JSON answer.

use std::collections::BTreeMap;
use std::error::Error;

use reqwest::header::{ACCEPT, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use url::Url;

use super::{Network, RequestLimits};

/// Why a request was refused or failed. No text holds the URL, which may hold somebody's key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum HttpError {
    #[error("the arguments are not JSON: {reason}")]
    NotJson { reason: String },
    #[error("the argument `{name}` is invalid: {reason}")]
    Argument { name: &'static str, reason: String },
    #[error("only http and https may be fetched, not {scheme}")]
    Scheme { scheme: String },
    #[error("the URL names no host")]
    NoHost,
    #[error("{host} is not at a public address; the operator can open it with --allow-network")]
    Refused { host: String },
    #[error("the response has more than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("no answer within {limit:?}")]
    Timeout { limit: std::time::Duration },
    #[error("the request failed: {reason}")]
    Request { reason: String },
}

/// The arguments of a request.
#[derive(Debug)]
pub(crate) struct HttpArguments {
    method: Method,
    url: Url,
    headers: HeaderMap,
    basic_auth: Option<(String, Option<String>)>,
    bearer: Option<String>,
    body: Option<Vec<u8>>,
    json: Option<Value>,
    body_format: BodyFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyFormat {
    Bytes,
    Json,
    Text,
}

#[derive(Serialize)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Body,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body {
    Bytes(Vec<u8>),
    Json(Value),
    Text(String),
}

impl HttpArguments {
    /// Reads the arguments; what is missing has its published default, which for the method is POST.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HttpError> {
        let arguments: Value =
            serde_json::from_slice(bytes).map_err(|error| HttpError::NotJson {
                reason: error.to_string(),
            })?;
        let headers = headers(&arguments)?;
        let body_format = body_format(&headers);
        Ok(Self {
            method: method(&arguments)?,
            url: url(&arguments)?,
            headers,
            basic_auth: basic_auth(&arguments)?,
            bearer: text(&arguments, "bearer")?.map(str::to_owned),
            body: body(&arguments)?,
            json: arguments
                .get("json")
                .filter(|json| !json.is_null())
                .cloned(),
            body_format,
        })
    }
}

impl Network {
    /// Makes a request for a controller and answers JSON.
    pub(crate) async fn http(
        &self,
        arguments: HttpArguments,
        limits: RequestLimits,
    ) -> Result<Vec<u8>, HttpError> {
        let mut request = self
            .client
            .client_for(&arguments.url)?
            .request(arguments.method, arguments.url)
            .headers(arguments.headers);
        if let Some((username, password)) = arguments.basic_auth {
            request = request.basic_auth(username, password);
        }
        if let Some(token) = arguments.bearer {
            request = request.bearer_auth(token);
        }
        if let Some(body) = arguments.body {
            request = request.body(body);
        }
        if let Some(json) = arguments.json {
            request = request.json(&json);
        }
        let (response, body) = fetch(request, limits).await?;
        let answer = Answer {
            status: response.status,
            headers: response.headers,
            body: decode(body, arguments.body_format),
        };
        serde_json::to_vec(&answer).map_err(|error| HttpError::Request {
            reason: error.to_string(),
        })
    }
}

/// Status and headers of a response.
pub(super) struct Head {
    pub(super) status: u16,
    headers: BTreeMap<String, String>,
}

/// Sends a request and reads the whole response, within the limits.
pub(super) async fn fetch(
    request: RequestBuilder,
    limits: RequestLimits,
) -> Result<(Head, Vec<u8>), HttpError> {
    let exchange = async {
        let response = request.send().await.map_err(|error| failure(&error))?;
        let head = Head {
            status: response.status().as_u16(),
            headers: header_texts(&response),
        };
        let body = read_body(response, limits.response_bytes).await?;
        Ok((head, body))
    };
    tokio::time::timeout(limits.duration, exchange)
        .await
        .unwrap_or(Err(HttpError::Timeout {
            limit: limits.duration,
        }))
}

async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, HttpError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > limit) {
        return Err(HttpError::TooLarge { limit });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(HttpError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn header_texts(response: &Response) -> BTreeMap<String, String> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        value
            .to_str()
            .ok()
            .map(|value| (name.as_str().to_owned(), value.to_owned()))
    };
    response.headers().iter().filter_map(text).collect()
}

/// The innermost cause, since the outer ones repeat the URL.
pub(super) fn failure(error: &reqwest::Error) -> HttpError {
    let mut cause: &dyn Error = error;
    loop {
        if let Some(known) = cause.downcast_ref::<HttpError>() {
            return known.clone();
        }
        match cause.source() {
            Some(source) => cause = source,
            None => break,
        }
    }
    if std::ptr::addr_eq(cause, error) {
        return HttpError::Request {
            reason: "the request could not be built".to_owned(),
        };
    }
    HttpError::Request {
        reason: cause.to_string(),
    }
}

fn decode(body: Vec<u8>, format: BodyFormat) -> Body {
    match format {
        BodyFormat::Bytes => Body::Bytes(body),
        BodyFormat::Text => Body::Text(String::from_utf8_lossy(&body).into_owned()),
        BodyFormat::Json => serde_json::from_slice(&body).map_or_else(
            |_| Body::Text(String::from_utf8_lossy(&body).into_owned()),
            Body::Json,
        ),
    }
}

fn body_format(headers: &HeaderMap) -> BodyFormat {
    let accept = headers
        .get(ACCEPT)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    if accept.eq_ignore_ascii_case(b"application/json") {
        BodyFormat::Json
    } else if accept.eq_ignore_ascii_case(b"text/html") {
        BodyFormat::Text
    } else {
        BodyFormat::Bytes
    }
}

fn invalid(name: &'static str, reason: &str) -> HttpError {
    HttpError::Argument {
        name,
        reason: reason.to_owned(),
    }
}

fn text<'a>(arguments: &'a Value, name: &'static str) -> Result<Option<&'a str>, HttpError> {
    match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(name, "it must be a text")),
    }
}

fn method(arguments: &Value) -> Result<Method, HttpError> {
    let name = text(arguments, "method")?
        .unwrap_or("post")
        .to_ascii_lowercase();
    match name.as_str() {
        "delete" => Ok(Method::DELETE),
        "get" => Ok(Method::GET),
        "head" => Ok(Method::HEAD),
        "patch" => Ok(Method::PATCH),
        "post" => Ok(Method::POST),
        "put" => Ok(Method::PUT),
        _ => Err(invalid(
            "method",
            "it must be delete, get, head, patch, post or put",
        )),
    }
}

fn url(arguments: &Value) -> Result<Url, HttpError> {
    let text = text(arguments, "url")?.ok_or_else(|| invalid("url", "it is missing"))?;
    let mut url = Url::parse(text).map_err(|error| invalid("url", &error.to_string()))?;
    for (name, value) in texts(arguments, "query")? {
        url.query_pairs_mut().append_pair(name, value);
    }
    Ok(url)
}

fn headers(arguments: &Value) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::new();
    for (name, value) in texts(arguments, "headers")? {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|error| invalid("headers", &error.to_string()))?;
        let value =
            HeaderValue::from_str(value).map_err(|error| invalid("headers", &error.to_string()))?;
        if name == HOST {
            return Err(invalid("headers", "`host` comes from the URL"));
        }
        headers.append(name, value);
    }
    Ok(headers)
}

/// The pairs of an object whose values are texts.
fn texts<'a>(
    arguments: &'a Value,
    name: &'static str,
) -> Result<Vec<(&'a str, &'a str)>, HttpError> {
    match arguments.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(pairs)) => pairs
            .iter()
            .map(|(key, value)| Some((key.as_str(), value.as_str()?)))
            .collect::<Option<_>>()
            .ok_or_else(|| invalid(name, "every value must be a text")),
        Some(_) => Err(invalid(name, "it must be an object")),
    }
}

fn basic_auth(arguments: &Value) -> Result<Option<(String, Option<String>)>, HttpError> {
    let Some(credentials) = arguments.get("basic_auth").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let username = text(credentials, "username")?
        .ok_or_else(|| invalid("basic_auth", "`username` is missing"))?;
    let password = text(credentials, "password")?;
    Ok(Some((username.to_owned(), password.map(str::to_owned))))
}

fn body(arguments: &Value) -> Result<Option<Vec<u8>>, HttpError> {
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    match arguments.get("body") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone().into_bytes())),
        Some(Value::Array(bytes)) => bytes
            .iter()
            .map(byte)
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| invalid("body", "every element must be a byte")),
        Some(_) => Err(invalid("body", "it must be a text or an array of bytes")),
    }
}
