//! One request: what is sent, how it is signed, how its answer is read.

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;
use valence_coprocessor_api::{ErrorBody, headers, signing::BoundRequest};
use valence_coprocessor_protocol::{CircuitId, Root};

use crate::{Client, ClientError, client::ANSWER_TIMEOUT, clock::seconds_now};

/// How long a signed request stays good; enough for a slow upload and clocks that differ by a minute.
const EXPIRY_SECONDS: u64 = 300;
/// How much of a strange answer is shown.
const SHOWN_CHARACTERS: usize = 300;

/// A request that is being put together.
#[derive(Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    circuit: Option<CircuitId>,
    root: Option<Root>,
    body: Option<Vec<u8>>,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        let mut call = Self::new(Method::POST, path);
        call.body =
            Some(serde_json::to_vec(body).expect("the types of crate `api` have only string keys"));
        call
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            circuit: None,
            root: None,
            body: None,
        }
    }

    /// Names the circuit in its header.
    pub(crate) const fn circuit(mut self, circuit: &CircuitId) -> Self {
        self.circuit = Some(*circuit);
        self
    }

    /// Pins the root in its header.
    pub(crate) const fn root(mut self, root: Option<Root>) -> Self {
        self.root = root;
        self
    }

    /// Adds the query that a serializable value stands for.
    pub(crate) fn query(mut self, pairs: &[(&str, String)]) -> Self {
        for (at, (name, value)) in pairs.iter().enumerate() {
            self.path.push(if at == 0 { '?' } else { '&' });
            self.path.push_str(name);
            self.path.push('=');
            let encoded = valence_coprocessor_api::paths::with("{value}", "value", value);
            self.path.push_str(&encoded);
        }
        self
    }

    /// Sends it and reads the answer as JSON.
    pub(crate) async fn send<T: DeserializeOwned>(self, client: &Client) -> Result<T, ClientError> {
        let request = self.build(client).timeout(ANSWER_TIMEOUT);
        let response = accept(client, request).await?;
        let status = response.status();
        let bytes = response
            .bytes()
            .await
            .map_err(|source| unreachable(client, source))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| unexpected(client, status, &error.to_string()))
    }

    /// Sends it and hands over the body as it comes, without a limit on the time until its end.
    pub(crate) async fn stream(self, client: &Client) -> Result<Response, ClientError> {
        let request = self
            .build(client)
            .header(header::ACCEPT, "text/event-stream");
        accept(client, request).await
    }

    fn build(self, client: &Client) -> RequestBuilder {
        let url = format!("{}{}", client.address, self.path);
        let mut request = client.http.request(self.method.clone(), url);
        if let Some(circuit) = &self.circuit {
            request = request.header(headers::CIRCUIT, circuit.to_string());
        }
        if let Some(root) = &self.root {
            request = request.header(headers::ROOT, root.to_string());
        }
        if let Some(signer) = &client.signer {
            let bound = BoundRequest {
                method: self.method.as_str(),
                path: &self.path,
                circuit: self.circuit,
                root: self.root,
                expiry: seconds_now() + EXPIRY_SECONDS,
                uuid: Uuid::new_v4(),
                body: self.body.as_deref().unwrap_or_default(),
            };
            for (name, value) in bound.sign(signer).headers() {
                request = request.header(name, value);
            }
        }
        if let Some(body) = self.body {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body);
        }
        request
    }
}

/// Sends a request; an answer that is not a success becomes the error that it holds.
async fn accept(client: &Client, request: RequestBuilder) -> Result<Response, ClientError> {
    let response = request
        .send()
        .await
        .map_err(|source| unreachable(client, source))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let bytes = response
        .bytes()
        .await
        .map_err(|source| unreachable(client, source))?;
    Err(match serde_json::from_slice::<ErrorBody>(&bytes) {
        Ok(body) => ClientError::Refused {
            status: status.as_u16(),
            body: Box::new(body),
        },
        Err(_) => unexpected(client, status, &String::from_utf8_lossy(&bytes)),
    })
}

/// The connection failed, before or during an answer.
pub(crate) fn unreachable(client: &Client, source: reqwest::Error) -> ClientError {
    ClientError::Unreachable {
        address: client.address.clone(),
        source: source.without_url(),
    }
}

/// The answer is not one of the service.
pub(crate) fn unexpected(client: &Client, status: StatusCode, text: &str) -> ClientError {
    ClientError::Unexpected {
        address: client.address.clone(),
        status: status.as_u16(),
        text: text.chars().take(SHOWN_CHARACTERS).collect(),
    }
}
