//! Routes that move the chain and switch faults, for who runs the devnet as a program. Faults never
//! reach them.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::post,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Block, Fault, Participation, answers::Refusal, devnet::Shared};

#[derive(Deserialize)]
struct Slots {
    slots: u64,
}

pub(crate) fn admin(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/admin/advance", post(advance))
        .route("/admin/miss", post(miss))
        .route("/admin/finalize", post(finalize))
        .route("/admin/participation", post(participation))
        .route("/admin/faults", post(switch_on).delete(clear_faults))
        .with_state(shared)
}

async fn advance(
    State(shared): State<Arc<Shared>>,
    Query(Slots { slots }): Query<Slots>,
) -> Result<Json<Value>, Refusal> {
    Ok(described(&*shared.advance(slots).await?))
}

async fn miss(
    State(shared): State<Arc<Shared>>,
    Query(Slots { slots }): Query<Slots>,
) -> StatusCode {
    shared.miss(slots).await;
    StatusCode::NO_CONTENT
}

async fn finalize(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Refusal> {
    Ok(described(&*shared.finalize().await?))
}

async fn participation(
    State(shared): State<Arc<Shared>>,
    Json(participation): Json<Participation>,
) -> StatusCode {
    shared.world().participation = participation;
    StatusCode::NO_CONTENT
}

async fn switch_on(
    State(shared): State<Arc<Shared>>,
    Json(fault): Json<Fault>,
) -> Result<StatusCode, Refusal> {
    shared.switch_on(fault)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.clear_faults();
    StatusCode::NO_CONTENT
}

fn described(block: &Block) -> Json<Value> {
    Json(json!({"data": {
        "slot": block.slot().to_string(),
        "root": block.root(),
        "fork": block.fork().name(),
        "block_number": block.payload().block_number.to_string(),
        "block_hash": block.payload().block_hash,
        "state_root": block.payload().state_root,
    }}))
}
