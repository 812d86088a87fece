//! Documents keep their promises: every package has a README that says what belongs in it, every
//! path that ARCHITECTURE.md names exists, and nothing names the machine that it was written on.

use anyhow::Context as _;

use super::Findings;
use crate::repository::Repository;

/// Files that are not text.
const BINARY: &[&str] = &[".elf", ".wasm", ".bin", ".png", ".ssz"];

pub(super) fn check(
    repository: &Repository,
    files: &[String],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    check_readmes(repository, files, findings)?;
    check_paths(repository, findings)?;
    check_places(repository, files, findings);
    Ok(())
}

fn check_readmes(
    repository: &Repository,
    files: &[String],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for manifest in files.iter().filter(|file| file.ends_with("/Cargo.toml")) {
        let text = std::fs::read_to_string(repository.path(manifest))
            .with_context(|| format!("reading {manifest}"))?;
        if !text.lines().any(|line| line.trim() == "[package]") || is_part_of_a_whole(manifest) {
            continue;
        }
        let readme = manifest.replace("Cargo.toml", "README.md");
        let Ok(text) = std::fs::read_to_string(repository.path(&readme)) else {
            findings.add(&readme, "is missing: say what belongs in this package");
            continue;
        };
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let has_title = lines.next().is_some_and(|line| line.starts_with("# "));
        let has_paragraph = lines
            .next()
            .is_some_and(|line| !line.starts_with(['#', '|', '`']));
        if !has_title || !has_paragraph {
            findings.add(
                &readme,
                "does not open with a title and a paragraph on what belongs here",
            );
        }
    }
    Ok(())
}

/// Guests and examples are explained by the README of the folder that they share.
fn is_part_of_a_whole(manifest: &str) -> bool {
    manifest.starts_with("guests/") || manifest.starts_with("examples/")
}

fn check_paths(repository: &Repository, findings: &mut Findings) -> anyhow::Result<()> {
    let file = "ARCHITECTURE.md";
    let text = std::fs::read_to_string(repository.path(file))
        .with_context(|| format!("reading {file}"))?;
    for path in paths(&text) {
        if !repository.path(path).exists() {
            findings.add(file, &format!("names `{path}`, which does not exist"));
        }
    }
    Ok(())
}

/// What stands between backticks and looks like a path of ours.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|word| word.contains('/') && !word.starts_with('/'))
        .filter(|word| !word.contains([' ', ':', '*', '{', '<', '…']))
}

fn check_places(repository: &Repository, files: &[String], findings: &mut Findings) {
    for file in files {
        if BINARY.iter().any(|end| file.ends_with(end)) || file == "xtask/src/tidy/documents.rs" {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(repository.path(file)) else {
            continue;
        };
        for place in ["/work/", "/root/", "index.crates.io-"] {
            if text.contains(place) {
                findings.add(file, &format!("names a place of one machine (`{place}`)"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_what_stands_in_backticks() {
        let text = "see `crates/store` and `a b/c`, not crates/x; `GET /api` is none, `bin/cli` is";
        let found: Vec<&str> = super::paths(text).collect();
        assert_eq!(found, ["crates/store", "bin/cli"]);
    }
}
