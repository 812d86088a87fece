//! Answers of the beacon API: JSON or SSZ, and the error object.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{DevnetError, Fork, light_client::Answer};

const OCTETS: &str = "application/octet-stream";
const VERSION: &str = "eth-consensus-version";

/// An answer that is none.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            message: message.into(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }
}

impl From<DevnetError> for Refusal {
    fn from(error: DevnetError) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: error.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"code": self.status.as_u16(), "message": self.message});
        (self.status, Json(body)).into_response()
    }
}

/// One versioned object.
pub(crate) fn object(request: &HeaderMap, answer: Answer) -> Response {
    let version = (VERSION, HeaderValue::from_static(answer.version.name()));
    if wants_octets(request) {
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
        return ([version], [kind], answer.ssz).into_response();
    }
    ([version], Json(versioned(answer.version, &answer.data))).into_response()
}

/// A list of updates. In SSZ each has its length before it (8 bytes, little-endian, of what follows), then
/// its fork digest.
pub(crate) fn updates(request: &HeaderMap, answers: Vec<Answer>) -> Response {
    if wants_octets(request) {
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
        let mut body = Vec::new();
        for answer in answers {
            let length = answer.fork_digest.len() + answer.ssz.len();
            body.extend((length as u64).to_le_bytes());
            body.extend(answer.fork_digest);
            body.extend(answer.ssz);
        }
        return ([kind], body).into_response();
    }
    let list: Vec<Value> = answers
        .into_iter()
        .map(|answer| versioned(answer.version, &answer.data))
        .collect();
    Json(list).into_response()
}

fn versioned(version: Fork, data: &Value) -> Value {
    json!({"version": version.name(), "data": data})
}

/// Whether SSZ is what the request likes best; JSON wins where both are liked alike.
fn wants_octets(request: &HeaderMap) -> bool {
    let accepted = request
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let (mut octets, mut json) = (0.0, 0.0);
    for range in accepted {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight: f32 = weight.map_or(1.0, |weight| weight.parse().unwrap_or_default());
        match kind {
            OCTETS => octets = weight,
            "application/json" | "application/*" | "*/*" => json = weight.max(json),
            _ => {}
        }
    }
    octets > json
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::wants_octets;

    #[test]
    fn the_better_liked_form_is_given() {
        for (accept, expected) in [
            ("application/octet-stream", true),
            (
                "application/octet-stream;q=1.0,application/json;q=0.9",
                true,
            ),
            (
                "application/json;q=1.0, application/octet-stream;q=0.9",
                false,
            ),
            ("application/json", false),
            ("*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(wants_octets(&headers), expected, "{accept}");
        }
        assert!(!wants_octets(&HeaderMap::new()));
    }
}
