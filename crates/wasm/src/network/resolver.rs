//! Names to addresses. The connection uses the very addresses that were judged, so a name that changes its address
//! between the check and the connection gains nothing.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::http::HttpError;
use super::rules::NetworkRules;

/// Looks up the addresses of a name.
#[async_trait]
pub trait NameResolver: Send + Sync {
    /// Every address of the name.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl NameResolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let addresses = tokio::net::lookup_host((name, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}

/// Resolves to permitted addresses only; one address that is not permitted spoils the name.
pub(super) struct Guarded {
    rules: NetworkRules,
}

impl Guarded {
    pub(super) fn new(rules: NetworkRules) -> Self {
        Self { rules }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules.clone();
        Box::pin(async move {
            let addresses = rules.resolver().resolve(name.as_str()).await?;
            if addresses
                .iter()
                .any(|&address| !rules.permits_address(address))
            {
                let host = name.as_str().to_owned();
                return Err(HttpError::Refused { host }.into());
            }
            Ok(sockets(addresses))
        })
    }
}

/// Resolves names that the operator configured.
pub(super) struct Unguarded {
    rules: NetworkRules,
}

impl Unguarded {
    pub(super) fn new(rules: NetworkRules) -> Self {
        Self { rules }
    }
}

impl Resolve for Unguarded {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules.clone();
        Box::pin(async move { Ok(sockets(rules.resolver().resolve(name.as_str()).await?)) })
    }
}

/// Port 0 stands for the URL's port.
fn sockets(addresses: Vec<IpAddr>) -> Addrs {
    Box::new(
        addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, 0)),
    )
}

impl fmt::Debug for Guarded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Guarded")
            .field("rules", &self.rules)
            .finish()
    }
}

impl fmt::Debug for Unguarded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Unguarded").finish_non_exhaustive()
    }
}
