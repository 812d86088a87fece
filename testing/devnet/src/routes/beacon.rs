//! Routes of the beacon API about blocks, and the list of all.

use std::sync::Arc;

use alloy_primitives::B256;
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};
use serde_json::{Value, json};

use super::{light_client, node};
use crate::{
    Block, Chain, GENESIS_FORK_VERSION, Rules,
    answers::Refusal,
    devnet::Shared,
    signing::{DOMAIN_BEACON_PROPOSER, compute_domain, compute_signing_root},
};

/// Every route of the beacon API that is served.
pub(crate) fn beacon(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/eth/v1/beacon/genesis", get(genesis))
        .route("/eth/v1/beacon/headers/{id}", get(header))
        .route("/eth/v1/beacon/blocks/{id}/root", get(root))
        .merge(light_client::routes())
        .merge(node::routes())
        .fallback(async || Refusal::not_found("there is no such route"))
        .with_state(shared)
}

async fn genesis(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({"data": {
        "genesis_time": shared.rules.genesis_time().to_string(),
        "genesis_validators_root": shared.rules.genesis_validators_root(),
        "genesis_fork_version": alloy_primitives::hex::encode_prefixed(GENESIS_FORK_VERSION),
    }}))
}

async fn header(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let mut world = shared.world();
    let chain = world.chain();
    let block = find(chain, &id)?;
    Ok(Json(json!({
        "execution_optimistic": false,
        "finalized": is_final(chain, block),
        "data": {
            "root": block.root(),
            "canonical": true,
            "header": {
                "message": block.header(),
                "signature": proposer_signature(&shared.rules, block),
            },
        },
    })))
}

async fn root(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let mut world = shared.world();
    let chain = world.chain();
    let block = find(chain, &id)?;
    Ok(Json(json!({
        "execution_optimistic": false,
        "finalized": is_final(chain, block),
        "data": {"root": block.root()},
    })))
}

/// A block by its id: `head`, `genesis`, `finalized`, a slot, or a root.
fn find<'chain>(chain: &'chain Chain, id: &str) -> Result<&'chain Arc<Block>, Refusal> {
    let found = match id {
        "head" => Some(chain.head()),
        "genesis" => chain.block_at(0),
        "finalized" => Some(chain.finalized()),
        root if root.starts_with("0x") => {
            let root: Result<B256, _> = root.parse();
            let root = root.map_err(|_| Refusal::invalid(format!("`{id}` is no block root")))?;
            chain.block(root)
        }
        slot => {
            let slot: Result<u64, _> = slot.parse();
            let slot = slot.map_err(|_| Refusal::invalid(format!("`{id}` is no block id")))?;
            chain.block_at(slot)
        }
    };
    found.ok_or_else(|| Refusal::not_found(format!("there is no block {id}")))
}

fn is_final(chain: &Chain, block: &Block) -> bool {
    block.slot() <= chain.finalized().slot()
}

fn proposer_signature(rules: &Rules, block: &Block) -> Value {
    let domain = compute_domain(
        DOMAIN_BEACON_PROPOSER,
        block.fork().version(),
        rules.genesis_validators_root(),
    );
    let signing_root = compute_signing_root(block.root(), domain);
    let proposer = usize::try_from(block.header().proposer_index).unwrap_or_default();
    json!(rules.validators().sign_alone(proposer, signing_root))
}
