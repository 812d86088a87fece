//! Workers fail in every way there is, and no job notices more than a delay.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use valence_coprocessor_harness::{HostedWorker, Programs, Service, StoreChoice, Wire, Worker};
use valence_coprocessor_zkvm::Execution;
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

use crate::{
    farm::{ask, check_all, deploy_echo, port, service, worker, workers_of},
    receiver::Receiver,
    stage::hex,
};

/// One job, on a busy machine.
const SOON: Duration = Duration::from_mins(3);

/// Long enough for a few of the jobs to be under way.
const UNDER_WAY: Duration = Duration::from_millis(300);

#[tokio::test]
async fn attack_d6_a_killed_worker_loses_no_job() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let receiver = Receiver::start().await?;
    let stays = Worker::start(&worker(&programs, folder.path(), 0)).await?;
    let dies = Worker::start(&worker(&programs, folder.path(), 0)).await?;
    let place = port(&dies)?;
    let addresses = [stays.address().to_owned(), dies.address().to_owned()];
    let options = service(&programs, folder.path(), StoreChoice::Memory, &addresses);
    let service = Service::start(&options).await?;
    let circuit = deploy_echo(service.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..40 {
        jobs.insert(ask(service.coprocessor(), &circuit, value, &receiver).await?);
    }
    tokio::time::sleep(UNDER_WAY).await;
    dies.kill().await?;
    let again = Worker::start(&worker(&programs, folder.path(), place)).await?;
    check_all(service.coprocessor(), &jobs, &receiver).await?;
    ensure!(again.terminate().await?.success());
    ensure!(stays.terminate().await?.success());
    Ok(())
}

/// The service dies alone, then together with its worker. Its jobs are in its store, and the worker keeps nothing.
#[tokio::test]
async fn attack_d6_a_killed_service_goes_on_where_it_was() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let receiver = Receiver::start().await?;
    let only = Worker::start(&worker(&programs, folder.path(), 0)).await?;
    let place = port(&only)?;
    let store = StoreChoice::Embedded(folder.path().join("data"));
    let addresses = [only.address().to_owned()];
    let options = service(&programs, folder.path(), store, &addresses);
    let first = Service::start(&options).await?;
    let circuit = deploy_echo(first.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..30 {
        jobs.insert(ask(first.coprocessor(), &circuit, value, &receiver).await?);
    }
    first.kill().await?;
    let second = Service::start(&options).await?;
    for value in 30..60 {
        jobs.insert(ask(second.coprocessor(), &circuit, value, &receiver).await?);
    }
    second.kill().await?;
    only.kill().await?;
    let third = Service::start(&options).await?;
    let _again = Worker::start(&worker(&programs, folder.path(), place)).await?;
    check_all(third.coprocessor(), &jobs, &receiver).await?;
    Ok(())
}

#[tokio::test]
async fn a_cut_network_only_delays() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let receiver = Receiver::start().await?;
    let only = Worker::start(&worker(&programs, folder.path(), 0)).await?;
    let wire = Wire::to(only.address()).await?;
    let options = service(
        &programs,
        folder.path(),
        StoreChoice::Memory,
        &[wire.address()],
    );
    let service = Service::start(&options).await?;
    let circuit = deploy_echo(service.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..20 {
        jobs.insert(ask(service.coprocessor(), &circuit, value, &receiver).await?);
    }
    tokio::time::sleep(UNDER_WAY).await;
    wire.cut();
    jobs.insert(ask(service.coprocessor(), &circuit, 20, &receiver).await?);
    tokio::time::sleep(UNDER_WAY).await;
    ensure!(
        receiver.deliveries().len() < jobs.len(),
        "a job ended without a worker"
    );
    wire.mend();
    check_all(service.coprocessor(), &jobs, &receiver).await?;
    Ok(())
}

#[tokio::test]
async fn attack_d3_a_worker_that_hangs_is_left_alone() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let receiver = Receiver::start().await?;
    let works = Worker::start(&worker(&programs, folder.path(), 0)).await?;
    let hangs = Worker::start(&worker(&programs, folder.path(), 0)).await?;
    let addresses = [works.address().to_owned(), hangs.address().to_owned()];
    let options = service(&programs, folder.path(), StoreChoice::Memory, &addresses);
    let service = Service::start(&options).await?;
    let circuit = deploy_echo(service.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..20 {
        jobs.insert(ask(service.coprocessor(), &circuit, value, &receiver).await?);
    }
    hangs.freeze()?;
    for value in 20..30 {
        jobs.insert(ask(service.coprocessor(), &circuit, value, &receiver).await?);
    }
    let ended = check_all(service.coprocessor(), &jobs, &receiver).await?;
    ensure!(
        workers_of(&ended)
            .iter()
            .any(|name| name.contains(works.address())),
        "nothing was done by the worker that works"
    );
    hangs.thaw()?;
    Ok(())
}

/// More jobs than slots and queue of the only worker.
#[tokio::test]
async fn a_full_queue_is_waited_for() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let receiver = Receiver::start().await?;
    let mut options = worker(&programs, folder.path(), 0);
    (options.slots, options.queue) = (1, 1);
    let only = Worker::start(&options).await?;
    let addresses = [only.address().to_owned()];
    let options = service(&programs, folder.path(), StoreChoice::Memory, &addresses);
    let service = Service::start(&options).await?;
    let circuit = deploy_echo(service.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..30 {
        jobs.insert(ask(service.coprocessor(), &circuit, value, &receiver).await?);
    }
    check_all(service.coprocessor(), &jobs, &receiver).await?;
    Ok(())
}

#[tokio::test]
async fn attack_d2_a_worker_without_the_secret_gets_no_work() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let receiver = Receiver::start().await?;
    let only = Worker::start(&worker(&programs, folder.path(), 0)).await?;
    let addresses = [only.address().to_owned()];
    let mut options = service(&programs, folder.path(), StoreChoice::Memory, &addresses);
    let secret = folder.path().join("secret");
    std::fs::write(
        &secret,
        "another secret, which is also longer than it must be\n",
    )?;
    let path = secret.to_str().context("a path in UTF-8")?.to_owned();
    options
        .arguments
        .extend(["--prover-secret-file".to_owned(), path]);
    let service = Service::start(&options).await?;
    let circuit = deploy_echo(service.coprocessor()).await?;
    let id = ask(service.coprocessor(), &circuit, 1, &receiver).await?;
    tokio::time::sleep(UNDER_WAY * 5).await;
    let job = service.coprocessor().job(&id).await?;
    ensure!(job["state"] == "queued", "{job}");
    let listed = service.coprocessor().get("/api/prover").await?;
    let listed = listed.expect_status(200)?;
    ensure!(listed["workers"][0]["state"] == "set_aside", "{listed}");
    // Why is the operator's business, not everybody's.
    let log = std::fs::read_to_string(service.log())?;
    ensure!(
        log.contains("secret"),
        "the log does not say what is wrong: {log}"
    );
    Ok(())
}

/// A worker that knows the secret and lies: of a run, and of a proof.
#[tokio::test]
async fn attack_d5_a_lying_worker_makes_nothing_true() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let receiver = Receiver::start().await?;
    let makes_it_up = ScriptedZkvm::new(|_, _| {
        Ok(Execution {
            public_values: LIE.to_vec(),
            cycles: 1,
        })
    });
    let liar = HostedWorker::start(Arc::new(makes_it_up), 1).await?;
    let addresses = [liar.address()];
    let options = service(&programs, folder.path(), StoreChoice::Memory, &addresses);
    let service = Service::start(&options).await?;
    let coprocessor = service.coprocessor();
    let circuit = deploy_echo(coprocessor).await?;
    let root = coprocessor.root().await?;

    let run = ask(coprocessor, &circuit, 7, &receiver).await?;
    let job = coprocessor.finish(&run, SOON, |_| ()).await?;
    ensure!(job["state"] == "done" && job["worker"] == "here", "{job}");
    let published = job["result"]["public_values"].as_str().context("values")?;
    let published = STANDARD.decode(published)?;
    ensure!(hex(&published[..32]) == root, "another root: {job}");
    ensure!(published != LIE, "the lie was published");

    let proof = coprocessor
        .prove(&circuit, None, "compressed", &json!({"value": 8}))
        .await?;
    let job = coprocessor.finish(&proof, SOON, |_| ()).await?;
    ensure!(job["state"] == "failed", "{job}");
    ensure!(job["failure"]["code"] == "invalid_proof", "{job}");
    let listed = coprocessor.get("/api/prover").await?.expect_status(200)?;
    ensure!(listed["workers"][0]["state"] == "set_aside", "{listed}");
    Ok(())
}

/// Public values that no circuit has.
const LIE: &[u8] = &[7; 64];

/// The client's trace is that of the job, of its lines in the service's log, and of those in the worker's.
#[tokio::test]
async fn one_trace_leads_from_the_request_to_the_worker() -> anyhow::Result<()> {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let options = worker(&programs, folder.path(), 0);
    let only = Worker::start(&options).await?;
    let addresses = [only.address().to_owned()];
    let service = {
        let options = service(&programs, folder.path(), StoreChoice::Memory, &addresses);
        Service::start(&options).await?
    };
    let coprocessor = service.coprocessor();
    let circuit = deploy_echo(coprocessor).await?;
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let headers = [
        ("valence-coprocessor-circuit", circuit.as_str()),
        ("traceparent", parent.as_str()),
    ];
    let body = serde_json::to_vec(&json!({"args": {"value": 1}, "kind": "execute"}))?;
    let answer = coprocessor
        .request(
            reqwest::Method::POST,
            "/api/circuit/prove",
            &headers,
            Some(body),
        )
        .await?
        .expect_status(200)?;
    let id = answer["job"].as_str().context("the answer names the job")?;
    let job = coprocessor.finish(id, SOON, |_| ()).await?;
    ensure!(job["state"] == "done" && job["trace"] == TRACE, "{job}");
    let service_log = service.log().to_owned();
    ensure!(service.terminate().await?.success());
    ensure!(only.terminate().await?.success());
    for log in [service_log, options.log] {
        let text = std::fs::read_to_string(&log)?;
        ensure!(text.contains(TRACE), "{}: {text}", log.display());
    }
    Ok(())
}
