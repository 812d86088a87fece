//! What controllers may reach: rules for addresses, names that are resolved once, requests, and the operator's nodes.

mod address;
mod http;
mod resolver;
mod rpc;
mod rules;

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, redirect};

use crate::error::SandboxError;

pub use resolver::{NameResolver, SystemResolver};
pub use rpc::RpcEndpoints;
pub use rules::{AllowedTarget, NetworkRules, ParseTargetError};

pub(crate) use http::{HttpArguments, HttpError};
pub(crate) use rpc::RpcError;

/// The network as controllers see it.
#[derive(Debug)]
pub(crate) struct Network {
    rules: NetworkRules,
    endpoints: RpcEndpoints,
    /// Connects to addresses that the rules permit, and to no other.
    guarded: Client,
    /// Connects to whatever the operator named.
    trusted: Client,
}

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLimits {
    pub(crate) duration: Duration,
    pub(crate) response_bytes: usize,
}

impl Network {
    pub(crate) fn new(rules: NetworkRules, endpoints: RpcEndpoints) -> Result<Self, SandboxError> {
        let guarded = client(Arc::new(resolver::Guarded::new(rules.clone())))?;
        let trusted = client(Arc::new(resolver::Unguarded::new(rules.clone())))?;
        Ok(Self {
            rules,
            endpoints,
            guarded,
            trusted,
        })
    }
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
