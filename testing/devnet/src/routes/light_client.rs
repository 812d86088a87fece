//! The light-client routes of the beacon API.

use std::sync::Arc;

use alloy_primitives::B256;
use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use serde::Deserialize;

use crate::{
    answers::{self, Refusal},
    devnet::Shared,
    light_client,
};

/// `MAX_REQUEST_LIGHT_CLIENT_UPDATES`.
pub(super) const MAX_UPDATES: u64 = 128;

#[derive(Deserialize)]
struct Range {
    start_period: u64,
    count: u64,
}

pub(super) fn routes() -> Router<Arc<Shared>> {
    const PREFIX: &str = "/eth/v1/beacon/light_client";
    Router::new()
        .route(
            &format!("{PREFIX}/bootstrap/{{block_root}}"),
            get(bootstrap),
        )
        .route(&format!("{PREFIX}/updates"), get(updates))
        .route(&format!("{PREFIX}/finality_update"), get(finality_update))
        .route(
            &format!("{PREFIX}/optimistic_update"),
            get(optimistic_update),
        )
}

async fn bootstrap(
    State(shared): State<Arc<Shared>>,
    Path(block_root): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let root: B256 = block_root
        .parse()
        .map_err(|_| Refusal::invalid(format!("`{block_root}` is no block root")))?;
    let block = shared.world().chain().block(root).cloned();
    let block = block.ok_or_else(|| Refusal::not_found(format!("there is no block {root}")))?;
    let rules = &shared.rules;
    let period = rules.preset().period(block.slot());
    let committee = rules.validators().committee(period)?;
    let answer = light_client::bootstrap(rules, &block, &committee)?;
    Ok(answers::object(&headers, answer))
}

async fn updates(
    State(shared): State<Arc<Shared>>,
    range: Result<Query<Range>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Query(range) = range.map_err(|refused| Refusal::invalid(refused.body_text()))?;
    if range.count == 0 {
        return Err(Refusal::invalid("count must not be 0"));
    }
    let mut world = shared.world();
    if world.withholds(range.start_period) {
        return Err(Refusal::not_found("there is no such update"));
    }
    let count = range.count.min(MAX_UPDATES);
    let periods = range.start_period..range.start_period.saturating_add(count);
    // As far as there are updates without a gap.
    let found: Vec<_> = {
        let chain = world.chain();
        periods
            .map_while(|period| Some((period, chain.best_update(period)?.clone())))
            .collect()
    };
    let mut list = Vec::new();
    for (period, update) in found {
        if world.withholds(period) {
            break;
        }
        list.push(light_client::update(&shared.rules, &world.forged(update)?)?);
    }
    Ok(answers::updates(&headers, list))
}

async fn finality_update(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let mut world = shared.world();
    let update = world.chain().newest_final_update().cloned();
    let update = update.ok_or_else(|| Refusal::not_found("nothing is final yet"))?;
    let update = world.forged(update)?;
    let answer = light_client::finality_update(&shared.rules, &update)?;
    Ok(answers::object(&headers, answer))
}

async fn optimistic_update(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let mut world = shared.world();
    let update = world.chain().newest_update().cloned();
    let update = update.ok_or_else(|| Refusal::not_found("nothing is signed yet"))?;
    let update = world.forged(update)?;
    let answer = light_client::optimistic_update(&shared.rules, &update)?;
    Ok(answers::object(&headers, answer))
}
