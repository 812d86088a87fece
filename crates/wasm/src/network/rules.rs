//! The operator's rules: public addresses are open, everything else needs an entry in the allow-list.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;
use thiserror::Error;
use url::{Host, Url};

use super::address;
use super::http::HttpError;
use super::resolver::{NameResolver, SystemResolver};

/// What controllers may reach by `http`.
#[derive(Clone)]
pub struct NetworkRules {
    allowed: Vec<AllowedTarget>,
    resolver: Arc<dyn NameResolver>,
}

/// An entry of the allow-list: `host`, `host:port`, an address, or a network such as `10.1.0.0/16`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedTarget {
    /// A name or address as it stands in the URL, at one port or at all.
    Host {
        /// The name in lower case, or the address.
        host: String,
        /// The port; none means every port.
        port: Option<u16>,
    },
    /// Every address of a network.
    Network(IpNet),
}

/// An entry of the allow-list could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no host, host:port, address or network")]
pub struct ParseTargetError {
    text: String,
}

/// How a URL may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The operator named it: whatever address it has.
    Named,
    /// Its address must be permitted when the connection is made.
    Guarded,
}

impl Default for NetworkRules {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            resolver: Arc::new(SystemResolver),
        }
    }
}

impl NetworkRules {
    /// Public addresses and these targets.
    pub fn allowing(targets: impl IntoIterator<Item = AllowedTarget>) -> Self {
        Self {
            allowed: targets.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The same rules with another resolver of names.
    #[must_use]
    pub fn with_resolver(self, resolver: Arc<dyn NameResolver>) -> Self {
        Self { resolver, ..self }
    }

    pub(crate) fn resolver(&self) -> &Arc<dyn NameResolver> {
        &self.resolver
    }

    /// Whether a connection to this address is permitted without the target being named.
    pub(crate) fn permits_address(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        let listed = |target: &AllowedTarget| match target {
            AllowedTarget::Network(network) => network.contains(&ip),
            AllowedTarget::Host { .. } => false,
        };
        address::is_public(ip) || self.allowed.iter().any(listed)
    }

    /// Judges scheme, host and port; of a name, the addresses are judged when they are known.
    pub(crate) fn access(&self, url: &Url) -> Result<Access, HttpError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(HttpError::Scheme {
                scheme: url.scheme().to_owned(),
            });
        }
        let host = url.host().ok_or(HttpError::NoHost)?;
        if self.names(&host, url.port_or_known_default()) {
            return Ok(Access::Named);
        }
        let literal = match host {
            Host::Domain(_) => return Ok(Access::Guarded),
            Host::Ipv4(ip) => IpAddr::V4(ip),
            Host::Ipv6(ip) => IpAddr::V6(ip),
        };
        if self.permits_address(literal) {
            Ok(Access::Guarded)
        } else {
            Err(HttpError::Refused {
                host: literal.to_string(),
            })
        }
    }

    pub(super) fn names(&self, host: &Host<&str>, port: Option<u16>) -> bool {
        let name = match host {
            Host::Domain(name) => name.trim_end_matches('.').to_owned(),
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => ip.to_canonical().to_string(),
        };
        self.allowed.iter().any(|target| match target {
            AllowedTarget::Host { host, port: listed } => {
                *host == name && listed.is_none_or(|listed| Some(listed) == port)
            }
            AllowedTarget::Network(_) => false,
        })
    }
}

impl fmt::Debug for NetworkRules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NetworkRules")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

impl FromStr for AllowedTarget {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(IpNet::from(address)));
        }
        if let Ok(socket) = text.parse::<SocketAddr>() {
            let host = socket.ip().to_canonical().to_string();
            return Ok(Self::Host {
                host,
                port: Some(socket.port()),
            });
        }
        let error = || ParseTargetError {
            text: text.to_owned(),
        };
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(port.parse::<u16>().map_err(|_| error())?)),
            None => (text, None),
        };
        match Host::parse(name).map_err(|_| error())? {
            Host::Domain(name) => Ok(Self::Host {
                host: name.trim_end_matches('.').to_owned(),
                port,
            }),
            Host::Ipv4(ip) => Ok(Self::Host {
                host: ip.to_string(),
                port,
            }),
            Host::Ipv6(ip) => Ok(Self::Host {
                host: ip.to_string(),
                port,
            }),
        }
    }
}
