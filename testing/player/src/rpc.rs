//! JSON-RPC over a recording: single calls and batches, and the errors of a real node.

use axum::{
    Json,
    body::Bytes,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use valence_coprocessor_faulty_server::Faults;

use crate::Recording;

const PARSE_ERROR: i64 = -32_700;
const INVALID_REQUEST: i64 = -32_600;
const METHOD_NOT_FOUND: i64 = -32_601;
/// What nodes answer where they do not have a block's state any more.
const SERVER_ERROR: i64 = -32_000;

/// The answer to a body. A batch meets the faults of its first call.
pub(crate) async fn answer(recording: &Recording, faults: &Faults, body: &Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return Json(error(&Value::Null, PARSE_ERROR, "parse error")).into_response();
    };
    let (first, answer) = match &request {
        Value::Array(batch) => (
            batch.first().unwrap_or(&Value::Null),
            Value::Array(batch.iter().map(|one| call(recording, one)).collect()),
        ),
        one => (one, call(recording, one)),
    };
    let name = format!("rpc/{}", first["method"].as_str().unwrap_or_default());
    faults
        .serve(&name, async { Json(answer).into_response() })
        .await
}

fn call(recording: &Recording, request: &Value) -> Value {
    let id = &request["id"];
    let Some(method) = request["method"].as_str() else {
        return error(id, INVALID_REQUEST, "invalid request");
    };
    let parameters = request.get("params").cloned().unwrap_or_else(|| json!([]));
    match recording.find_call(method, &parameters) {
        Some(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        None if !recording.knows_method(method) => error(
            id,
            METHOD_NOT_FOUND,
            &format!("the method {method} does not exist/is not available"),
        ),
        // A block that a node does not have is no error.
        None if method.starts_with("eth_getBlockBy") => {
            json!({"jsonrpc": "2.0", "id": id, "result": null})
        }
        None => error(id, SERVER_ERROR, "missing trie node"),
    }
}

fn error(id: &Value, code: i64, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}
