//! What was acknowledged survives `kill -9`, at any moment.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use valence_coprocessor_harness::{
    Anvil, Artifacts, Coprocessor, ExecutionNode, Guest, Programs, Service, ServiceOptions,
    TRUSTED_DOMAIN, block_arguments,
};

use crate::{
    opening,
    stage::{EXECUTION, options},
};

/// How often the service is killed.
const KILLS: u64 = 50;

/// The longest that it lives before it is, in milliseconds.
const LONGEST_LIFE: u64 = 1_000;

/// The file that is written again and again.
const REWRITTEN: &str = "/rewritten";

/// Files that are kept: below the quota of a controller.
const MOST_FILES: u64 = 4_000;

/// Blocks that there are to feed.
const BLOCKS: u64 = 5_000;

/// What the service has acknowledged, and so must never lose.
#[derive(Debug, Default)]
struct Acknowledged {
    /// Number of each block, with the root after it.
    blocks: Vec<(u64, String)>,
    /// Names of domains.
    domains: Vec<String>,
    files: BTreeMap<String, String>,
    /// What stands in the one file that is written again and again.
    rewrites: u64,
    jobs: Vec<String>,
}

/// What is written next. It moves on before the request is sent: what was cut off is not sent again.
#[derive(Debug, Default)]
struct Next {
    block: u64,
    domain: u64,
    file: u64,
    job: u64,
}

/// What the work goes to.
struct Target<'a> {
    coprocessor: &'a Coprocessor,
    node: &'a ExecutionNode,
    circuit: &'a str,
    domain: &'a Guest,
}

#[tokio::test]
async fn nothing_acknowledged_is_lost() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let anvil = Anvil::start(&programs.anvil, folder.path()).await?;
    anvil.node().mine(BLOCKS).await?;
    let options = options(&programs, &folder, Some(anvil.url()));
    let guest = Artifacts::default().echo()?;
    let domain = Artifacts::default().ethereum_trusted()?;
    let (circuit, mut service) = first_start(&options, &guest).await?;

    let mut acknowledged = Acknowledged::default();
    let mut next = Next {
        block: 1,
        domain: 1,
        file: 1,
        job: 1,
    };
    let random = RandomState::new();
    for round in 0..KILLS {
        let life = Duration::from_millis(random.hash_one(round) % LONGEST_LIFE);
        let coprocessor = service.coprocessor().clone();
        let target = Target {
            coprocessor: &coprocessor,
            node: anvil.node(),
            circuit: &circuit,
            domain: &domain,
        };
        let is_killed = Cell::new(false);
        // Both run until the service is gone: it dies with requests under way.
        let working = async {
            let ended = work(&target, &mut next, &mut acknowledged).await;
            match ended {
                Err(error) if !is_killed.get() => Err(error),
                _ => Ok(()),
            }
        };
        let killing = async {
            tokio::time::sleep(life).await;
            is_killed.set(true);
            service.kill().await
        };
        let (worked, killed) = tokio::join!(working, killing);
        worked.context("a request failed before the service was killed")?;
        killed?;
        service = Service::start(&options)
            .await
            .with_context(|| format!("starting after kill {round}"))?;
        check_newest(service.coprocessor(), &circuit, &acknowledged)
            .await
            .with_context(|| format!("after kill {round}, which came after {life:?}"))?;
    }
    let coprocessor = service.coprocessor();
    check_all(coprocessor, &circuit, &acknowledged).await?;
    ensure!(
        runtime(coprocessor, &circuit).await? == guest.controller,
        "the circuit has another controller"
    );
    check_domains(coprocessor, &acknowledged).await?;
    check_jobs(coprocessor, &acknowledged).await?;
    Ok(())
}

#[tokio::test]
async fn a_clean_end_exits_with_zero_and_keeps_all() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    let anvil = Anvil::start(&programs.anvil, folder.path()).await?;
    anvil.node().mine(2).await?;
    let options = options(&programs, &folder, Some(anvil.url()));
    let guest = Artifacts::default().echo()?;
    let (circuit, service) = first_start(&options, &guest).await?;
    add(service.coprocessor(), anvil.node(), 1).await?;
    let root = service.coprocessor().root().await?;
    let arguments = json!({"value": "kept"});
    let job = service
        .coprocessor()
        .prove(&circuit, None, "execute", &arguments)
        .await?;
    let status = service.terminate().await?;
    ensure!(status.success(), "the service ended with {status}");

    let service = Service::start(&options).await?;
    assert_eq!(service.coprocessor().root().await?, root);
    let job = service
        .coprocessor()
        .finish(&job, EXECUTION, |_| ())
        .await?;
    assert_eq!(job["state"], "done", "{job}");
    add(service.coprocessor(), anvil.node(), 2).await?;
    opening::check(service.coprocessor(), TRUSTED_DOMAIN, 1, &root).await
}

/// Starts on an empty folder and deploys what the work needs; answers the circuit.
async fn first_start(options: &ServiceOptions, guest: &Guest) -> anyhow::Result<(String, Service)> {
    let service = Service::start(options).await?;
    let domain = Artifacts::default().ethereum_trusted()?;
    let coprocessor = service.coprocessor();
    coprocessor.deploy_domain(TRUSTED_DOMAIN, &domain).await?;
    let circuit = coprocessor.deploy(guest, 0).await?;
    Ok((circuit, service))
}

/// Writes blocks, domains, files and jobs side by side, until it is dropped.
async fn work(
    target: &Target<'_>,
    next: &mut Next,
    acknowledged: &mut Acknowledged,
) -> anyhow::Result<()> {
    tokio::try_join!(
        feed(target, &mut next.block, &mut acknowledged.blocks),
        deploy(target, &mut next.domain, &mut acknowledged.domains),
        store(
            target,
            &mut next.file,
            &mut acknowledged.files,
            &mut acknowledged.rewrites
        ),
        ask(target, &mut next.job, &mut acknowledged.jobs),
    )
    .map(|((), (), (), ())| ())
}

async fn feed(
    target: &Target<'_>,
    next: &mut u64,
    blocks: &mut Vec<(u64, String)>,
) -> anyhow::Result<()> {
    loop {
        let number = *next;
        if number > BLOCKS {
            // A fast machine has fed them all; the rest of the work goes on.
            std::future::pending::<()>().await;
        }
        *next += 1;
        let root = add(target.coprocessor, target.node, number).await?;
        blocks.push((number, root));
    }
}

/// Deploys domains, which need no verifying key here: a circuit's takes longer than the service lives.
async fn deploy(
    target: &Target<'_>,
    next: &mut u64,
    domains: &mut Vec<String>,
) -> anyhow::Result<()> {
    loop {
        let name = format!("domain-{next}");
        *next += 1;
        target
            .coprocessor
            .deploy_domain(&name, target.domain)
            .await?;
        domains.push(name);
    }
}

async fn store(
    target: &Target<'_>,
    next: &mut u64,
    files: &mut BTreeMap<String, String>,
    rewrites: &mut u64,
) -> anyhow::Result<()> {
    loop {
        let number = *next;
        *next += 1;
        if number < MOST_FILES {
            let path = format!("/kept/{number}");
            let contents = format!("contents of file {number}");
            write_file(target.coprocessor, target.circuit, &path, &contents).await?;
            files.insert(path, contents);
        }
        let rewrite = number.to_string();
        write_file(target.coprocessor, target.circuit, REWRITTEN, &rewrite).await?;
        *rewrites = number;
    }
}

async fn ask(target: &Target<'_>, next: &mut u64, jobs: &mut Vec<String>) -> anyhow::Result<()> {
    loop {
        let arguments = json!({"value": format!("job {next}")});
        *next += 1;
        let job = target
            .coprocessor
            .prove(target.circuit, None, "execute", &arguments)
            .await?;
        jobs.push(job);
        // A person asks now and then; a full queue is another matter.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Appends a block of the node; answers the root after it.
async fn add(
    coprocessor: &Coprocessor,
    node: &ExecutionNode,
    number: u64,
) -> anyhow::Result<String> {
    let (_, arguments) = block_arguments(node, number).await?;
    let answer = coprocessor
        .add_block(TRUSTED_DOMAIN, &arguments)
        .await?
        .expect_status(200)?;
    let bytes: Vec<u8> = answer["smt"]
        .as_array()
        .context("the answer holds the root")?
        .iter()
        .filter_map(|byte| u8::try_from(byte.as_u64()?).ok())
        .collect();
    Ok(crate::stage::hex(&bytes))
}

async fn write_file(
    coprocessor: &Coprocessor,
    circuit: &str,
    path: &str,
    contents: &str,
) -> anyhow::Result<()> {
    let body = json!({"path": path, "contents": STANDARD.encode(contents)});
    let headers = [("valence-coprocessor-circuit", circuit)];
    let body = serde_json::to_vec(&body).context("encoding a body")?;
    coprocessor
        .request(
            Method::POST,
            "/api/circuit/storage/fs",
            &headers,
            Some(body),
        )
        .await?
        .expect_status(200)
        .map(drop)
}

async fn read_file(
    coprocessor: &Coprocessor,
    circuit: &str,
    path: &str,
) -> anyhow::Result<Option<String>> {
    let query = format!("/api/circuit/storage/fs?path={path}");
    let headers = [("valence-coprocessor-circuit", circuit)];
    let answer = coprocessor
        .request(Method::GET, &query, &headers, None)
        .await?
        .expect_status(200)?;
    let Some(text) = answer.as_str() else {
        return Ok(None);
    };
    let bytes = STANDARD.decode(text).context("contents are base64")?;
    Ok(Some(String::from_utf8(bytes).context("contents are text")?))
}

/// What the last life of the service wrote is there; cheap enough for every kill.
async fn check_newest(
    coprocessor: &Coprocessor,
    circuit: &str,
    acknowledged: &Acknowledged,
) -> anyhow::Result<()> {
    if let Some((number, root)) = acknowledged.blocks.last() {
        let now = coprocessor.root().await?;
        if now != *root {
            // One append may have been cut off after its commit, before its answer.
            let update = coprocessor
                .get(&format!("/api/historical/{now}"))
                .await?
                .expect_status(200)?;
            ensure!(update["previous"] == **root, "{root} was lost: {update}");
        }
        opening::check(coprocessor, TRUSTED_DOMAIN, *number, root).await?;
    }
    if let Some((path, contents)) = acknowledged.files.last_key_value() {
        let got = read_file(coprocessor, circuit, path).await?;
        ensure!(got.as_ref() == Some(contents), "{path} holds {got:?}");
    }
    if acknowledged.rewrites > 0 {
        let got = read_file(coprocessor, circuit, REWRITTEN).await?;
        let got: u64 = got.context("the rewritten file was lost")?.parse()?;
        let last = acknowledged.rewrites;
        // Later numbers were sent and cut off; earlier ones were overwritten for good.
        ensure!(
            got >= last,
            "the rewritten file went back from {last} to {got}"
        );
    }
    for job in acknowledged.jobs.iter().rev().take(3) {
        coprocessor.job(job).await.context("a job was lost")?;
    }
    runtime(coprocessor, circuit).await?;
    check_domains(coprocessor, acknowledged).await?;
    Ok(())
}

/// Everything is there, and every root still opens.
async fn check_all(
    coprocessor: &Coprocessor,
    circuit: &str,
    acknowledged: &Acknowledged,
) -> anyhow::Result<()> {
    ensure!(
        !acknowledged.blocks.is_empty(),
        "no block was ever acknowledged"
    );
    ensure!(
        !acknowledged.files.is_empty(),
        "no file was ever acknowledged"
    );
    ensure!(
        !acknowledged.domains.is_empty(),
        "no domain was ever acknowledged"
    );
    ensure!(
        !acknowledged.jobs.is_empty(),
        "no job was ever acknowledged"
    );
    let (first, _) = acknowledged.blocks[0];
    for (number, root) in &acknowledged.blocks {
        opening::check(coprocessor, TRUSTED_DOMAIN, *number, root).await?;
        opening::check(coprocessor, TRUSTED_DOMAIN, first, root).await?;
    }
    for (path, contents) in &acknowledged.files {
        let got = read_file(coprocessor, circuit, path).await?;
        ensure!(got.as_ref() == Some(contents), "{path} holds {got:?}");
    }
    Ok(())
}

/// Every domain is registered.
async fn check_domains(
    coprocessor: &Coprocessor,
    acknowledged: &Acknowledged,
) -> anyhow::Result<()> {
    let answer = coprocessor.get("/api/domains").await?.expect_status(200)?;
    let listed: BTreeSet<_> = answer["domains"]
        .as_array()
        .context("a list of domains")?
        .iter()
        .filter_map(|domain| domain["name"].as_str())
        .collect();
    for name in &acknowledged.domains {
        ensure!(listed.contains(name.as_str()), "domain {name} was lost");
    }
    Ok(())
}

/// Every job ended, once, with what it was asked for.
async fn check_jobs(coprocessor: &Coprocessor, acknowledged: &Acknowledged) -> anyhow::Result<()> {
    for id in &acknowledged.jobs {
        let job = coprocessor.finish(id, EXECUTION, |_| ()).await?;
        ensure!(job["state"] == "done", "{job}");
        let states = job["states"].as_array().context("a job has states")?;
        let is_final = |change: &&Value| {
            matches!(
                change["state"].as_str(),
                Some("done" | "failed" | "cancelled")
            )
        };
        ensure!(
            states.iter().filter(is_final).count() == 1,
            "ended more than once: {job}"
        );
        ensure!(
            states.iter().rev().take(1).any(|change| is_final(&change)),
            "went on: {job}"
        );
    }
    let mut listed = BTreeMap::<String, u64>::new();
    let mut path = "/api/jobs?limit=100".to_owned();
    loop {
        let page = coprocessor.get(&path).await?.expect_status(200)?;
        for job in page["jobs"].as_array().context("a page has jobs")? {
            *listed.entry(job["id"].to_string()).or_default() += 1;
        }
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/jobs?limit=100&before={next}");
    }
    for id in &acknowledged.jobs {
        let count = listed.get(&json!(id).to_string()).copied();
        ensure!(count == Some(1), "job {id} is listed {count:?} times");
    }
    Ok(())
}

async fn runtime(coprocessor: &Coprocessor, circuit: &str) -> anyhow::Result<Vec<u8>> {
    let answer = coprocessor
        .get(&format!("/api/registry/controller/{circuit}/runtime"))
        .await?
        .expect_status(200)
        .with_context(|| format!("circuit {circuit} was lost"))?;
    let text = answer["base64"]
        .as_str()
        .context("the controller is base64")?;
    STANDARD.decode(text).context("the controller is base64")
}
