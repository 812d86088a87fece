//! What a newcomer may expect of every source file: it says why it exists, its name tells what it
//! holds, and the files that only list others hold nothing else.

use anyhow::Context as _;

use super::Findings;
use crate::repository::Repository;

/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "common", "types", "misc", "helpers", "helper",
];

/// Beyond this a file is more than one thing.
const LONGEST_FILE: usize = 800;

/// A guest's main decodes, calls and commits; logic lives where the host can test it.
const LONGEST_GUEST: usize = 60;

/// Folders whose code runs in guests.
const GUEST_CODE: &[&str] = &[
    "crates/protocol/src/",
    "crates/merkle/src/",
    "crates/history/src/",
    "crates/circuit-sdk/src/",
    "crates/controller-abi/src/",
    "domains/ethereum/light-client/src/",
    "domains/ethereum/state-proof/src/",
];

/// What would make guest code depend on more than its input.
const NEVER_IN_GUESTS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::time",
    "std::thread",
    "HashMap",
    "HashSet",
    "println!",
    "tracing::",
];

pub(super) fn check(
    repository: &Repository,
    files: &[String],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for file in files.iter().filter(|file| is_source(file)) {
        let text = std::fs::read_to_string(repository.path(file))
            .with_context(|| format!("reading {file}"))?;
        check_opening(file, &text, findings);
        check_name(file, findings);
        check_length(file, &text, findings);
        check_lists(file, &text, findings);
        check_guest_code(file, &text, findings);
    }
    Ok(())
}

fn is_source(file: &str) -> bool {
    file.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "rs")
}

fn check_opening(file: &str, text: &str, findings: &mut Findings) {
    let first = text.lines().next().unwrap_or_default();
    let readme = r#"#![doc = include_str!("../README.md")]"#;
    if file.ends_with("/src/lib.rs") && text.lines().any(|line| line == readme) {
        return;
    }
    if !first.starts_with("//! ") {
        findings.add(
            file,
            "does not open with `//!` and a sentence that says why it exists",
        );
    }
}

fn check_name(file: &str, findings: &mut Findings) {
    let stem = file
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".rs"))
        .unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        findings.add(
            file,
            "is named after nothing: name it after its main type or verb",
        );
    }
    let mut parts = file.rsplit('/');
    let is_test_root = parts.nth(1) == Some("tests");
    if is_test_root && !file.contains("/src/") {
        findings.add(
            file,
            "is an integration binary of its own: move it into tests/it/",
        );
    }
}

fn check_length(file: &str, text: &str, findings: &mut Findings) {
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        findings.add(file, &format!("has {lines} lines: split it"));
    }
    let is_guest = file.starts_with("guests/circuits/") || file.contains("/circuit/src/");
    if is_guest && file.ends_with("/src/main.rs") && lines > LONGEST_GUEST {
        findings.add(
            file,
            &format!("has {lines} lines: a guest decodes, calls and commits"),
        );
    }
}

/// `lib.rs` and `mod.rs` list what there is.
fn check_lists(file: &str, text: &str, findings: &mut Findings) {
    let is_list = file.ends_with("/src/lib.rs") || file.ends_with("/mod.rs");
    if !is_list || file.starts_with("xtask/") || is_whole_program(file) {
        return;
    }
    for line in text.lines() {
        if line.starts_with("mod tests {") {
            break;
        }
        let item = line.strip_prefix("pub ").unwrap_or(line);
        if ["fn ", "async fn ", "impl ", "impl<"]
            .iter()
            .any(|start| item.starts_with(start))
        {
            findings.add(
                file,
                &format!("holds logic (`{line}`): it only lists modules"),
            );
        }
        if item.starts_with("use ") && line.starts_with("pub") && line.ends_with("::*;") {
            findings.add(
                file,
                &format!("re-exports a glob (`{line}`): name what is public"),
            );
        }
    }
}

/// A guest's only file is its program, whatever cargo calls it.
fn is_whole_program(file: &str) -> bool {
    file.starts_with("guests/")
        || file.contains("/controller/src/")
        || file.contains("/circuit/src/")
}

fn check_guest_code(file: &str, text: &str, findings: &mut Findings) {
    if !GUEST_CODE.iter().any(|folder| file.starts_with(folder)) || file.ends_with("tests.rs") {
        return;
    }
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    for line in code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        for word in NEVER_IN_GUESTS {
            if line.contains(word) {
                findings.add(
                    file,
                    &format!("uses {word}: guest code knows only its input"),
                );
            }
        }
    }
}
