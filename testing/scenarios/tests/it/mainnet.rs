//! `ethereum-mainnet` from end to end, offline: what its nodes answered is played to the operator, which runs as a
//! program, and to the service.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use valence_coprocessor_harness::{Artifacts, Programs, Service};
use valence_coprocessor_player::{Player, Recording};
use valence_coprocessor_recorded_data::folder;

use crate::stage::{EXECUTION, options, statement, word};

const RECORDED: &str = "01-beacon-mainnet/deneb-1167-e2e-json";
const DOMAIN: &str = "ethereum-mainnet";
/// The slot at which trust begins: the block that the recorded update of the period attests to.
const CHECKPOINT_SLOT: u64 = 9_566_271;

/// Recorded nodes of mainnet, and a service that follows it.
struct Mainnet {
    programs: Programs,
    player: Player,
    service: Service,
    recorded: PathBuf,
    _folder: TempDir,
}

/// How a run of the operator ended.
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Mainnet {
    /// Starts all; nothing where the recorded data are missing, which was said then.
    async fn start() -> anyhow::Result<Option<Self>> {
        let Some(fixtures) = folder() else {
            return Ok(None);
        };
        let recorded = fixtures.join(RECORDED);
        let folder = tempfile::tempdir().context("making a folder")?;
        let programs = Programs::find()?;
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let player = Player::start(anywhere, Recording::mainnet_deneb(&recorded)?).await?;
        let node = format!("eth-mainnet={}", player.execution_url());
        let options = options(&programs, &folder, None).with(["--rpc", &node]);
        let service = Service::start(&options).await?;
        let guest = Artifacts::default().ethereum()?;
        service.coprocessor().deploy_domain(DOMAIN, &guest).await?;
        Ok(Some(Self {
            programs,
            player,
            service,
            recorded,
            _folder: folder,
        }))
    }

    /// Runs the operator to its end.
    async fn operator(&self, arguments: &[&str]) -> anyhow::Result<Outcome> {
        let output = Command::new(&self.programs.ethereum)
            .args(["--network", "mainnet", "--json"])
            .args(["--beacon", &self.player.beacon_url()])
            .args(["--service", self.service.coprocessor().url()])
            .args(arguments)
            // Keys of hosted nodes in a person's shell would bring the network in.
            .env_clear()
            .output()
            .await
            .context("starting the operator")?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Outcome {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        })
    }

    /// What a run that succeeds prints.
    async fn result(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let Outcome {
            code,
            stdout,
            stderr,
        } = self.operator(arguments).await?;
        ensure!(code == Some(0), "{arguments:?}: {code:?}, {stderr}");
        serde_json::from_str(&stdout).with_context(|| format!("{arguments:?} printed {stdout}"))
    }

    /// The root of the beacon block at a slot, as whoever picks a checkpoint looks it up.
    async fn block_root(&self, slot: u64) -> anyhow::Result<String> {
        let url = self.player.beacon_url();
        let answer = reqwest::get(format!("{url}/eth/v1/beacon/blocks/{slot}/root")).await?;
        let answer: Value = answer.error_for_status()?.json().await?;
        let root = answer["data"]["root"].as_str();
        root.map(str::to_owned).context("a block has a root")
    }

    /// Whether the domain has a block.
    async fn has_block(&self) -> anyhow::Result<bool> {
        let path = format!("/api/registry/domain/{DOMAIN}/latest");
        let answer = self.service.coprocessor().get(&path).await?;
        ensure!(
            answer.status == 200 || answer.code() == "unknown_block",
            "answered {}: {}",
            answer.status,
            answer.body
        );
        Ok(answer.status == 200)
    }
}

fn read(folder: &Path, file: &str) -> anyhow::Result<Value> {
    let text =
        std::fs::read_to_string(folder.join(file)).with_context(|| format!("reading {file}"))?;
    serde_json::from_str(&text).with_context(|| format!("{file} is JSON"))
}

#[tokio::test]
async fn recorded_mainnet_is_proven_from_a_checkpoint_to_an_absent_slot() -> anyhow::Result<()> {
    let Some(mainnet) = Mainnet::start().await? else {
        return Ok(());
    };
    let root = follow(&mainnet).await?;
    read_state(&mainnet, &root).await?;
    let status = mainnet.service.terminate().await?;
    ensure!(status.success(), "{status}");
    Ok(())
}

/// From the checkpoint to the finalized block; answers the root with it.
async fn follow(mainnet: &Mainnet) -> anyhow::Result<String> {
    let checkpoint = mainnet.block_root(CHECKPOINT_SLOT).await?;
    let trusted = ["--checkpoint", &checkpoint];
    let genesis = mainnet
        .result(&[&trusted[..], &["--print-genesis"]].concat())
        .await?;
    assert_eq!(genesis["domain"], DOMAIN);
    assert_eq!(genesis["slot"], CHECKPOINT_SLOT);
    assert_eq!(genesis["block_root"], checkpoint.trim_start_matches("0x"));

    let before = mainnet.service.coprocessor().root().await?;
    let plan = mainnet
        .result(&[&trusted[..], &["--dry-run"]].concat())
        .await?;
    ensure!(
        !mainnet.has_block().await?,
        "a dry run has appended a block"
    );
    assert_eq!(mainnet.service.coprocessor().root().await?, before);

    let once = ["--once", "--dev-execute"];
    let done = mainnet.result(&[&trusted[..], &once].concat()).await?;
    for (steps, has_root) in [(&plan["would_append"], false), (&done["appended"], true)] {
        let [step] = steps.as_array().context("steps are a list")?.as_slice() else {
            bail!("one step leads to the newest block: {steps}");
        };
        assert_eq!(step["previous"], genesis["genesis"]);
        assert_eq!(step["root"].is_string(), has_root, "{step}");
        check_step(mainnet, step)?;
    }
    assert_eq!(
        plan["would_append"][0]["state"],
        done["appended"][0]["state"]
    );
    let root = mainnet.service.coprocessor().root().await?;
    assert_eq!(done["appended"][0]["root"], root);

    // Trust has begun: whoever goes on needs no checkpoint, and finds nothing newer.
    let again = mainnet.result(&once).await?;
    assert_eq!(again, json!({"appended": []}));
    assert_eq!(mainnet.service.coprocessor().root().await?, root);
    Ok(root)
}

/// Demands that a step ends at the recorded finalized block.
fn check_step(mainnet: &Mainnet, step: &Value) -> anyhow::Result<()> {
    let update = read(&mainnet.recorded, "FinalityUpdateDeneb.json")?;
    let finalized = &update["data"]["finalized_header"];
    let execution = &finalized["execution"];
    for (got, expected) in [
        (&step["number"], &execution["block_number"]),
        (&step["slot"], &finalized["beacon"]["slot"]),
        (&step["time"], &execution["timestamp"]),
    ] {
        // The beacon API writes numbers as text.
        assert_eq!(json!(got.to_string()), *expected);
    }
    for (got, expected) in [
        (&step["state_root"], &execution["state_root"]),
        (&step["block_hash"], &execution["block_hash"]),
    ] {
        assert_eq!(word(got)?, word(expected)?);
    }
    Ok(())
}

/// What a circuit knows of an account under the finalized block, and what the node answered.
async fn read_state(mainnet: &Mainnet, root: &str) -> anyhow::Result<()> {
    let answer = read(&mainnet.recorded, "EthGetProof.json")?["result"].take();
    let update = read(&mainnet.recorded, "FinalityUpdateDeneb.json")?;
    let number = &update["data"]["finalized_header"]["execution"]["block_number"];
    let number: u64 = number.as_str().context("a number is text")?.parse()?;
    let slot = &answer["storageProof"][0];
    // That the slot is absent, its value says: nothing stores a zero.
    let expected = [
        word(&json!(format!("{number:x}")))?,
        word(&answer["nonce"])?,
        word(&answer["codeHash"])?,
        word(&slot["value"])?,
    ];
    let coprocessor = mainnet.service.coprocessor();
    let circuit = coprocessor
        .deploy(&Artifacts::default().factory()?, 0)
        .await?;
    // Without a number, under the newest block.
    for number in [json!(number), Value::Null] {
        let arguments = json!({"witnesses": [{
            "domain": DOMAIN,
            "arguments": {
                "address": answer["address"],
                "slots": [slot["key"]],
                "number": number,
            },
        }]});
        let id = coprocessor
            .prove(&circuit, None, "execute", &arguments)
            .await?;
        let job = coprocessor.finish(&id, EXECUTION, |_| ()).await?;
        let statement = statement(&job)?;
        assert_eq!(statement.root, root);
        assert_eq!(statement.words, expected);
    }
    Ok(())
}

#[tokio::test]
async fn the_operator_says_what_is_wrong_by_its_exit_code() -> anyhow::Result<()> {
    let Some(mainnet) = Mainnet::start().await? else {
        return Ok(());
    };
    let known = mainnet.block_root(CHECKPOINT_SLOT).await?;
    let unknown = format!("0x{}", "ab".repeat(32));
    let once = ["--once", "--dev-execute"];
    for (arguments, code, said) in [
        (&once[..], 1, "hint: --checkpoint ROOT"),
        (
            &["--checkpoint", "0x12", "--dry-run"],
            1,
            "64 hexadecimal digits",
        ),
        (&["--checkpoint", &known, "--once"], 1, "--elf"),
        (&["--checkpoint", &unknown, "--print-genesis"], 2, "404"),
        (
            &[
                "--checkpoint",
                &unknown,
                "--once",
                "--dev-execute",
                "--attempts",
                "1",
            ],
            2,
            "404",
        ),
    ] {
        let ended = mainnet.operator(arguments).await?;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(said),
            "{arguments:?}: {}",
            ended.stderr
        );
        assert!(ended.stdout.is_empty(), "{arguments:?}: {}", ended.stdout);
    }
    // At the finalized block itself there is nothing to append.
    let finalized = mainnet.block_root(9_567_456).await?;
    let plan = mainnet
        .result(&["--checkpoint", &finalized, "--dry-run"])
        .await?;
    assert_eq!(plan, json!({"would_append": []}));
    ensure!(!mainnet.has_block().await?, "nothing was to be appended");
    Ok(())
}
