//! Clients that exist keep working: the published crate itself makes every call that it has.

use anyhow::{Context as _, ensure};
use tokio::process::Command;
use valence_coprocessor_harness::{Programs, Service, repository_root};

use crate::stage::options;

#[tokio::test]
async fn every_call_of_the_published_client_works() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let programs = Programs::find()?;
    ensure!(
        programs.published_client.is_file(),
        "the published client is not built: `cargo xtask test` does it"
    );
    let options = options(&programs, &folder, None).with([
        "--default-kind",
        "execute",
        "--allow-network",
        "127.0.0.1",
    ]);
    let service = Service::start(&options).await?;
    let output = Command::new(&programs.published_client)
        .arg(service.coprocessor().url())
        .arg(repository_root().join("guests/artifacts/echo.elf"))
        .output()
        .await
        .context("starting the published client")?;
    ensure!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
