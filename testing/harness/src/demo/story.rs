//! The steps of the demo, in order.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tempfile::TempDir;
use tokio::process::Command;
use valence_coprocessor_harness::{Programs, Service, ServiceOptions, StoreChoice};

use crate::{
    arguments::{Arguments, Kind},
    report::{self, Report},
    subject::Subject,
};

/// A compressed proof on two busy cores takes a quarter of an hour.
const PROOF: Duration = Duration::from_hours(1);

/// Runs the whole demo.
pub(crate) async fn tell(arguments: &Arguments, report: &Report) -> anyhow::Result<()> {
    let programs = Programs::find()?;
    let folder = tempfile::Builder::new()
        .prefix("valence-demo-")
        .tempdir()
        .context("making a folder for the demo's data")?;
    let subject = Subject::choose(arguments, &programs, folder.path(), report).await?;
    let stage = Stage::set(programs, &subject, folder, arguments.kind, report).await?;
    let circuit = stage.deploy(&subject).await?;
    let number = subject.feed(stage.service.coprocessor(), report).await?;
    let proven = stage.prove(&circuit, &subject, number).await?;
    stage.verify(&proven).await?;
    stage.compare(&subject, number, &proven).await?;
    report::result(&[
        ("domain", subject.domain().to_owned()),
        ("root", proven.root),
        ("block", number.to_string()),
        ("token", subject.token.clone()),
        ("holder", subject.holder.clone()),
        ("value", proven.value),
        ("circuit", circuit),
        ("vk", proven.verifying_key),
        ("proof", arguments.kind.as_str().to_owned()),
    ])?;
    stage.close(subject, arguments.keep).await?;
    report.done();
    Ok(())
}

/// A job that is done, with what the demo shows of it.
struct Proven {
    root: String,
    /// The balance, 32 bytes as hexadecimal.
    value: String,
    verifying_key: String,
    job: String,
}

/// What runs while the demo does.
struct Stage<'a> {
    programs: Programs,
    service: Service,
    folder: TempDir,
    kind: Kind,
    report: &'a Report,
}

impl<'a> Stage<'a> {
    async fn set(
        programs: Programs,
        subject: &Subject,
        folder: TempDir,
        kind: Kind,
        report: &'a Report,
    ) -> anyhow::Result<Self> {
        let step = report.step("service");
        let data = folder.path().join("data");
        let store = StoreChoice::Embedded(data.clone());
        let service = Service::start(&ServiceOptions {
            ethereum: Some(subject.node.url().to_owned()),
            ..ServiceOptions::new(&programs, store, folder.path())
        })
        .await?;
        let url = service.coprocessor().url();
        step.done(&format!("{url}, data in {}", data.display()));
        Ok(Self {
            programs,
            service,
            folder,
            kind,
            report,
        })
    }

    /// Deploys the domain and the example; answers the circuit's id.
    async fn deploy(&self, subject: &Subject) -> anyhow::Result<String> {
        let step = self.report.step("deploy domain");
        self.service
            .coprocessor()
            .deploy_domain(subject.domain(), &subject.guest()?)
            .await?;
        step.done(subject.domain());
        let step = self.report.step("deploy example");
        let circuit = self
            .service
            .coprocessor()
            .deploy(&subject.example, 0)
            .await?;
        step.done(&format!("circuit {circuit}"));
        Ok(circuit)
    }

    async fn prove(&self, circuit: &str, subject: &Subject, number: u64) -> anyhow::Result<Proven> {
        let step = self.report.step("prove balance");
        let coprocessor = self.service.coprocessor();
        let root = coprocessor.root().await?;
        let kind = self.kind.as_str();
        let id = coprocessor
            .prove(circuit, Some(&root), kind, &subject.arguments(number))
            .await?;
        let job = coprocessor
            .finish(&id, PROOF, |job| {
                let state = job["state"].as_str().unwrap_or_default();
                let text = job["progress"]["text"].as_str().unwrap_or_default();
                step.progress(&format!("{state} {text}"));
            })
            .await?;
        if job["state"] != "done" {
            bail!("the job ended as {}: {}", job["state"], job["failure"]);
        }
        let public_values = STANDARD
            .decode(job["result"]["public_values"].as_str().unwrap_or_default())
            .context("reading the public values")?;
        let (proven_root, output) = public_values
            .split_at_checked(32)
            .context("public values open with the root")?;
        ensure!(
            hex(proven_root) == root,
            "the proof is of another root than was asked for"
        );
        let value = output
            .last_chunk::<32>()
            .context("the output ends with the balance")?;
        step.done(&format!("{kind}, {} cycles", job["cycles"]));
        Ok(Proven {
            root,
            value: hex(value),
            verifying_key: job["result"]["verifying_key"]
                .as_str()
                .context("the job names its verifying key")?
                .to_owned(),
            job: id,
        })
    }

    /// Has the command line check the proof without the service.
    async fn verify(&self, proven: &Proven) -> anyhow::Result<()> {
        let step = self.report.step("verify offline");
        match self.kind {
            Kind::Execute => {
                step.done(
                    "nothing to verify: the circuit was run, not proven (try --kind compressed)",
                );
                return Ok(());
            }
            Kind::Core => {
                step.done(
                    "only the service could verify a core proof, and did (try --kind compressed)",
                );
                return Ok(());
            }
            Kind::Compressed => {}
        }
        let file = self.folder.path().join("balance.proof");
        let mut fetch = Command::new(&self.programs.cli);
        fetch
            .args(["--url", self.service.coprocessor().url()])
            .args(["jobs", "follow", &proven.job, "--out"])
            .arg(&file);
        run(fetch).await?;
        run(self.verification(&file, proven)).await?;
        self.refuse_a_changed_byte(&file, proven).await?;
        step.done("valid; with one byte changed it is refused");
        Ok(())
    }

    async fn refuse_a_changed_byte(&self, file: &Path, proven: &Proven) -> anyhow::Result<()> {
        let mut bytes = std::fs::read(file).context("reading the proof")?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let changed = self.folder.path().join("changed.proof");
        std::fs::write(&changed, bytes).context("writing a changed proof")?;
        ensure!(
            run(self.verification(&changed, proven)).await.is_err(),
            "a proof with a changed byte was accepted"
        );
        Ok(())
    }

    fn verification(&self, file: &Path, proven: &Proven) -> Command {
        let mut command = Command::new(&self.programs.cli);
        command.arg("verify").arg(file);
        command.args(["--vk", &proven.verifying_key]);
        command
    }

    /// Asks the node for the balance, and compares.
    async fn compare(&self, subject: &Subject, number: u64, proven: &Proven) -> anyhow::Result<()> {
        let step = self.report.step("ask the node");
        let says = subject
            .node
            .balance(&subject.token, &subject.holder, number)
            .await?;
        ensure!(
            says == proven.value,
            "the node says {says}, the circuit {}",
            proven.value
        );
        step.done("balanceOf answers the same");
        Ok(())
    }

    /// Stops everything and, unless it is to be kept, removes what the demo wrote.
    async fn close(self, subject: Subject, keep: bool) -> anyhow::Result<()> {
        let step = self.report.step("shut down");
        let status = self.service.terminate().await?;
        ensure!(status.success(), "the service ended with {status}");
        subject.close().await?;
        step.done("clean");
        if keep {
            let folder = self.folder.keep();
            report::say(&format!("kept {}", folder.display()));
        }
        Ok(())
    }
}

async fn run(mut command: Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .await
        .context("starting the command line")?;
    if !output.status.success() {
        bail!(
            "the command line said no: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("strings take any text");
        text
    })
}
