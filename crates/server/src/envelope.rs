//! What surrounds every request: an id, a span, a metric, the error object, and a wall against panics.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt as _;
use tracing::{Instrument as _, debug, error, warn};
use valence_coprocessor_api::{ErrorCode, headers};
use valence_coprocessor_telemetry::{HEADER, TraceContext, context_of, follow, within};

use crate::{refusal::Refusal, state::ServerState};

/// Handles one request.
pub(crate) async fn wrap(
    State(state): State<ServerState>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id(&request);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let trace = trace_context(&request);
    let span = tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        trace = %trace.trace_id(),
        method = %request.method(),
        path = request.uri().path(),
    );
    follow(&span, &trace);
    let answer = async {
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let answer = answer.unwrap_or_else(|panic| {
            use axum::response::IntoResponse as _;
            Refusal::internal(panic_text(panic.as_ref())).into_response()
        });
        seal(answer, &id, started)
    };
    let trace = context_of(&span, trace);
    let mut response = within(trace, answer.instrument(span)).await;
    let answer_headers = response.headers_mut();
    answer_headers.insert(headers::REQUEST_ID, id);
    answer_headers.insert(headers::MODE, state.mode.clone());
    state.metrics.record(
        route.as_ref().map(MatchedPath::as_str),
        response.status().as_u16(),
        started.elapsed(),
    );
    response
}

/// Writes the error object if the answer is a refusal, ours or the router's, and logs what deserves it.
fn seal(mut response: Response, id: &HeaderValue, started: Instant) -> Response {
    let status = response.status();
    if status.as_u16() < 400 {
        return response;
    }
    let refusal = response
        .extensions_mut()
        .remove::<Refusal>()
        .or_else(|| of_router(status));
    let Some(refusal) = refusal else {
        return response;
    };
    let millis = started.elapsed().as_millis();
    if let Some(cause) = &refusal.cause {
        error!(code = %refusal.code, %cause, millis, "request failed");
    } else if status.is_server_error() {
        warn!(code = %refusal.code, message = %refusal.message, millis, "request refused");
    } else {
        debug!(code = %refusal.code, message = %refusal.message, millis, "request refused");
    }
    let mut sealed = refusal.respond(id.to_str().unwrap_or_default().to_owned());
    // `Allow` of a wrong method comes from the router.
    if let Some(allow) = response.headers_mut().remove(axum::http::header::ALLOW) {
        sealed
            .headers_mut()
            .insert(axum::http::header::ALLOW, allow);
    }
    sealed
}

fn of_router(status: StatusCode) -> Option<Refusal> {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => Some(Refusal::new(
            ErrorCode::MethodNotAllowed,
            "this route has no such method; the header `allow` names those that it has",
        )),
        StatusCode::BAD_REQUEST => Some(Refusal::new(
            ErrorCode::InvalidParameter,
            "the path of the request cannot be read",
        )),
        _ => None,
    }
}

/// Takes over a sensible id of the client, so that a proxy's log and ours agree.
fn request_id(request: &Request) -> HeaderValue {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static START: std::sync::LazyLock<u64> =
        std::sync::LazyLock::new(|| uuid::Uuid::new_v4().as_u64_pair().1);

    if let Some(given) = request.headers().get(headers::REQUEST_ID) {
        let sensible = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
        if (1..=64).contains(&given.len()) && given.as_bytes().iter().all(sensible) {
            return given.clone();
        }
    }
    let number = START.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::try_from(format!("{number:016x}")).expect("hexadecimal digits are a header value")
}

/// The trace that the client goes on with, or a new one.
fn trace_context(request: &Request) -> TraceContext {
    let given = request.headers().get(HEADER);
    given
        .and_then(|header| header.to_str().ok()?.parse().ok())
        .unwrap_or_else(TraceContext::random)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_else(|| "no text".to_owned()))
}
