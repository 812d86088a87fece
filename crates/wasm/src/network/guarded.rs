//! `GuardedClient`: requests to places that strangers name, under the operator's rules.
//!
//! Controllers use it by `http`; whoever else follows a stranger's URL uses the same, so that there is one set of rules.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, redirect};
use thiserror::Error;
use url::Url;

use super::http::{HttpError, failure};
use super::resolver::{Guarded, Unguarded};
use super::rules::{Access, NetworkRules};
use crate::error::SandboxError;

/// Makes requests where the rules permit it. It follows no redirect and uses no proxy.
#[derive(Clone, Debug)]
pub struct GuardedClient {
    rules: NetworkRules,
    /// Connects to addresses that the rules permit, and to no other.
    guarded: Client,
    /// Connects to whatever the operator named.
    trusted: Client,
}

/// Why a request was refused or failed. The text never holds the URL, which may hold somebody's key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(transparent)]
pub struct RequestError(#[from] HttpError);

impl GuardedClient {
    /// A client under these rules.
    pub fn new(rules: NetworkRules) -> Result<Self, SandboxError> {
        let guarded = client(Arc::new(Guarded::new(rules.clone())))?;
        let trusted = client(Arc::new(Unguarded::new(rules.clone())))?;
        Ok(Self {
            rules,
            guarded,
            trusted,
        })
    }

    /// Judges a URL as far as that goes without a connection: its scheme, its host, its address if it names one.
    pub fn check(&self, url: &str) -> Result<(), RequestError> {
        self.rules.access(&parse(url)?)?;
        Ok(())
    }

    /// Posts a body and answers the status. What comes back with the status is not read: nobody here wants it, and
    /// whoever could see it would see answers of places that only the service reaches.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
        limit: Duration,
    ) -> Result<u16, RequestError> {
        let url = parse(url)?;
        let client = self.client_for(&url).map_err(without_host)?;
        let request = client.post(url).headers(header_map(headers)?).body(body);
        let response = tokio::time::timeout(limit, request.send())
            .await
            .map_err(|_| HttpError::Timeout { limit })?
            .map_err(|error| without_host(failure(&error)))?;
        Ok(response.status().as_u16())
    }

    pub(super) fn client_for(&self, url: &Url) -> Result<&Client, HttpError> {
        Ok(match self.rules.access(url)? {
            Access::Named => &self.trusted,
            Access::Guarded => &self.guarded,
        })
    }

    /// The client for what the operator configured.
    pub(super) const fn trusted(&self) -> &Client {
        &self.trusted
    }
}

/// Who reads the error need not be who named the URL.
fn without_host(error: HttpError) -> HttpError {
    match error {
        HttpError::Refused { .. } => HttpError::Refused {
            host: "the host".to_owned(),
        },
        other => other,
    }
}

fn parse(url: &str) -> Result<Url, HttpError> {
    Url::parse(url).map_err(|error| HttpError::Argument {
        name: "url",
        reason: error.to_string(),
    })
}

fn header_map(headers: &[(&'static str, String)]) -> Result<HeaderMap, HttpError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|error| HttpError::Argument {
            name: "headers",
            reason: error.to_string(),
        })?;
        map.insert(HeaderName::from_static(name), value);
    }
    Ok(map)
}

/// No proxy, because it would resolve names behind our back; no redirects, because they would not be checked.
fn client<R: reqwest::dns::Resolve + 'static>(resolver: Arc<R>) -> Result<Client, SandboxError> {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .dns_resolver(resolver)
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(8)
        .user_agent(concat!("valence-coprocessor/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| SandboxError::Client {
            reason: error.to_string(),
        })
}
