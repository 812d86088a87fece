//! What is set up for a measurement, and how figures are shown.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use valence_coprocessor_harness::{
    Artifacts, Coprocessor, Programs, Service, ServiceOptions, StoreChoice,
};
use valence_coprocessor_redis_server::RedisServer;

/// One job, on a machine that is busy with the others.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// Two services on one Redis, with a circuit whose output is what it reads.
pub(crate) struct Stage {
    pub(crate) services: [Service; 2],
    pub(crate) circuit: String,
    /// Stops before its folder goes.
    _redis: RedisServer,
    _folder: TempDir,
}

impl Stage {
    /// Starts both with these workers, each `host:port`.
    pub(crate) async fn set(workers: &[String]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("making a folder")?;
        let redis = RedisServer::start()?;
        let store = StoreChoice::Shared(redis.url());
        let options = ServiceOptions::new(&Programs::find()?, store, folder.path())
            .with(["--live-jobs", "100000"])
            .with_workers(workers);
        let services = [
            Service::start(&options).await?,
            Service::start(&options).await?,
        ];
        let circuit = services[0]
            .coprocessor()
            .deploy(&Artifacts::default().echo()?, 0)
            .await?;
        let stage = Self {
            services,
            circuit,
            _redis: redis,
            _folder: folder,
        };
        // The first job of each service compiles the controller and sends the program to the workers.
        for number in 0..8 {
            let id = stage.ask(usize::MAX - number).await?;
            stage.end(number, &id).await?;
        }
        Ok(stage)
    }

    /// One of the services, in turns.
    pub(crate) fn coprocessor(&self, number: usize) -> &Coprocessor {
        self.services[number % self.services.len()].coprocessor()
    }

    /// Asks for the execution of a job that is like no other; answers its id.
    pub(crate) async fn ask(&self, number: usize) -> anyhow::Result<String> {
        let arguments = json!({"value": number.to_string()});
        self.coprocessor(number)
            .prove(&self.circuit, None, "execute", &arguments)
            .await
    }

    /// Waits for the end of a job.
    pub(crate) async fn end(&self, number: usize, id: &str) -> anyhow::Result<Value> {
        let job = self
            .coprocessor(number)
            .finish(id, PATIENCE, |_| ())
            .await?;
        anyhow::ensure!(job["state"] == "done", "the job did not end well: {job}");
        Ok(job)
    }
}

/// Time between two states of a job, as the service itself dates them.
pub(crate) fn between(job: &Value, from: &str, to: &str) -> anyhow::Result<Duration> {
    Ok(at(job, to)?.saturating_sub(at(job, from)?))
}

/// When a job entered a state, in time since the Unix epoch.
pub(crate) fn at(job: &Value, state: &str) -> anyhow::Result<Duration> {
    let states = job["states"].as_array();
    let at = states
        .and_then(|states| states.iter().find(|change| change["state"] == state))
        .and_then(|change| change["at"].as_u64());
    at.map(Duration::from_millis)
        .with_context(|| format!("the job was never {state}: {job}"))
}

/// Waits until a moment, which may be past.
pub(crate) async fn wait_until(moment: Instant) {
    tokio::time::sleep_until(moment.into()).await;
}

/// One of so many hundredths of the times, and the longest one.
#[derive(Debug)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that so many of a hundred stay within.
    pub(crate) fn percentile(&self, hundredths: usize) -> Duration {
        let index = (self.0.len() * hundredths).div_ceil(100).saturating_sub(1);
        self.0.get(index).copied().unwrap_or_default()
    }

    /// A row of a table: count, p50, p99, longest, in milliseconds.
    pub(crate) fn row(&self, what: &str) -> String {
        let shown = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1_000.0);
        let (half, most, all) = (
            self.percentile(50),
            self.percentile(99),
            self.percentile(100),
        );
        format!(
            "| {what} | {} | {} | {} | {} |",
            self.0.len(),
            shown(half),
            shown(most),
            shown(all)
        )
    }
}

/// What is measured is the result, which goes to standard output.
pub(crate) fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").expect("standard output takes a line");
}
