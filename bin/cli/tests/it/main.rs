//! The program as a user meets it: what it prints where, and with which exit code.

mod help;
mod input;
mod verify;

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// A run of the program in a folder, with nothing of the tester's environment that it reads.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_valence-coprocessor"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("VALENCE_COPROCESSOR_URL")
        .env_remove("VALENCE_SIGNING_KEY")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints text")
}

/// Demands an exit code, no result, and an error that holds all these texts.
fn refused(output: &Output, code: i32, texts: &[&str]) {
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert_eq!(text(&output.stdout), "", "no result beside an error");
    for expected in texts {
        assert!(error.contains(expected), "`{expected}` is not in:\n{error}");
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary directory")
}
