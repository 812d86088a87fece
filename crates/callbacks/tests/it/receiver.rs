//! A receiver on loopback that does as it is told, and keeps what it was sent.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, ensure};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::any,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;
use tokio::net::TcpListener;

/// What the receiver does with one call.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    Status(u16),
    Redirect(String),
    Hang,
}

/// One call, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Clone, Debug, Default)]
struct Shared {
    behaviours: Arc<Mutex<VecDeque<Behaviour>>>,
    posted: Arc<Mutex<Vec<Posted>>>,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    shared: Shared,
}

impl Receiver {
    /// Behaves like this, call after call, and then takes everything.
    pub(crate) async fn start(
        behaviours: impl IntoIterator<Item = Behaviour>,
    ) -> anyhow::Result<Self> {
        let shared = Shared {
            behaviours: Arc::new(Mutex::new(behaviours.into_iter().collect())),
            ..Shared::default()
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .fallback(any(receive))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, shared })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?token=secret", self.address)
    }

    pub(crate) fn posted(&self) -> Vec<Posted> {
        self.shared
            .posted
            .lock()
            .expect("no test panics with it")
            .clone()
    }
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let behaviour = shared
        .behaviours
        .lock()
        .expect("no test panics with it")
        .pop_front();
    let call = Posted { headers, body };
    shared
        .posted
        .lock()
        .expect("no test panics with it")
        .push(call);
    match behaviour.unwrap_or(Behaviour::Status(204)) {
        Behaviour::Status(status) => StatusCode::from_u16(status)
            .expect("the test names a status")
            .into_response(),
        Behaviour::Redirect(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
        Behaviour::Hang => std::future::pending().await,
    }
}

impl Posted {
    pub(crate) fn header(&self, name: &str) -> anyhow::Result<&str> {
        let value = self
            .headers
            .get(name)
            .with_context(|| format!("no {name}"))?;
        Ok(value.to_str()?)
    }

    /// Checks the call as Standard Webhooks tells receivers to, under the key that the service publishes.
    pub(crate) fn verify(&self, published: &str) -> anyhow::Result<Value> {
        let key = published
            .strip_prefix("whpk_")
            .context("another form of key")?;
        let key: [u8; 32] = STANDARD.decode(key)?.as_slice().try_into()?;
        let signature = self
            .header("webhook-signature")?
            .strip_prefix("v1a,")
            .context("another scheme")?;
        let signature = Signature::from_slice(&STANDARD.decode(signature)?)?;
        let (id, time) = (
            self.header("webhook-id")?,
            self.header("webhook-timestamp")?,
        );
        let body = std::str::from_utf8(&self.body)?;
        let key = VerifyingKey::from_bytes(&key)?;
        key.verify_strict(format!("{id}.{time}.{body}").as_bytes(), &signature)?;
        // Nothing else verifies.
        let later = format!("{id}.{time}0.{body}");
        ensure!(key.verify_strict(later.as_bytes(), &signature).is_err());
        ensure!(self.header("content-type")? == "application/json");
        Ok(serde_json::from_str(body)?)
    }
}
