//! Several services on one Redis, each with workers: any of them may die at any moment.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher as _, RandomState},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use valence_coprocessor_harness::{
    Coprocessor, Programs, Service, ServiceOptions, StoreChoice, Worker,
};
use valence_coprocessor_redis_server::{RedisServer, Sentinel};

use crate::{
    farm::{ask, check_all, deploy_echo, service, worker, workers_of},
    receiver::Receiver,
};

/// Jobs of the scenario in which everything is killed.
const JOBS: usize = 200;

/// How often something is killed meanwhile.
const KILLS: u64 = 12;

/// The longest time between two kills, in milliseconds.
const LONGEST_PEACE: u64 = 1_500;

struct Pair {
    folder: TempDir,
    programs: Programs,
    redis: RedisServer,
    receiver: Receiver,
}

impl Pair {
    async fn new() -> anyhow::Result<Self> {
        Ok(Self {
            folder: tempfile::tempdir().context("making a folder")?,
            programs: Programs::find()?,
            redis: RedisServer::start()?,
            receiver: Receiver::start().await?,
        })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn options(&self, workers: &[String]) -> ServiceOptions {
        let store = StoreChoice::Shared(self.redis.url());
        service(&self.programs, self.path(), store, workers)
    }
}

#[tokio::test]
async fn any_service_answers_for_any_other() -> anyhow::Result<()> {
    let pair = Pair::new().await?;
    let work = Worker::start(&worker(&pair.programs, pair.path(), 0)).await?;
    let options = pair.options(&[work.address().to_owned()]);
    let (one, other) = (
        Service::start(&options).await?,
        Service::start(&options).await?,
    );
    let circuit = deploy_echo(one.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..10 {
        jobs.insert(ask(one.coprocessor(), &circuit, value, &pair.receiver).await?);
        jobs.insert(ask(other.coprocessor(), &circuit, 100 + value, &pair.receiver).await?);
    }
    check_all(one.coprocessor(), &jobs, &pair.receiver).await?;
    check_all(other.coprocessor(), &jobs, &pair.receiver).await?;
    // The same request at both is one job.
    let same = ask(one.coprocessor(), &circuit, 1_000, &pair.receiver).await?;
    ensure!(same == ask(other.coprocessor(), &circuit, 1_000, &pair.receiver).await?);
    Ok(())
}

#[tokio::test]
async fn attack_d6_two_hundred_jobs_end_once_whatever_is_killed() -> anyhow::Result<()> {
    let pair = Pair::new().await?;
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(Worker::start(&worker(&pair.programs, pair.path(), 0)).await?);
    }
    let addresses: Vec<String> = workers.iter().map(|one| one.address().to_owned()).collect();
    let options = pair.options(&addresses);
    let mut services = vec![
        Service::start(&options).await?,
        Service::start(&options).await?,
    ];
    let circuit = deploy_echo(services[0].coprocessor()).await?;
    let (mut jobs, mut value) = (BTreeSet::new(), 0);
    let random = RandomState::new();
    for round in 0..KILLS {
        let until = JOBS * usize::try_from(round + 1)? / usize::try_from(KILLS)?;
        while value < until {
            let to = services[value % services.len()].coprocessor();
            jobs.insert(ask(to, &circuit, value, &pair.receiver).await?);
            value += 1;
        }
        let peace = Duration::from_millis(random.hash_one(round) % LONGEST_PEACE);
        tokio::time::sleep(peace).await;
        kill_one(round, &pair, &options, &mut services, &mut workers).await?;
    }
    ensure!(jobs.len() == JOBS, "{} jobs were accepted", jobs.len());
    let ended = check_all(services[0].coprocessor(), &jobs, &pair.receiver).await?;
    ensure!(workers_of(&ended).len() > 1, "one worker did everything");
    check_listed(services[1].coprocessor(), &jobs).await
}

/// In turns a worker, a service, and one of each are killed and started again.
async fn kill_one(
    round: u64,
    pair: &Pair,
    options: &ServiceOptions,
    services: &mut Vec<Service>,
    workers: &mut Vec<Worker>,
) -> anyhow::Result<()> {
    if round % 3 != 1 {
        let dies = workers.remove(0);
        let place = crate::farm::port(&dies)?;
        dies.kill().await?;
        workers.push(Worker::start(&worker(&pair.programs, pair.path(), place)).await?);
    }
    if !round.is_multiple_of(3) {
        services.remove(0).kill().await?;
        services.push(Service::start(options).await?);
    }
    Ok(())
}

/// Each job is in the list once.
async fn check_listed(coprocessor: &Coprocessor, jobs: &BTreeSet<String>) -> anyhow::Result<()> {
    let (mut listed, mut path) = (Vec::new(), "/api/jobs?limit=100".to_owned());
    loop {
        let page = coprocessor.get(&path).await?.expect_status(200)?;
        let rows = page["jobs"].as_array().context("a page has jobs")?;
        listed.extend(
            rows.iter()
                .filter_map(|job| job["id"].as_str().map(str::to_owned)),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/jobs?limit=100&before={next}");
    }
    let distinct: BTreeSet<String> = listed.iter().cloned().collect();
    ensure!(listed.len() == distinct.len(), "a job is listed twice");
    ensure!(
        &distinct == jobs,
        "the list has other jobs than were accepted"
    );
    Ok(())
}

#[tokio::test]
async fn jobs_go_on_when_redis_is_killed_and_comes_back() -> anyhow::Result<()> {
    let mut pair = Pair::new().await?;
    let work = Worker::start(&worker(&pair.programs, pair.path(), 0)).await?;
    let options = pair.options(&[work.address().to_owned()]);
    let service = Service::start(&options).await?;
    let circuit = deploy_echo(service.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..30 {
        jobs.insert(ask(service.coprocessor(), &circuit, value, &pair.receiver).await?);
    }
    pair.redis.kill()?;
    let refused = ask(service.coprocessor(), &circuit, 30, &pair.receiver).await;
    ensure!(refused.is_err(), "a job was accepted without a store");
    pair.redis.start_again()?;
    check_all(service.coprocessor(), &jobs, &pair.receiver).await?;
    Ok(())
}

/// The master dies for good; sentinel puts a replica in its place.
#[tokio::test]
async fn jobs_go_on_when_redis_fails_over() -> anyhow::Result<()> {
    let mut pair = Pair::new().await?;
    // Two replicas, because the one that is left must have one to wait for.
    let replicas = [pair.redis.start_replica()?, pair.redis.start_replica()?];
    let sentinel = Sentinel::start(&pair.redis, replicas.len())?;
    let work = Worker::start(&worker(&pair.programs, pair.path(), 0)).await?;
    let url = format!("{}?replicas=1&timeout=20", sentinel.url());
    let addresses = [work.address().to_owned()];
    let options = service(
        &pair.programs,
        pair.path(),
        StoreChoice::Shared(url),
        &addresses,
    );
    let (one, other) = (
        Service::start(&options).await?,
        Service::start(&options).await?,
    );
    let circuit = deploy_echo(one.coprocessor()).await?;
    let mut jobs = BTreeSet::new();
    for value in 0..30 {
        jobs.insert(ask(one.coprocessor(), &circuit, value, &pair.receiver).await?);
    }
    pair.redis.kill()?;
    // Whatever waits for the new master is accepted by it.
    for value in 30..40 {
        jobs.insert(ask(other.coprocessor(), &circuit, value, &pair.receiver).await?);
    }
    check_all(one.coprocessor(), &jobs, &pair.receiver).await?;
    check_listed(other.coprocessor(), &jobs).await
}
