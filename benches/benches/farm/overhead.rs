//! What a service adds to a job: the worker's zkVM takes no time, so all time is the service's, the store's and the wire's.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures_util::future::try_join_all;
use valence_coprocessor_harness::HostedWorker;
use valence_coprocessor_zkvm::Execution;
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

use crate::stage::{Stage, Times, at, between, print, wait_until};

/// Jobs per second.
const RATE: u32 = 50;
const SECONDS: u32 = 60;

/// Who asks and the services share a clock, which the services read in whole milliseconds.
const PARTS: [&str; 5] = [
    "asked to done",
    "accepted to done",
    "accepted to queued (witnesses)",
    "queued to delivering (worker)",
    "delivering to done (controller told)",
];

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
        #[expect(
            clippy::disallowed_methods,
            reason = "services date states by the same wall clock"
        )]
        let asked = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let id = stage.ask(number).await?;
        let job = stage.end(number, &id).await?;
        anyhow::ensure!(
            job["worker"] != "here",
            "a worker's answer was not taken: {job}"
        );
        Ok([
            at(&job, "done")?.saturating_sub(asked),
            between(&job, "accepted", "done")?,
            between(&job, "accepted", "queued")?,
            between(&job, "queued", "delivering")?,
            between(&job, "delivering", "done")?,
        ])
    });
    let times = try_join_all(jobs).await?;
    print("| from … to | jobs | p50 | p99 | longest |\n|---|---|---|---|---|");
    for (part, what) in PARTS.iter().enumerate() {
        let times = times.iter().map(|parts| parts[part]).collect();
        print(&Times::of(times).row(what));
    }
    Ok(())
}
