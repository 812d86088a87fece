//! The steps of the demo, in order.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use valence_coprocessor_harness::{
    Anvil, Artifacts, ExecutionNode, Guest, Programs, Service, ServiceOptions, StoreChoice,
    TRUSTED_DOMAIN, Token, balance_arguments, balance_of_usdc_arguments, block_arguments,
};

use crate::{
    arguments::{Arguments, Kind},
    report::{self, Report},
};

/// A compressed proof on two busy cores takes a quarter of an hour.
const PROOF: Duration = Duration::from_hours(1);

/// Whose balance is proven on a local node: anvil's second account.
const HOLDER: &str = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

/// Runs the whole demo.
pub(crate) async fn tell(arguments: &Arguments, report: &Report) -> anyhow::Result<()> {
    report::say("The blocks of this demo are trusted, not proven: no light client checks them.");
    let programs = Programs::find()?;
    let folder = tempfile::Builder::new()
        .prefix("valence-demo-")
        .tempdir()
        .context("making a folder for the demo's data")?;
    let mut anvil = None;
    let subject = if let Some(url) = &arguments.rpc {
        Subject::on_a_node_of_the_user(url, arguments, report).await?
    } else {
        let step = report.step("execution node");
        let node = anvil.insert(Anvil::start(&programs.anvil, folder.path()).await?);
        step.done(&format!("anvil at {}", node.url()));
        Subject::on_a_local_node(node.node(), arguments, report).await?
    };
    let stage = Stage::set(programs, &subject, folder, arguments.kind, report).await?;
    let circuit = stage.deploy(&subject).await?;
    stage.feed(&subject).await?;
    let proven = stage.prove(&circuit, &subject).await?;
    stage.verify(&proven).await?;
    stage.compare(&subject, &proven).await?;
    report::result(&[
        ("root", proven.root),
        ("block", subject.proven.to_string()),
        ("token", subject.token),
        ("holder", subject.holder),
        ("value", proven.value),
        ("circuit", circuit),
        ("vk", proven.verifying_key),
        ("proof", arguments.kind.as_str().to_owned()),
    ])?;
    stage.close(anvil, arguments.keep).await?;
    report.done();
    Ok(())
}

/// USDC on Ethereum's mainnet, which the example has a circuit for.
const USDC: &str = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";

/// What is to be proven: how much of a token somebody holds at a block, and where to ask.
struct Subject {
    node: ExecutionNode,
    example: Guest,
    /// What the example's controller is asked.
    arguments: Value,
    token: String,
    holder: String,
    /// The blocks to feed, ascending.
    blocks: Vec<u64>,
    /// The one to prove at; not always the newest, since every block that was fed can be proven.
    proven: u64,
}

impl Subject {
    /// Deploys the token on a fresh node and moves some of it, three times.
    async fn on_a_local_node(
        node: &ExecutionNode,
        arguments: &Arguments,
        report: &Report,
    ) -> anyhow::Result<Self> {
        let step = report.step("token");
        let holder = arguments.holder.as_deref().unwrap_or(HOLDER);
        let token = Token::deploy(node).await?;
        let mut blocks = Vec::new();
        for value in [1_000, 200, 30] {
            token.transfer(node, holder, value).await?;
            blocks.push(node.block("latest").await?.number);
        }
        step.done(&format!("{}, moved in blocks {blocks:?}", token.address()));
        Ok(Self {
            node: node.clone(),
            example: Artifacts::default().storage_proof()?,
            arguments: balance_arguments(holder, blocks[1]),
            token: token.address().to_owned(),
            holder: holder.to_owned(),
            proven: blocks[1],
            blocks,
        })
    }

    /// Takes the newest blocks of mainnet, and USDC.
    async fn on_a_node_of_the_user(
        url: &str,
        arguments: &Arguments,
        report: &Report,
    ) -> anyhow::Result<Self> {
        let step = report.step("execution node");
        let node = ExecutionNode::new(url)?;
        let newest = node.block("latest").await?.number;
        let holder = arguments.holder.clone().context("--rpc needs --holder")?;
        step.done(&format!("yours, at block {newest}"));
        Ok(Self {
            node,
            example: Artifacts::default().storage_proof_of_usdc()?,
            arguments: balance_of_usdc_arguments(&holder, newest),
            token: USDC.to_owned(),
            holder,
            blocks: vec![newest.saturating_sub(1), newest],
            proven: newest,
        })
    }
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
        let service = Service::start(&ServiceOptions {
            program: programs.service.clone(),
            store: StoreChoice::Embedded(data.clone()),
            ethereum: Some(subject.node.url().to_owned()),
            log: folder.path().join("service.log"),
            arguments: Vec::new(),
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
        let domain = Artifacts::default().ethereum_trusted()?;
        self.service
            .coprocessor()
            .deploy_domain(TRUSTED_DOMAIN, &domain)
            .await?;
        step.done(TRUSTED_DOMAIN);
        let step = self.report.step("deploy example");
        let circuit = self
            .service
            .coprocessor()
            .deploy(&subject.example, 0)
            .await?;
        step.done(&format!("circuit {circuit}"));
        Ok(circuit)
    }

    async fn feed(&self, subject: &Subject) -> anyhow::Result<()> {
        for number in &subject.blocks {
            let step = self.report.step("add block");
            let (block, arguments) = block_arguments(&subject.node, *number).await?;
            self.service
                .coprocessor()
                .add_block(TRUSTED_DOMAIN, &arguments)
                .await?
                .expect_status(200)?;
            let root = self.service.coprocessor().root().await?;
            step.done(&format!(
                "{} with state root {}, trusted; root is now {}",
                block.number,
                short(&block.state_root),
                short(&root)
            ));
        }
        Ok(())
    }

    async fn prove(&self, circuit: &str, subject: &Subject) -> anyhow::Result<Proven> {
        let step = self.report.step("prove balance");
        let coprocessor = self.service.coprocessor();
        let root = coprocessor.root().await?;
        let kind = self.kind.as_str();
        let id = coprocessor
            .prove(circuit, Some(&root), kind, &subject.arguments)
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
    async fn compare(&self, subject: &Subject, proven: &Proven) -> anyhow::Result<()> {
        let step = self.report.step("ask the node");
        let says = subject
            .node
            .balance(&subject.token, &subject.holder, subject.proven)
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
    async fn close(self, anvil: Option<Anvil>, keep: bool) -> anyhow::Result<()> {
        let step = self.report.step("shut down");
        let status = self.service.terminate().await?;
        ensure!(status.success(), "the service ended with {status}");
        if let Some(anvil) = anvil {
            anvil.stop().await?;
        }
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

/// The beginning of a hash, enough to tell it from others by eye.
fn short(hash: &str) -> String {
    let digits = hash.trim_start_matches("0x");
    format!("{}…", digits.get(..8).unwrap_or(digits))
}
