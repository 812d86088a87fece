//! Services with workers: what the scenarios about failures start from.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use valence_coprocessor_harness::{
    Artifacts, Coprocessor, Programs, ServiceOptions, StoreChoice, Worker, WorkerOptions,
};

use crate::receiver::Receiver;

/// All jobs of a scenario, on a busy machine.
const ALL: Duration = Duration::from_mins(8);

/// A worker that executes; port 0 takes a free one.
pub(crate) fn worker(programs: &Programs, folder: &Path, port: u16) -> WorkerOptions {
    WorkerOptions {
        program: programs.prover.clone(),
        backend: "execute",
        slots: 2,
        queue: 64,
        port,
        log: folder.join(format!("worker-{port}.log")),
    }
}

/// A service that has its work done by these workers alone.
pub(crate) fn service(
    programs: &Programs,
    folder: &Path,
    store: StoreChoice,
    workers: &[String],
) -> ServiceOptions {
    ServiceOptions::new(programs, store, folder)
        .with(["--allow-network", "127.0.0.1", "--live-jobs", "1000"])
        .with_workers(workers)
}

/// Deploys the circuit whose output is what it reads.
pub(crate) async fn deploy_echo(coprocessor: &Coprocessor) -> anyhow::Result<String> {
    coprocessor.deploy(&Artifacts::default().echo()?, 0).await
}

/// Asks for an execution, whose end is told to `receiver`.
pub(crate) async fn ask(
    coprocessor: &Coprocessor,
    circuit: &str,
    value: usize,
    receiver: &Receiver,
) -> anyhow::Result<String> {
    let body = json!({
        "args": {"value": value},
        "kind": "execute",
        "callback_url": receiver.url(),
    });
    let answer = coprocessor
        .request(
            reqwest::Method::POST,
            "/api/circuit/prove",
            &[("valence-coprocessor-circuit", circuit)],
            Some(serde_json::to_vec(&body)?),
        )
        .await?;
    let answer = answer.expect_status(200)?;
    let id = answer["job"].as_str().context("the answer names the job")?;
    Ok(id.to_owned())
}

/// Waits for all jobs, and demands that each ended well, once, and was delivered under its own id only.
pub(crate) async fn check_all(
    coprocessor: &Coprocessor,
    jobs: &BTreeSet<String>,
    receiver: &Receiver,
) -> anyhow::Result<BTreeMap<String, Value>> {
    let mut ended = BTreeMap::new();
    for id in jobs {
        let job = coprocessor.finish(id, ALL, |_| ()).await?;
        ensure!(job["state"] == "done", "{job}");
        let states = job["states"].as_array().context("a job has states")?;
        let ends = states.iter().filter(|change| {
            matches!(
                change["state"].as_str(),
                Some("done" | "failed" | "cancelled")
            )
        });
        ensure!(ends.count() == 1, "ended more than once: {job}");
        ended.insert(id.clone(), job);
    }
    let deliveries = receiver.deliveries();
    let delivered: BTreeSet<String> = deliveries.keys().cloned().collect();
    ensure!(
        &delivered == jobs,
        "jobs without a delivery, or deliveries of no job: {:?}",
        delivered.symmetric_difference(jobs).collect::<Vec<_>>()
    );
    for (id, bodies) in &deliveries {
        let first = &bodies[0];
        ensure!(
            bodies.iter().all(|body| body == first),
            "job {id} was delivered with several outcomes: {bodies:?}"
        );
    }
    Ok(ended)
}

/// The worker that did each of these jobs.
pub(crate) fn workers_of(ended: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let workers = ended.values().filter_map(|job| job["worker"].as_str());
    workers.map(str::to_owned).collect()
}

/// The port of a worker's address, to start another in its place.
pub(crate) fn port(worker: &Worker) -> anyhow::Result<u16> {
    let (_, port) = worker.address().rsplit_once(':').context("host:port")?;
    port.parse().context("a port")
}
