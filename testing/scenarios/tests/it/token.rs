//! The committed token is the compiled source.

use anyhow::{Context as _, ensure};
use tokio::process::Command;
use valence_coprocessor_harness::{repository_root, tools_folder};

#[tokio::test]
async fn the_creation_code_is_what_the_compiler_makes() -> anyhow::Result<()> {
    let tools = tools_folder().context("there is a folder for tools")?;
    let token = repository_root().join("testing/harness/token");
    let output = Command::new("node")
        .arg(token.join("compile.js"))
        .arg(&tools)
        .output()
        .await
        .context("starting node; `cargo xtask setup` installs it")?;
    ensure!(
        output.status.success(),
        "run `cargo xtask setup`: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let committed = std::fs::read(token.join("Token.hex")).context("reading Token.hex")?;
    assert_eq!(output.stdout, committed);
    Ok(())
}
