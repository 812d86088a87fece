//! Workspaces apart from the main one repeat its lints, word for word.

use anyhow::Context as _;

use super::Findings;
use crate::repository::Repository;

const START: &str = "[workspace.lints";

/// Plays a user of the published crate, with the dependencies and the freedom of one.
const FOREIGN: &str = "testing/published-client/";

pub(super) fn check(
    repository: &Repository,
    files: &[String],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let read = |file: &str| {
        std::fs::read_to_string(repository.path(file)).with_context(|| format!("reading {file}"))
    };
    let main = read("Cargo.toml")?;
    let expected = block(&main);
    let ours = |file: &&String| file.ends_with("Cargo.toml") && !file.starts_with(FOREIGN);
    for file in files.iter().filter(ours) {
        let text = read(file)?;
        let is_workspace = text.lines().any(|line| line.trim() == "[workspace]");
        if is_workspace && block(&text) != expected {
            findings.add(
                file,
                "its lints are not those of the main workspace: copy the block",
            );
        }
        let is_package = text.lines().any(|line| line.trim() == "[package]");
        if is_package && !inherits(&text) {
            findings.add(file, "does not say `[lints] workspace = true`");
        }
    }
    Ok(())
}

fn inherits(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .find(|line| *line == "[lints]")
        .and_then(|_| lines.next())
        == Some("workspace = true")
}

/// The lint tables, without comments and blank lines.
fn block(text: &str) -> Vec<&str> {
    let mut inside = false;
    text.lines()
        .map(str::trim)
        .filter(|line| {
            if line.starts_with('[') {
                inside = line.starts_with(START);
            }
            inside && !line.is_empty() && !line.starts_with('#')
        })
        .collect()
}
