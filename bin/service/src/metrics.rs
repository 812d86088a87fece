//! Metrics of the engine and of everything below it, collected for the server's `/metrics`.

use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use tokio::time::{MissedTickBehavior, interval};
use valence_coprocessor_server::EngineMetrics;

/// Upper bounds of the buckets of every time, in seconds: a controller's call takes a millisecond, a proof hours.
const SECONDS: [f64; 14] = [
    0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1_800.0, 7_200.0, 21_600.0,
];

/// How often what was recorded is moved into buckets; until then it takes memory.
const UPKEEP: Duration = Duration::from_secs(5);

/// Collects metrics from here on, until the runtime ends.
pub(crate) fn collect() -> anyhow::Result<EngineMetrics> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .context("metrics cannot be collected")?
        .install_recorder()
        .context("metrics cannot be collected")?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut ticks = interval(UPKEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(EngineMetrics::new(move || handle.render()))
}
