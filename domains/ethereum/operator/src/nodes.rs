//! `BeaconNodes`: a list of nodes, of which those that failed lately are left alone.

use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use crate::node::{Request, ask};
use crate::{
    Backoff, BeaconUrl, Event, FetchLimits, NetworkFile, NodeError, OperatorError, Reporter,
};

/// Beacon nodes in the order in which they are asked.
#[derive(Debug)]
pub struct BeaconNodes {
    http: reqwest::Client,
    limits: FetchLimits,
    backoff: Backoff,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    url: BeaconUrl,
    /// Failures in a row.
    failures: u32,
    /// It is not asked before.
    aside_until: Option<Instant>,
}

/// The reasons why nodes gave nothing that counts.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Vec<String>);

impl BeaconNodes {
    /// Nodes that are asked in this order, each answer within these limits.
    pub fn new(
        urls: impl IntoIterator<Item = BeaconUrl>,
        limits: FetchLimits,
        backoff: Backoff,
    ) -> Result<Self, OperatorError> {
        let nodes: Vec<_> = urls
            .into_iter()
            .map(|url| Node {
                url,
                failures: 0,
                aside_until: None,
            })
            .collect();
        if nodes.is_empty() {
            return Err(OperatorError::NoNodes);
        }
        let http = reqwest::Client::builder()
            .connect_timeout(limits.connect)
            // A redirect would take a request, and a key in its URL, to a place that nobody named.
            .redirect(Policy::none())
            .build()
            .map_err(|source| OperatorError::HttpClient { source })?;
        Ok(Self {
            http,
            limits,
            backoff,
            nodes,
        })
    }

    /// The places of the nodes that may be asked now; waits until there is one.
    pub(crate) async fn ready(&self) -> Vec<usize> {
        loop {
            let now = Instant::now();
            let is_ready = |node: &Node| node.aside_until.is_none_or(|until| until <= now);
            let ready: Vec<_> = (0..self.nodes.len())
                .filter(|place| is_ready(&self.nodes[*place]))
                .collect();
            let earliest = self.nodes.iter().filter_map(|node| node.aside_until).min();
            match earliest {
                Some(until) if ready.is_empty() => sleep_until(until).await,
                _ => return ready,
            }
        }
    }

    /// Asks one node.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        place: usize,
        request: &Request,
    ) -> Result<T, NodeError> {
        ask(&self.http, &self.nodes[place].url, request, &self.limits).await
    }

    /// A node did well: its failures are forgotten.
    pub(crate) fn forgive(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        (node.failures, node.aside_until) = (0, None);
    }

    /// A node did not: it is left alone for a while.
    pub(crate) fn set_aside(
        &mut self,
        place: usize,
        error: &NodeError,
        reporter: &Reporter,
        reasons: &mut Reasons,
    ) {
        let backoff = self.backoff;
        let node = &mut self.nodes[place];
        node.failures = node.failures.saturating_add(1);
        let wait = backoff.after(node.failures);
        node.aside_until = Some(Instant::now() + wait);
        let number = place + 1;
        let reason = with_sources(error);
        metrics::counter!("valence_ethereum_node_failures_total", "node" => number.to_string())
            .increment(1);
        reasons
            .0
            .push(format!("node {number}, {}: {reason}", node.url));
        reporter.report(&Event::NodeSetAside {
            number,
            node: node.url.to_string(),
            reason,
            wait,
        });
    }

    /// The first answer that passes a check, of any node.
    pub(crate) async fn first<T: DeserializeOwned, V>(
        &mut self,
        request: &Request,
        reporter: &Reporter,
        check: impl Fn(T) -> Result<V, NodeError>,
    ) -> Result<V, OperatorError> {
        let mut reasons = Reasons::default();
        for place in self.ready().await {
            match self.ask(place, request).await.and_then(&check) {
                Ok(value) => {
                    self.forgive(place);
                    return Ok(value);
                }
                Err(error) => self.set_aside(place, &error, reporter, &mut reasons),
            }
        }
        Err(reasons.into_error())
    }
}

impl BeaconNodes {
    /// A draft of a network's file, from what the first node that answers says of itself: that node is trusted.
    pub async fn network(&mut self, reporter: &Reporter) -> Result<NetworkFile, OperatorError> {
        let request = Request::object("/eth/v1/config/spec");
        let specification: Value = self.first(&request, reporter, Ok).await?;
        let request = Request::object("/eth/v1/beacon/genesis");
        let genesis: Value = self.first(&request, reporter, Ok).await?;
        NetworkFile::from_node(&specification, &genesis)
            .map_err(|source| OperatorError::Network { source })
    }
}

impl Reasons {
    pub(crate) fn into_error(self) -> OperatorError {
        OperatorError::NodesFailed {
            reasons: self.0.join("; "),
        }
    }
}

/// An error with its causes, as one line.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
