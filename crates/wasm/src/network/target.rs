//! Targets that strangers name for something else than a request by `http`: judged by the same rules.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use thiserror::Error;
use url::{Host, Url};

use super::rules::NetworkRules;

/// How long a name may take to be looked up.
const LOOKUP: Duration = Duration::from_secs(5);

/// Why a target may not be connected to. No text tells an address that the caller did not name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The text names no host and port.
    #[error("expected `host:port`, or a URL with http or https, host and port only: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// The host has no address now.
    #[error("`{host}` cannot be looked up")]
    Unknown {
        /// The host.
        host: String,
    },
    /// The rules do not permit an address of the host.
    #[error("`{host}` is not at a public address; the operator can open it with --allow-network")]
    NotPermitted {
        /// The host.
        host: String,
    },
}

impl NetworkRules {
    /// The addresses of a target, which is `host:port` or a URL without path, all of which the rules permit. Connect to
    /// these and look nothing up again: a name may stand for something else the next time.
    pub async fn resolve_target(&self, target: &str) -> Result<Vec<SocketAddr>, TargetError> {
        let url = parse(target)?;
        let host = url.host().ok_or_else(|| malformed("it names no host"))?;
        let port = url.port_or_known_default();
        let port = port.ok_or_else(|| malformed("it names no port"))?;
        let text = host.to_string();
        let addresses = match host {
            Host::Ipv4(ip) => vec![IpAddr::V4(ip)],
            Host::Ipv6(ip) => vec![IpAddr::V6(ip)],
            Host::Domain(name) => {
                let found = tokio::time::timeout(LOOKUP, self.resolver().resolve(name)).await;
                found.ok().and_then(Result::ok).unwrap_or_default()
            }
        };
        if addresses.is_empty() {
            return Err(TargetError::Unknown { host: text });
        }
        let permitted = self.names(&host, Some(port))
            || addresses
                .iter()
                .all(|&address| self.permits_address(address));
        if !permitted {
            return Err(TargetError::NotPermitted { host: text });
        }
        let socket = |address: IpAddr| SocketAddr::new(address, port);
        Ok(addresses.into_iter().map(socket).collect())
    }
}

fn malformed(reason: impl Into<String>) -> TargetError {
    TargetError::Malformed {
        reason: reason.into(),
    }
}

fn parse(target: &str) -> Result<Url, TargetError> {
    let parsed = if target.contains("://") {
        Url::parse(target)
    } else {
        Url::parse(&format!("https://{target}"))
    };
    let url = parsed.map_err(|error| malformed(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(malformed(format!("not {}", url.scheme())));
    }
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    if is_bare {
        Ok(url)
    } else {
        Err(malformed("it has a user, a path, a query or a fragment"))
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::IpAddr;
    use std::sync::Arc;

    use async_trait::async_trait;

    use super::TargetError;
    use crate::{NameResolver, NetworkRules};

    #[derive(Debug)]
    struct Names;

    #[async_trait]
    impl NameResolver for Names {
        async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
            match name {
                "public.example" => Ok(vec![IpAddr::from([1, 1, 1, 1])]),
                "inside.example" => Ok(vec![IpAddr::from([10, 0, 0, 7])]),
                "both.example" => Ok(vec![
                    IpAddr::from([1, 1, 1, 1]),
                    IpAddr::from([169, 254, 169, 254]),
                ]),
                _ => Err(io::Error::other("unknown")),
            }
        }
    }

    #[tokio::test]
    async fn only_permitted_addresses_are_given_out() {
        let allowed = ["10.0.0.0/16", "host.example:99", "127.0.0.1:7"];
        let allowed = allowed.map(|target| target.parse().expect("a fine target"));
        let open = NetworkRules::default().with_resolver(Arc::new(Names));
        let rules = NetworkRules::allowing(allowed).with_resolver(Arc::new(Names));
        for target in ["1.1.1.1:1", "https://1.1.1.1:1", "http://public.example:1/"] {
            let found = open.resolve_target(target).await.expect(target);
            assert_eq!(found[0].to_string(), "1.1.1.1:1", "{target}");
        }
        for target in [
            "127.0.0.1:7",
            "localhost:7",
            "0x7f.1:7",
            "[::1]:7",
            "[::ffff:127.0.0.1]:7",
            "http://2130706433:7",
            "inside.example:1",
            "both.example:1",
        ] {
            let error = open.resolve_target(target).await.expect_err(target);
            let refused = matches!(
                error,
                TargetError::NotPermitted { .. } | TargetError::Unknown { .. }
            );
            assert!(refused, "{target}: {error}");
            assert!(!error.to_string().contains("10.0.0.7"), "{error}");
        }
        rules
            .resolve_target("inside.example:1")
            .await
            .expect("listed");
        rules.resolve_target("127.0.0.1:7").await.expect("listed");
        rules
            .resolve_target("127.0.0.1:8")
            .await
            .expect_err("another port");
    }

    #[tokio::test]
    async fn what_is_no_target_is_said() {
        let rules = NetworkRules::default().with_resolver(Arc::new(Names));
        for target in [
            "",
            "public.example:x",
            "ftp://public.example:1",
            "https://user@public.example:1",
            "https://public.example:1/path",
            "public.example:1?query",
            "file:///etc/passwd",
        ] {
            let error = rules.resolve_target(target).await.expect_err(target);
            assert!(
                matches!(error, TargetError::Malformed { .. }),
                "{target}: {error}"
            );
        }
    }
}
