//! What controllers may reach: rules for addresses, names that are resolved once, requests, and the operator's nodes.

mod address;
mod guarded;
mod http;
mod resolver;
mod rpc;
mod rules;
mod target;

use std::time::Duration;

use crate::error::SandboxError;

pub use guarded::{GuardedClient, RequestError};
pub use resolver::{NameResolver, SystemResolver};
pub use rpc::RpcEndpoints;
pub use rules::{AllowedTarget, NetworkRules, ParseTargetError};
pub use target::TargetError;

pub(crate) use http::{HttpArguments, HttpError};
pub(crate) use rpc::RpcError;

/// The network as controllers see it.
#[derive(Debug)]
pub(crate) struct Network {
    client: GuardedClient,
    endpoints: RpcEndpoints,
}

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLimits {
    pub(crate) duration: Duration,
    pub(crate) response_bytes: usize,
}

impl Network {
    pub(crate) fn new(rules: NetworkRules, endpoints: RpcEndpoints) -> Result<Self, SandboxError> {
        Ok(Self {
            client: GuardedClient::new(rules)?,
            endpoints,
        })
    }
}
