//! Jobs per second, by the number of workers.

use std::time::Instant;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use valence_coprocessor_harness::{Programs, Worker, WorkerOptions};

use crate::stage::{Stage, print};

const WORKERS: usize = 3;
const JOBS: usize = 60;

/// Jobs that are asked for at once; more than all workers take.
const AT_ONCE: usize = 32;

/// Prints a table of workers and jobs per second.
pub(crate) async fn measure() -> anyhow::Result<()> {
    print("| workers | jobs/s |\n|---|---|");
    for count in 1..=WORKERS {
        let folder = tempfile::tempdir().context("making a folder")?;
        let programs = Programs::find()?;
        let mut workers = Vec::new();
        for number in 0..count {
            let options = WorkerOptions {
                program: programs.prover.clone(),
                backend: "execute",
                slots: 1,
                queue: 64,
                port: 0,
                log: folder.path().join(format!("worker-{number}.log")),
            };
            workers.push(Worker::start(&options).await?);
        }
        let addresses: Vec<String> = workers.iter().map(|one| one.address().to_owned()).collect();
        let stage = &Stage::set(&addresses).await?;
        let begun = Instant::now();
        stream::iter(0..JOBS)
            .map(|number| async move {
                let id = stage.ask(number).await?;
                stage.end(number, &id).await.map(drop)
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        let jobs = u32::try_from(JOBS).context("few jobs")?;
        let rate = f64::from(jobs) / begun.elapsed().as_secs_f64();
        print(&format!("| {count} | {rate:.1} |"));
    }
    Ok(())
}
