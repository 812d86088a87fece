//! `HttpCallbacks`: posts signed JSON, as Standard Webhooks describes it.

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use valence_coprocessor::{Callback, CallbackAnswer, CallbackKey, Callbacks, EngineError};
use valence_coprocessor_api::headers::{CALLBACK_ID, CALLBACK_SIGNATURE, CALLBACK_TIMESTAMP};
use valence_coprocessor_wasm::{GuardedClient, NetworkRules, SandboxError};

use crate::body::body_of;

/// How long a receiver may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Posts to where the operator's rules let controllers go.
#[derive(Clone, Debug)]
pub struct HttpCallbacks {
    client: GuardedClient,
    limit: Duration,
}

impl HttpCallbacks {
    /// Callbacks under these rules.
    pub fn new(rules: NetworkRules) -> Result<Self, SandboxError> {
        Ok(Self {
            client: GuardedClient::new(rules)?,
            limit: LIMIT,
        })
    }

    /// The same with another time for a receiver to answer.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }
}

#[async_trait]
impl Callbacks for HttpCallbacks {
    fn check(&self, url: &str) -> Result<(), EngineError> {
        self.client
            .check(url)
            .map_err(|error| EngineError::InvalidCallback {
                reason: error.to_string(),
            })
    }

    async fn send(&self, callback: Callback<'_>) -> CallbackAnswer {
        let body = match serde_json::to_vec(&body_of(&callback)) {
            Ok(body) => body,
            Err(error) => return failed(format!("the outcome cannot be written: {error}")),
        };
        let headers = headers(&callback, &body);
        let posted = self.client.post(callback.url, &headers, body, self.limit);
        match posted.await {
            Ok(200..=299) => CallbackAnswer::Taken,
            Ok(410) => CallbackAnswer::Gone,
            Ok(status @ 300..=399) => {
                failed(format!("answered {status}; redirects are not followed"))
            }
            Ok(status) => failed(format!("answered {status}")),
            Err(error) => failed(error.to_string()),
        }
    }
}

const fn failed(reason: String) -> CallbackAnswer {
    CallbackAnswer::Failed { reason }
}

fn headers(callback: &Callback<'_>, body: &[u8]) -> [(&'static str, String); 4] {
    let (id, time) = (
        callback.job.id.to_string(),
        callback.at.as_secs().to_string(),
    );
    let signature = signature(callback.key, &id, &time, body);
    [
        ("content-type", "application/json".to_owned()),
        (CALLBACK_ID, id),
        (CALLBACK_TIMESTAMP, time),
        (CALLBACK_SIGNATURE, signature),
    ]
}

/// `v1a` signs id, time and body with Ed25519.
fn signature(key: &CallbackKey, id: &str, time: &str, body: &[u8]) -> String {
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", body].concat();
    format!("v1a,{}", STANDARD.encode(key.sign(&signed)))
}
