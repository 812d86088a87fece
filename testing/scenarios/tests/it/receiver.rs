//! Whoever is told how jobs ended: counts what arrives at a `callback_url`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use axum::{Json, Router, http::HeaderMap, routing::post};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// Bodies by the delivery id under which they came.
type Deliveries = BTreeMap<String, Vec<Value>>;

/// An HTTP server that takes every delivery.
pub(crate) struct Receiver {
    url: String,
    deliveries: Arc<Mutex<Deliveries>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let deliveries = Arc::<Mutex<Deliveries>>::default();
        let kept = Arc::clone(&deliveries);
        let take = async move |headers: HeaderMap, Json(body): Json<Value>| {
            let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.entry(id.unwrap_or("none").to_owned())
                .or_default()
                .push(body);
        };
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("binding the receiver")?;
        let url = format!("http://{}/ended", listener.local_addr()?);
        let router = Router::new().route("/ended", post(take));
        let serving = tokio::spawn(async move {
            // It ends with the test.
            drop(axum::serve(listener, router).await);
        });
        Ok(Self {
            url,
            deliveries,
            serving,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Everything that came so far.
    pub(crate) fn deliveries(&self) -> Deliveries {
        self.deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
