//! A running player.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::json;
use valence_coprocessor_faulty_server::{Faults, FaultyServer};

use crate::{PlayerError, Recording, rpc};

/// Both nodes of a recording, at one address; they end when this is dropped.
#[derive(Debug)]
pub struct Player {
    server: FaultyServer,
}

#[derive(Debug)]
struct Played {
    recording: Recording,
    faults: Faults,
}

impl Player {
    /// Serves a recording; port 0 takes a free one.
    pub async fn start(bind: SocketAddr, recording: Recording) -> Result<Self, PlayerError> {
        let faults = Faults::default();
        let played = Arc::new(Played {
            recording,
            faults: faults.clone(),
        });
        let beacon = Router::new().route("/eth/{*rest}", get(recorded));
        // Faults of JSON-RPC go by method, which only the route knows.
        let execution = Router::new().route("/rpc", post(execution));
        let server = FaultyServer::start(
            bind,
            beacon.with_state(played.clone()),
            execution.with_state(played),
            faults,
        )
        .await
        .map_err(|source| PlayerError::Listen { source })?;
        Ok(Self { server })
    }

    /// URL of the beacon API, without a slash at the end.
    pub fn beacon_url(&self) -> String {
        self.server.url()
    }

    /// URL of the execution node.
    pub fn execution_url(&self) -> String {
        self.server.url() + "/rpc"
    }

    /// Its faults: by path and query of the beacon API, and by `rpc/` and the method of JSON-RPC.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Ends it.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

async fn execution(State(played): State<Arc<Played>>, body: Bytes) -> Response {
    rpc::answer(&played.recording, &played.faults, &body).await
}

async fn recorded(State(played): State<Arc<Played>>, uri: Uri) -> Response {
    let name = uri.path_and_query().map_or("/", |whole| whole.as_str());
    if let Some(answer) = played.recording.find_route(name) {
        return Json(answer).into_response();
    }
    let body = json!({"code": 404, "message": format!("{name} was not recorded")});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}
