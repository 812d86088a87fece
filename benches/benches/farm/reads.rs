//! Reads at a steady pace beside many open event streams: how long they take, and whether memory stays flat.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use futures_util::{StreamExt as _, future::try_join_all};
use reqwest::Client;
use serde_json::json;
use tokio::task::JoinSet;
use valence_coprocessor_harness::{
    Artifacts, HostedWorker, Programs, Service, ServiceOptions, StoreChoice,
};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

use crate::stage::{Times, print, wait_until};

const STREAMS: usize = 1_000;
const JOBS: usize = 10;

/// Reads per second.
const RATE: u32 = 2_000;

/// Connections that read; each waits for its answer before it asks again.
const READERS: u32 = 50;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(15);

/// Prints how long reads took, and how much memory the service had.
pub(crate) async fn measure(seconds: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    // Proofs never end, so that streams stay open.
    let stuck = ScriptedZkvm::echo().with_closed_gate();
    let worker = HostedWorker::start(Arc::new(stuck), JOBS).await?;
    let programs = Programs::find()?;
    let addresses = [worker.address()];
    let options = ServiceOptions::new(&programs, StoreChoice::Memory, folder.path())
        .with(["--live-jobs", "100000"])
        .with_workers(&addresses);
    let service = Service::start(&options).await?;
    let coprocessor = service.coprocessor();
    let circuit = coprocessor.deploy(&Artifacts::default().echo()?, 0).await?;
    let mut jobs = Vec::new();
    for number in 0..JOBS {
        let arguments = json!({"value": number});
        jobs.push(
            coprocessor
                .prove(&circuit, None, "compressed", &arguments)
                .await?,
        );
    }
    let mut streams = open_streams(coprocessor.url(), &jobs).await?;
    let paths: Vec<String> = std::iter::once("/api/historical".to_owned())
        .chain(jobs.iter().map(|job| format!("/api/jobs/{job}")))
        .collect();
    let limit = Duration::from_secs(seconds);
    let (times, memory) = tokio::join!(
        read(coprocessor.url(), &paths, limit),
        watch_memory(&service, limit)
    );
    let (times, memory) = (times?, memory?);
    ensure!(
        streams.try_join_next().is_none(),
        "a stream ended while reads were measured"
    );
    print("| reads beside 1,000 streams | answers | p50 | p99 | longest |\n|---|---|---|---|---|");
    let rate = times.len() as u64 / seconds.max(1);
    print(&Times::of(times).row(&format!("{rate}/s")));
    print("\n| after | memory |\n|---|---|");
    for (after, bytes) in memory {
        print(&format!("| {} s | {} MiB |", after.as_secs(), bytes >> 20));
    }
    Ok(())
}

/// Opens all streams, and keeps reading them.
async fn open_streams(url: &str, jobs: &[String]) -> anyhow::Result<JoinSet<()>> {
    let client = Client::new();
    let mut streams = JoinSet::new();
    for number in 0..STREAMS {
        let path = format!("{url}/api/jobs/{}/events", jobs[number % jobs.len()]);
        let answer = client.get(path).send().await.context("opening a stream")?;
        let mut events = answer.error_for_status()?.bytes_stream();
        let first = events.next().await.context("a stream ended at once")?;
        first.context("reading a stream")?;
        streams.spawn(async move { while events.next().await.is_some() {} });
    }
    Ok(streams)
}

/// Reads at a steady pace; a read that comes late because others took long is timed from when it was due.
async fn read(url: &str, paths: &[String], limit: Duration) -> anyhow::Result<Vec<Duration>> {
    // Each takes milliseconds to make.
    let clients: Vec<Client> = (0..READERS).map(|_| Client::new()).collect();
    let begun = Instant::now();
    let pause = Duration::from_secs(1) * READERS / RATE;
    let readers = (0..READERS)
        .zip(clients)
        .map(|(reader, client)| async move {
            let mut times = Vec::new();
            let mut due = begun + Duration::from_secs(1) / RATE * reader;
            while due.duration_since(begun) < limit {
                wait_until(due).await;
                let path = &paths[times.len() % paths.len()];
                let answer = client.get(format!("{url}{path}")).send().await?;
                answer.error_for_status()?.bytes().await?;
                times.push(due.elapsed());
                due += pause;
            }
            anyhow::Ok(times)
        });
    Ok(try_join_all(readers).await?.concat())
}

async fn watch_memory(service: &Service, limit: Duration) -> anyhow::Result<Vec<(Duration, u64)>> {
    let begun = Instant::now();
    let mut seen = vec![(Duration::ZERO, service.memory()?)];
    while begun.elapsed() < limit {
        tokio::time::sleep(LOOK.min(limit)).await;
        seen.push((begun.elapsed(), service.memory()?));
    }
    Ok(seen)
}
