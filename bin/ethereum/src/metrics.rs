//! Metrics for Prometheus, at an address of their own.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;

/// Collects metrics from here on, and serves them.
pub(crate) async fn serve(bind: SocketAddr) -> anyhow::Result<()> {
    let handle = PrometheusBuilder::new()
        .install_recorder()
        .context("metrics cannot be collected")?;
    let listener = TcpListener::bind(bind)
        .await
        .with_context(|| format!("cannot serve metrics at {bind}"))?;
    let routes = Router::new().route("/metrics", get(async move || handle.render()));
    // It ends with the program.
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(())
}
