//! The command line against a real service: each command does what its help says.

use std::path::Path;

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use valence_coprocessor_harness::{
    Anvil, Artifacts, Programs, Service, TRUSTED_DOMAIN, block_arguments, repository_root,
};

use crate::stage::options;

/// Uses the committed files of the echo, so that nothing is built.
const MANIFEST: &str =
    "[circuit.echo]\ncircuit_file = \"echo.elf\"\ncontroller_file = \"echo.wasm\"\n";

/// The command line in a project's folder, talking to one service.
struct CommandLine<'a> {
    programs: &'a Programs,
    project: &'a Path,
    url: String,
}

impl CommandLine<'_> {
    /// Exit code, stdout and stderr.
    async fn run(&self, arguments: &[&str]) -> anyhow::Result<(Option<i32>, String, String)> {
        let output = Command::new(&self.programs.cli)
            .current_dir(self.project)
            .args(["--url", &self.url])
            .args(arguments)
            .output()
            .await
            .context("starting the command line")?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Ok((output.status.code(), stdout, stderr))
    }

    /// What a command that succeeds prints for people.
    async fn text(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let (code, stdout, stderr) = self.run(arguments).await?;
        ensure!(code == Some(0), "{arguments:?}: {code:?}, {stderr}");
        Ok(stdout.trim_end().to_owned())
    }

    /// What a command that succeeds prints for programs.
    async fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let with_json = [&["--json"], arguments].concat();
        let text = self.text(&with_json).await?;
        serde_json::from_str(&text).with_context(|| format!("{arguments:?} printed {text}"))
    }

    /// What a command that the user got wrong says.
    async fn refused(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let (code, stdout, stderr) = self.run(arguments).await?;
        ensure!(code == Some(1), "{arguments:?}: {code:?}, {stdout}{stderr}");
        Ok(stderr)
    }
}

/// A folder with a manifest and the built files that it names.
fn project() -> anyhow::Result<TempDir> {
    let folder = tempfile::tempdir().context("making a project")?;
    let artifacts = repository_root().join("guests/artifacts");
    for file in ["echo.elf", "echo.wasm", "ethereum-trusted.wasm"] {
        std::fs::copy(artifacts.join(file), folder.path().join(file))?;
    }
    std::fs::write(folder.path().join("valence.toml"), MANIFEST)?;
    Ok(folder)
}

#[tokio::test]
async fn every_command_works_against_a_service() -> anyhow::Result<()> {
    let (folder, project) = (tempfile::tempdir()?, project()?);
    let programs = Programs::find()?;
    let anvil = Anvil::start(&programs.anvil, folder.path()).await?;
    anvil.node().mine(1).await?;
    let service = Service::start(&options(&programs, &folder, Some(anvil.url()))).await?;
    let cli = CommandLine {
        programs: &programs,
        project: project.path(),
        url: service.coprocessor().url().to_owned(),
    };
    circuits(&cli).await?;
    domains(&cli, &anvil).await?;
    proofs(&cli).await?;
    another_service(&cli).await
}

async fn circuits(cli: &CommandLine<'_>) -> anyhow::Result<()> {
    let status = cli.text(&["status"]).await?;
    ensure!(status.contains("development"), "{status}");
    let deployed = cli.json(&["deploy"]).await?;
    let id = deployed[0]["id"].as_str().context("an id")?.to_owned();
    let key = cli.text(&["get", "vk"]).await?;
    assert_eq!(deployed[0]["verifying_key"], json!(key));
    let lock = std::fs::read_to_string(cli.project.join("valence.lock"))?;
    ensure!(lock.contains(&id) && lock.contains(&key), "{lock}");

    let guest = Artifacts::default().echo()?;
    assert_eq!(
        cli.text(&["get", "circuit"]).await?,
        STANDARD.encode(&guest.circuit)
    );
    cli.text(&["get", "runtime", "--out", "runtime.wasm"])
        .await?;
    assert_eq!(
        std::fs::read(cli.project.join("runtime.wasm"))?,
        guest.controller
    );
    cli.text(&["download", "--out", "downloaded"]).await?;
    let downloaded = cli.project.join("downloaded").join(&id);
    assert_eq!(
        std::fs::read(downloaded.join("circuit.bin"))?,
        guest.circuit
    );
    assert_eq!(
        std::fs::read(downloaded.join("controller.bin"))?,
        guest.controller
    );
    let unknown = cli
        .refused(&["get", "vk", "--circuit", &"ab".repeat(32)])
        .await?;
    ensure!(unknown.contains("no circuit"), "{unknown}");
    Ok(())
}

async fn domains(cli: &CommandLine<'_>, anvil: &Anvil) -> anyhow::Result<()> {
    let controller = ["--controller", "ethereum-trusted.wasm"];
    cli.text(&[&["domains", "deploy", TRUSTED_DOMAIN], &controller[..]].concat())
        .await?;
    let listed = cli.text(&["domains"]).await?;
    ensure!(
        listed.contains(TRUSTED_DOMAIN) && listed.contains("no block"),
        "{listed}"
    );
    let (block, arguments) = block_arguments(anvil.node(), 1).await?;
    let added = cli
        .json(&[
            "domains",
            "add",
            TRUSTED_DOMAIN,
            "--args",
            &arguments.to_string(),
        ])
        .await?;
    assert_eq!(added["number"], 1);
    let latest = cli.text(&["domains", "latest", TRUSTED_DOMAIN]).await?;
    let state_root = block.state_root.trim_start_matches("0x");
    ensure!(latest.contains(state_root), "{latest}");

    let root = cli.text(&["history"]).await?;
    assert_eq!(added["root"], json!(root));
    let update = cli.json(&["history", "update", &root]).await?;
    assert_eq!(update["block"]["number"], 1);
    let opening = cli
        .json(&["history", "opening", TRUSTED_DOMAIN, "1"])
        .await?;
    assert_eq!(opening["root"], json!(root));
    let listed = cli.text(&["history", "list"]).await?;
    ensure!(listed.contains(&root), "{listed}");
    let missing = cli
        .refused(&["history", "opening", TRUSTED_DOMAIN, "2"])
        .await?;
    ensure!(missing.contains("nearest present block is 1"), "{missing}");
    Ok(())
}

async fn proofs(cli: &CommandLine<'_>) -> anyhow::Result<()> {
    let arguments = ["--args", r#"{"value":7}"#];
    let witnesses = cli
        .json(&[&["prove", "--witnesses"], &arguments[..]].concat())
        .await?;
    ensure!(witnesses["witnesses"].is_object(), "{witnesses}");
    let proved = cli
        .json(
            &[
                &["prove", "--kind", "execute", "--out", "echo.proof"],
                &arguments[..],
            ]
            .concat(),
        )
        .await?;
    assert_eq!(proved["job"]["state"], "done");
    let id = proved["job"]["id"].as_str().context("an id")?;
    let jobs = cli.text(&["jobs", "list", "--state", "done"]).await?;
    ensure!(jobs.contains(id), "{jobs}");
    let job = cli.text(&["jobs", "show", id]).await?;
    ensure!(job.contains("done") && job.contains("cycles"), "{job}");
    cli.text(&["jobs", "follow", id]).await?;
    let ended = cli.refused(&["jobs", "cancel", id]).await?;
    ensure!(ended.contains("can no longer be cancelled"), "{ended}");
    let nothing = cli.refused(&["verify", "echo.proof"]).await?;
    ensure!(nothing.contains("--kind compressed"), "{nothing}");
    Ok(())
}

/// A circuit moves to another service and keeps its id and its key.
async fn another_service(cli: &CommandLine<'_>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let service = Service::start(&options(cli.programs, &folder, None)).await?;
    let other = CommandLine {
        url: service.coprocessor().url().to_owned(),
        ..*cli
    };
    let id = other.text(&["migrate", "--source", &cli.url]).await?;
    assert_eq!(
        other.text(&["get", "vk", "--circuit", &id]).await?,
        cli.text(&["get", "vk", "--circuit", &id]).await?
    );
    Ok(())
}
