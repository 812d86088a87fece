//! Delivery: the outcome of a job, handed to the controller of its circuit.
//!
//! A delivery happens at least once, and every repetition bears the same id, the job's. It can be told from whatever a
//! user sends to the entry point by the field `delivery`, which users may not send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use msgpacker::{MsgPacker, Packable as _};
use serde_json::{Map, Value, json};

use super::job::{Job, JobResult};
use crate::arguments::DELIVERY_FIELD;

/// A proof as published clients unpack it.
#[derive(Debug, MsgPacker)]
struct DeliveredProof {
    /// The proof in base64.
    proof: String,
    /// The public values in base64.
    inputs: String,
}

/// What the entry point reads.
pub(crate) fn delivery_arguments(job: &Job, proof: Option<&[u8]>, payload: &Value) -> Value {
    let mut arguments = Map::new();
    arguments.insert("success".to_owned(), Value::Bool(job.failure.is_none()));
    if let (Some(result), Some(proof)) = (&job.result, proof) {
        arguments.insert("proof".to_owned(), Value::String(pack_proof(result, proof)));
    }
    arguments.insert("log".to_owned(), json!(job.log));
    arguments.insert("payload".to_owned(), payload.clone());
    arguments.insert(DELIVERY_FIELD.to_owned(), marker(job));
    Value::Object(arguments)
}

fn marker(job: &Job) -> Value {
    json!({
        "id": job.id.to_string(),
        "circuit": job.circuit.to_string(),
        "root": job.root.to_string(),
        "trust": job.trust,
        "kind": job.kind,
        "verifying_key": job.result.as_ref().map(|result| result.verifying_key.to_string()),
        "failure": job.failure,
    })
}

fn pack_proof(result: &JobResult, proof: &[u8]) -> String {
    let delivered = DeliveredProof {
        proof: STANDARD.encode(proof),
        inputs: STANDARD.encode(&result.public_values),
    };
    STANDARD.encode(delivered.pack_to_vec())
}
