//! A beacon node with the recorded answers of six periods of mainnet in Capella.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;
use valence_coprocessor_faulty_server::{Faults, FaultyServer};
use valence_coprocessor_recorded_data::folder;

const RECORDED: &str = "01-beacon-mainnet/capella-862-867-json";

/// The period of the first recorded update.
const FIRST_PERIOD: u64 = 862;

/// The block that the recorded bootstrap is of.
pub(crate) const CHECKPOINT_SLOT: u64 = 7_069_376;
/// The newest finalized slot of the recording, and the slot of its signature.
pub(crate) const NEWEST: u64 = 7_109_344;
pub(crate) const SIGNATURE_SLOT: u64 = 7_109_431;

/// What a node answers.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) bootstrap: Value,
    pub(crate) updates: Vec<Value>,
    pub(crate) finality: Value,
}

impl Recording {
    /// The recorded data, or nothing, which is said and fails on CI.
    pub(crate) fn read() -> Option<Self> {
        let folder = folder()?.join(RECORDED);
        let file = |name: &str| -> Value {
            let text = std::fs::read_to_string(folder.join(name)).expect("the file is readable");
            serde_json::from_str(&text).expect("the file is JSON")
        };
        Some(Self {
            bootstrap: file("bootstrap.json"),
            updates: file("updates.json").as_array().expect("a list").clone(),
            finality: file("finality.json"),
        })
    }

    /// The same as it was until the update of a period was the newest.
    pub(crate) fn until(mut self, period: u64) -> Self {
        let place = usize::try_from(period - FIRST_PERIOD).expect("small");
        let mut finality = self.updates[place].clone();
        let data = finality["data"].as_object_mut().expect("an object");
        data.remove("next_sync_committee");
        data.remove("next_sync_committee_branch");
        self.finality = finality;
        self.updates.truncate(place + 1);
        self
    }

    /// Serves the recording.
    pub(crate) async fn serve(self) -> FaultyServer {
        let routes = Router::new()
            .route(
                "/eth/v1/beacon/light_client/bootstrap/{root}",
                get(bootstrap),
            )
            .route("/eth/v1/beacon/light_client/updates", get(updates))
            .route("/eth/v1/beacon/light_client/finality_update", get(finality))
            .with_state(Arc::new(self));
        let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        FaultyServer::start(bind, routes, Router::new(), Faults::default())
            .await
            .expect("a free port")
    }
}

async fn bootstrap(
    State(recording): State<Arc<Recording>>,
    Path(root): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    if root == format!("0x{}", crate::world::checkpoint()) {
        Ok(Json(recording.bootstrap.clone()))
    } else {
        Err(StatusCode::NOT_FOUND)
    }
}

#[derive(Deserialize)]
struct Range {
    start_period: u64,
    count: usize,
}

async fn updates(
    State(recording): State<Arc<Recording>>,
    Query(range): Query<Range>,
) -> Json<Vec<Value>> {
    let first = range.start_period.checked_sub(FIRST_PERIOD);
    let skipped = first.map_or(usize::MAX, |first| usize::try_from(first).expect("small"));
    let updates = recording.updates.iter().skip(skipped).take(range.count);
    Json(updates.cloned().collect())
}

async fn finality(State(recording): State<Arc<Recording>>) -> Json<Value> {
    Json(recording.finality.clone())
}
