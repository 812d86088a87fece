//! What a service adds to a job: the worker's zkVM takes no time, so all time is the service's, the store's and the wire's.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use valence_coprocessor_harness::HostedWorker;
use valence_coprocessor_zkvm::Execution;
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

use crate::stage::{Stage, Times, between, print, wait_until};

/// Jobs per second.
const RATE: u32 = 50;
const SECONDS: u32 = 60;

/// Where the root stands in what a circuit reads (docs/protocol.md, Encodings).
const ROOT: std::ops::Range<usize> = 8..40;

/// Prints what jobs take from acceptance to their end.
pub(crate) async fn measure() -> anyhow::Result<()> {
    // Publishes the root, as every circuit does, and nothing else.
    let instant = ScriptedZkvm::new(|_, input| {
        Ok(Execution {
            public_values: input.get(ROOT).unwrap_or_default().to_vec(),
            cycles: 1,
        })
    });
    let worker = HostedWorker::start(Arc::new(instant), 16).await?;
    let stage = &Stage::set(&[worker.address()]).await?;
    let begun = Instant::now();
    let jobs = (0..RATE * SECONDS).map(|number| async move {
        wait_until(begun + Duration::from_secs(1) / RATE * number).await;
        let number = number as usize;
        let id = stage.ask(number).await?;
        let job = stage.end(number, &id).await?;
        anyhow::ensure!(
            job["worker"] != "here",
            "a worker's answer was not taken: {job}"
        );
        Ok((
            between(&job, "accepted", "done")?,
            between(&job, "accepted", "queued")?,
            between(&job, "queued", "delivering")?,
            between(&job, "delivering", "done")?,
        ))
    });
    let times = try_join_all(jobs).await?;
    print("| from … to | jobs | p50 | p99 | longest |\n|---|---|---|---|---|");
    let part = |pick: fn(&(Duration, Duration, Duration, Duration)) -> Duration| {
        Times::of(times.iter().map(pick).collect())
    };
    print(&part(|times| times.0).row("accepted to done"));
    print(&part(|times| times.1).row("accepted to queued (witnesses)"));
    print(&part(|times| times.2).row("queued to delivering (worker)"));
    print(&part(|times| times.3).row("delivering to done (controller told)"));
    Ok(())
}
