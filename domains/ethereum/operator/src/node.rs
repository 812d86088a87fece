//! One beacon node: a URL, and a request that costs a bounded time and a bounded memory.

use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;

use crate::NodeError;

/// What an answer may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Time for a connection.
    pub connect: Duration,
    /// Time from the request to the end of its answer.
    pub answer: Duration,
    /// Bytes of one light-client object; a list of objects may have so many for each.
    pub object_bytes: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            // An update of mainnet, with 512 keys, has about 65 kB of JSON without and 75 kB with spaces.
            object_bytes: 512 << 10,
        }
    }
}

/// The base URL of a beacon node. It is shown without user, path and query, where keys are.
#[derive(Clone, PartialEq, Eq)]
pub struct BeaconUrl(Url);

impl BeaconUrl {
    /// Takes an http or https URL; none if the text is another.
    pub fn parse(text: &str) -> Option<Self> {
        let url: Url = text.trim().parse().ok()?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.fragment().is_none();
        is_plain.then_some(Self(url))
    }

    /// ANKR's node of a network, if it has one.
    pub fn ankr(network: &str, key: &str) -> Option<Self> {
        let name = match network {
            "mainnet" => "eth_beacon",
            "sepolia" => "eth_sepolia_beacon",
            _ => return None,
        };
        Self::parse(&format!("https://rpc.ankr.com/premium-http/{name}/{key}"))
    }

    /// Alchemy's node of a network, if it has one.
    pub fn alchemy(network: &str, key: &str) -> Option<Self> {
        let name = match network {
            "mainnet" | "sepolia" | "hoodi" => network,
            _ => return None,
        };
        Self::parse(&format!("https://eth-{name}beacon.g.alchemy.com/v2/{key}"))
    }

    /// The URL of a route, whose own query comes before one that the base has.
    fn join(&self, route: &str, query: &[(&str, String)]) -> Url {
        let mut url = self.0.clone();
        let base = self.0.path().trim_end_matches('/');
        url.set_path(&format!("{base}{route}"));
        if !query.is_empty() {
            let kept: Vec<(String, String)> = self.0.query_pairs().into_owned().collect();
            let mut pairs = url.query_pairs_mut();
            pairs.clear().extend_pairs(query).extend_pairs(kept);
        }
        url
    }
}

impl fmt::Display for BeaconUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        write!(formatter, "{}://{host}", self.0.scheme())?;
        match self.0.port() {
            Some(port) => write!(formatter, ":{port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for BeaconUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BeaconUrl({self})")
    }
}

/// A request to any node.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) route: String,
    pub(crate) query: Vec<(&'static str, String)>,
    /// How many objects the answer may hold.
    pub(crate) objects: usize,
}

impl Request {
    pub(crate) fn object(route: impl Into<String>) -> Self {
        Self {
            route: route.into(),
            query: Vec::new(),
            objects: 1,
        }
    }
}

/// Asks one node. Redirects must not be followed by `http`.
pub(crate) async fn ask<T: DeserializeOwned>(
    http: &reqwest::Client,
    url: &BeaconUrl,
    request: &Request,
    limits: &FetchLimits,
) -> Result<T, NodeError> {
    let limit = limits.object_bytes.saturating_mul(request.objects.max(1));
    let whole = read(http, url.join(&request.route, &request.query), limit);
    let bytes = tokio::time::timeout(limits.answer, whole)
        .await
        .map_err(|_| NodeError::TimedOut {
            limit: limits.answer,
        })??;
    serde_json::from_slice(&bytes).map_err(|source| NodeError::Malformed { source })
}

async fn read(http: &reqwest::Client, url: Url, limit: usize) -> Result<Vec<u8>, NodeError> {
    let unreachable = |error: reqwest::Error| NodeError::Unreachable {
        source: error.without_url(),
    };
    let json = HeaderValue::from_static("application/json");
    let sent = http.get(url).header(ACCEPT, json).send().await;
    let mut response = sent.map_err(unreachable)?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(NodeError::Status { status });
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > limit {
            return Err(NodeError::TooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_may_be_a_key() {
        for text in [
            "https://user:SECRET@node.example:8443/v2/SECRET/?key=SECRET",
            "https://node.example/SECRET",
        ] {
            let url = BeaconUrl::parse(text).expect("a URL");
            assert!(!format!("{url} {url:?}").contains("SECRET"), "{url}");
            assert!(url.to_string().starts_with("https://node.example"));
        }
    }

    #[test]
    fn routes_are_put_after_the_path_and_before_the_query() {
        let url = BeaconUrl::parse("https://node.example/v2/key/?a=b").expect("a URL");
        let query = [("count", "3".to_owned())];
        assert_eq!(
            url.join("/eth/v1/x", &query).as_str(),
            "https://node.example/v2/key/eth/v1/x?count=3&a=b"
        );
        assert_eq!(
            url.join("/eth/v1/x", &[]).as_str(),
            "https://node.example/v2/key/eth/v1/x?a=b"
        );
    }

    #[test]
    fn what_no_http_client_can_ask_is_no_node() {
        for text in [
            "file:///etc/passwd",
            "ftp://node",
            "node",
            "http://node/#x",
            "",
        ] {
            assert!(BeaconUrl::parse(text).is_none(), "{text}");
        }
    }
}
