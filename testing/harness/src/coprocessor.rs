//! Requests to a service, as any HTTP client makes them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::Guest;

/// Deploying computes a verifying key, which takes a while on a busy machine.
const ANSWER: Duration = Duration::from_mins(5);

/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A service, seen from outside.
#[derive(Debug, Clone)]
pub struct Coprocessor {
    url: String,
    client: Client,
}

/// Status and body of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; a JSON string if the body is no JSON.
    pub body: Value,
}

impl Answer {
    /// The body, if the status is this one.
    pub fn expect_status(self, status: u16) -> anyhow::Result<Value> {
        if self.status != status {
            bail!(
                "answered {} instead of {status}: {}",
                self.status,
                self.body
            );
        }
        Ok(self.body)
    }

    /// The code of an error object.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Coprocessor {
    /// A service at this URL.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let client = Client::builder()
            .timeout(ANSWER)
            .build()
            .context("making an HTTP client")?;
        Ok(Self {
            url: url.to_owned(),
            client,
        })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks for a path.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.request(Method::GET, path, &[], None).await
    }

    /// Posts JSON to a path.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let body = serde_json::to_vec(body).context("encoding a body")?;
        self.request(Method::POST, path, &[], Some(body)).await
    }

    /// Any request: method, path, headers, body.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("asking for {path}"))?;
        let status = response.status().as_u16();
        let bytes = response
            .bytes()
            .await
            .with_context(|| format!("reading the answer of {path}"))?;
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Answer { status, body })
    }

    /// Deploys a circuit and its controller; answers the circuit's id.
    pub async fn deploy(&self, guest: &Guest, nonce: u64) -> anyhow::Result<String> {
        let body = json!({
            "controller": STANDARD.encode(&guest.controller),
            "circuit": STANDARD.encode(&guest.circuit),
            "nonce": nonce,
        });
        let answer = self.post("/api/registry/controller", &body).await?;
        text(&answer.expect_status(200)?["controller"])
    }

    /// Deploys a domain; answers its id.
    pub async fn deploy_domain(&self, name: &str, guest: &Guest) -> anyhow::Result<String> {
        let body = json!({
            "name": name,
            "controller": STANDARD.encode(&guest.controller),
            "circuit": STANDARD.encode(&guest.circuit),
        });
        let answer = self.post("/api/registry/domain", &body).await?;
        text(&answer.expect_status(200)?["domain"])
    }

    /// Appends a block to a domain; answers what was appended.
    pub async fn add_block(&self, domain: &str, arguments: &Value) -> anyhow::Result<Answer> {
        self.post(&format!("/api/registry/domain/{domain}"), arguments)
            .await
    }

    /// The newest root.
    pub async fn root(&self) -> anyhow::Result<String> {
        text(&self.get("/api/historical").await?.expect_status(200)?["root"])
    }

    /// Asks for a proof; answers the id of the job.
    pub async fn prove(
        &self,
        circuit: &str,
        root: Option<&str>,
        kind: &str,
        arguments: &Value,
    ) -> anyhow::Result<String> {
        let body = json!({"args": arguments, "kind": kind});
        let mut headers = vec![("valence-coprocessor-circuit", circuit)];
        headers.extend(root.map(|root| ("valence-coprocessor-root", root)));
        let body = serde_json::to_vec(&body).context("encoding a body")?;
        let answer = self
            .request(Method::POST, "/api/circuit/prove", &headers, Some(body))
            .await?;
        text(&answer.expect_status(200)?["job"])
    }

    /// One look at a job.
    pub async fn job(&self, id: &str) -> anyhow::Result<Value> {
        self.get(&format!("/api/jobs/{id}"))
            .await?
            .expect_status(200)
    }

    /// Waits until a job ends, telling each new state to `watch`.
    pub async fn finish(
        &self,
        id: &str,
        limit: Duration,
        mut watch: impl FnMut(&Value),
    ) -> anyhow::Result<Value> {
        let start = Instant::now();
        loop {
            let job = self.job(id).await?;
            watch(&job);
            match job["state"].as_str() {
                Some("done" | "failed" | "cancelled") => return Ok(job),
                _ if start.elapsed() > limit => bail!("the job took too long: {job}"),
                _ => tokio::time::sleep(LOOK).await,
            }
        }
    }
}

fn text(value: &Value) -> anyhow::Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("{value} is no text"))
}
