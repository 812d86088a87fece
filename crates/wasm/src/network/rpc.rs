//! The import `alchemy`: a JSON-RPC call to a node that the operator configured, by the name of its chain. A
//! controller shapes the name, the method and the parameters, and never a part of the URL.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;
use url::Url;

use super::http::{self, HttpError};
use super::{Network, RequestLimits};

/// Longest name of a chain.
const CHAIN_LENGTH: usize = 64;

/// Longest text of a node's error that is passed on.
const MESSAGE_LENGTH: usize = 500;

/// What ANKR calls the chains that are known by Alchemy's names.
const ANKR_CHAINS: [(&str, &str); 10] = [
    ("arb-mainnet", "arbitrum"),
    ("avax-mainnet", "avalanche"),
    ("base-mainnet", "base"),
    ("base-sepolia", "base_sepolia"),
    ("bnb-mainnet", "bsc"),
    ("eth-holesky", "eth_holesky"),
    ("eth-mainnet", "eth"),
    ("eth-sepolia", "eth_sepolia"),
    ("opt-mainnet", "optimism"),
    ("polygon-mainnet", "polygon"),
];

/// The nodes behind the import `alchemy`: URLs by chain, tried in order, then the hosted providers whose key is known.
#[derive(Clone, Default)]
pub struct RpcEndpoints {
    urls: BTreeMap<String, Vec<Url>>,
    ankr_key: Option<String>,
    alchemy_key: Option<String>,
}

/// Why a call of a node failed. No text holds a URL or a key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum RpcError {
    #[error("`{chain}` is no name of a chain: it must match [a-z0-9-]{{1,64}}")]
    ChainName { chain: String },
    #[error(
        "no node is configured for the chain `{chain}`; start the service with --rpc {chain}=URL"
    )]
    UnknownChain { chain: String },
    #[error("the parameters are not JSON: {reason}")]
    Parameters { reason: String },
    #[error("{method} on {chain}: {reasons}")]
    Failed {
        chain: String,
        method: String,
        reasons: String,
    },
}

/// Why one node did not answer.
#[derive(Debug, Error)]
enum NodeError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("HTTP status {status}")]
    Status { status: u16 },
    #[error("the answer is not JSON-RPC: {reason}")]
    Malformed { reason: String },
    #[error("error {code}: {message}")]
    Answered { code: i64, message: String },
    #[error("neither result nor error")]
    Empty,
}

#[derive(Serialize)]
struct Request<'a> {
    jsonrpc: &'static str,
    id: u8,
    method: &'a str,
    params: &'a RawValue,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

/// Keeps a `null` result apart from a missing one.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl RpcEndpoints {
    /// No endpoints.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node of a chain, after those that it has.
    #[must_use]
    pub fn with_node(mut self, chain: impl Into<String>, url: Url) -> Self {
        self.urls.entry(chain.into()).or_default().push(url);
        self
    }

    /// Adds ANKR's hosted nodes.
    #[must_use]
    pub fn with_ankr_key(self, key: impl Into<String>) -> Self {
        Self {
            ankr_key: Some(key.into()),
            ..self
        }
    }

    /// Adds Alchemy's hosted nodes.
    #[must_use]
    pub fn with_alchemy_key(self, key: impl Into<String>) -> Self {
        Self {
            alchemy_key: Some(key.into()),
            ..self
        }
    }

    /// Names of the chains that have a configured node.
    pub fn chains(&self) -> impl Iterator<Item = &str> {
        self.urls.keys().map(String::as_str)
    }

    /// The nodes of a chain, in the order in which they are tried.
    fn of(&self, chain: &str) -> Result<Vec<Url>, RpcError> {
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if chain.is_empty() || chain.len() > CHAIN_LENGTH || !chain.bytes().all(valid) {
            let chain = chain.chars().take(CHAIN_LENGTH).collect();
            return Err(RpcError::ChainName { chain });
        }
        let mut urls = self.urls.get(chain).cloned().unwrap_or_default();
        urls.extend(self.ankr(chain));
        urls.extend(self.alchemy(chain));
        if urls.is_empty() {
            return Err(RpcError::UnknownChain {
                chain: chain.to_owned(),
            });
        }
        Ok(urls)
    }

    fn ankr(&self, chain: &str) -> Option<Url> {
        let key = self.ankr_key.as_ref()?;
        let (_, name) = ANKR_CHAINS.iter().find(|(name, _)| *name == chain)?;
        Url::parse(&format!("https://rpc.ankr.com/{name}/{key}")).ok()
    }

    /// The name becomes a label of a host under Alchemy's domain, so it must be a valid one.
    fn alchemy(&self, chain: &str) -> Option<Url> {
        let key = self.alchemy_key.as_ref()?;
        if chain.starts_with('-') || chain.ends_with('-') {
            return None;
        }
        Url::parse(&format!("https://{chain}.g.alchemy.com/v2/{key}")).ok()
    }
}

impl fmt::Debug for RpcEndpoints {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RpcEndpoints")
            .field("chains", &self.urls.keys().collect::<Vec<_>>())
            .field("ankr", &self.ankr_key.is_some())
            .field("alchemy", &self.alchemy_key.is_some())
            .finish()
    }
}

impl Network {
    /// Calls a node of the chain, the next one if it fails, and answers the JSON of the result.
    pub(crate) async fn rpc(
        &self,
        chain: &str,
        method: &str,
        params: &[u8],
        limits: RequestLimits,
    ) -> Result<Vec<u8>, RpcError> {
        let urls = self.endpoints.of(chain)?;
        let params: &RawValue =
            serde_json::from_slice(params).map_err(|error| RpcError::Parameters {
                reason: error.to_string(),
            })?;
        let request = Request {
            jsonrpc: "2.0",
            id: 1,
            method,
            params,
        };
        let mut reasons = Vec::new();
        for url in urls {
            match self.ask(&url, &request, limits).await {
                Ok(result) => return Ok(result),
                Err(error) => {
                    let node = url.host_str().unwrap_or("node");
                    reasons.push(format!("{node}: {}", redact(&error.to_string(), &url)));
                }
            }
        }
        let (chain, method) = (
            chain.to_owned(),
            method.chars().take(CHAIN_LENGTH).collect(),
        );
        Err(RpcError::Failed {
            chain,
            method,
            reasons: reasons.join("; "),
        })
    }

    async fn ask(
        &self,
        url: &Url,
        request: &Request<'_>,
        limits: RequestLimits,
    ) -> Result<Vec<u8>, NodeError> {
        let post = self.client.trusted().post(url.clone()).json(request);
        let (head, body) = http::fetch(post, limits).await?;
        let response: Response<'_> = match serde_json::from_slice(&body) {
            Ok(response) => response,
            Err(_) if head.status >= 400 => {
                return Err(NodeError::Status {
                    status: head.status,
                });
            }
            Err(error) => {
                return Err(NodeError::Malformed {
                    reason: error.to_string(),
                });
            }
        };
        if let Some(ErrorObject { code, message }) = response.error {
            let message = message.chars().take(MESSAGE_LENGTH).collect();
            return Err(NodeError::Answered { code, message });
        }
        let result = response.result.ok_or(NodeError::Empty)?;
        Ok(result.get().as_bytes().to_vec())
    }
}

/// Takes everything out of a text that stands in the secret parts of a URL; a node may repeat its own path.
fn redact(text: &str, url: &Url) -> String {
    const SECRET_LENGTH: usize = 12;
    let segments = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|part| part.len() >= SECRET_LENGTH);
    let secrets = segments
        .chain(url.query())
        .chain(url.password())
        .filter(|part| !part.is_empty());
    secrets.fold(text.to_owned(), |text, secret| {
        text.replace(secret, "[redacted]")
    })
}
