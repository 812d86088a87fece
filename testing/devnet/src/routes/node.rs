//! Routes of the beacon API about the node and its configuration.

use std::sync::Arc;

use alloy_primitives::hex;
use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Map, Value, json};

use super::light_client::MAX_UPDATES;
use crate::{
    FAR_FUTURE_EPOCH, Fork, GENESIS_FORK_VERSION, MAX_BLOBS_PER_BLOCK_ELECTRA, devnet::Shared,
    signing::DOMAIN_SYNC_COMMITTEE,
};

/// Forks that are over at genesis, whatever the schedule.
const ALTAIR_FORK_VERSION: [u8; 4] = [1, 0, 0, 1];
const BELLATRIX_FORK_VERSION: [u8; 4] = [2, 0, 0, 1];

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/eth/v1/config/spec", get(spec))
        .route("/eth/v1/config/fork_schedule", get(fork_schedule))
        .route("/eth/v1/node/syncing", get(syncing))
        .route("/eth/v1/node/health", get(async || StatusCode::OK))
        .route("/eth/v1/node/version", get(version))
}

async fn spec(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut spec = numbers(&shared);
    for (name, text) in [
        ("PRESET_BASE", shared.rules.preset().name().to_owned()),
        ("CONFIG_NAME", "devnet".to_owned()),
        (
            "DOMAIN_SYNC_COMMITTEE",
            hex::encode_prefixed(DOMAIN_SYNC_COMMITTEE),
        ),
        (
            "GENESIS_FORK_VERSION",
            hex::encode_prefixed(GENESIS_FORK_VERSION),
        ),
    ] {
        spec.insert(name.to_owned(), json!(text));
    }
    let later = Fork::ALL.map(|fork| {
        let epoch = shared.rules.forks().epoch(fork);
        (fork.name(), fork.version(), epoch)
    });
    let earlier = [
        ("altair", ALTAIR_FORK_VERSION, 0),
        ("bellatrix", BELLATRIX_FORK_VERSION, 0),
    ];
    for (name, version, epoch) in earlier.into_iter().chain(later) {
        let name = name.to_uppercase();
        let version = hex::encode_prefixed(version);
        spec.insert(format!("{name}_FORK_VERSION"), json!(version));
        spec.insert(format!("{name}_FORK_EPOCH"), json!(epoch.to_string()));
    }
    spec.insert("BLOB_SCHEDULE".to_owned(), json!([]));
    Json(json!({"data": spec}))
}

fn numbers(shared: &Shared) -> Map<String, Value> {
    let rules = &shared.rules;
    let preset = rules.preset();
    [
        ("SECONDS_PER_SLOT", rules.seconds_per_slot()),
        ("SLOTS_PER_EPOCH", preset.slots_per_epoch()),
        (
            "EPOCHS_PER_SYNC_COMMITTEE_PERIOD",
            preset.epochs_per_period(),
        ),
        ("SYNC_COMMITTEE_SIZE", preset.committee_size() as u64),
        ("MIN_SYNC_COMMITTEE_PARTICIPANTS", 1),
        ("UPDATE_TIMEOUT", preset.slots_per_period()),
        ("MAX_REQUEST_LIGHT_CLIENT_UPDATES", MAX_UPDATES),
        ("MIN_GENESIS_TIME", rules.genesis_time()),
        ("GENESIS_DELAY", 0),
        ("MAX_BLOBS_PER_BLOCK_ELECTRA", MAX_BLOBS_PER_BLOCK_ELECTRA),
        ("DEPOSIT_CHAIN_ID", shared.chain_id),
        ("DEPOSIT_NETWORK_ID", shared.chain_id),
    ]
    .into_iter()
    .map(|(name, number)| (name.to_owned(), json!(number.to_string())))
    .collect()
}

async fn fork_schedule(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let forks = shared.rules.forks();
    let mut versions = vec![(ALTAIR_FORK_VERSION, 0), (BELLATRIX_FORK_VERSION, 0)];
    let scheduled = Fork::ALL.map(|fork| (fork.version(), forks.epoch(fork)));
    versions.extend(
        scheduled
            .into_iter()
            .filter(|(_, epoch)| *epoch != FAR_FUTURE_EPOCH),
    );
    let mut previous = GENESIS_FORK_VERSION;
    let mut list = vec![json!({
        "previous_version": hex::encode_prefixed(GENESIS_FORK_VERSION),
        "current_version": hex::encode_prefixed(GENESIS_FORK_VERSION),
        "epoch": "0",
    })];
    for (version, epoch) in versions {
        list.push(json!({
            "previous_version": hex::encode_prefixed(previous),
            "current_version": hex::encode_prefixed(version),
            "epoch": epoch.to_string(),
        }));
        previous = version;
    }
    Json(json!({"data": list}))
}

async fn syncing(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut world = shared.world();
    let slot = world.slot;
    let head = world.chain().head().slot();
    Json(json!({"data": {
        "head_slot": head.to_string(),
        "sync_distance": slot.saturating_sub(head).to_string(),
        "is_syncing": false,
        "is_optimistic": false,
        "el_offline": false,
    }}))
}

async fn version() -> Json<Value> {
    let version = concat!("valence-coprocessor-devnet/", env!("CARGO_PKG_VERSION"));
    Json(json!({"data": {"version": version}}))
}
