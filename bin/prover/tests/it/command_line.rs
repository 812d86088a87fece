//! The commands, black box.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::program;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("valence-prover-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn prover(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_valence-coprocessor-prover"))
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn vk_prints_what_contracts_pin_and_nothing_else() {
    let folder = Folder::new("vk");
    let elf = folder.write("a.elf", &program::panics("a"));
    let output = prover(&["vk".as_ref(), &elf]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    let digits = line
        .trim_end()
        .strip_prefix("0x00")
        .expect("32 bytes of which the first is 0");
    assert_eq!(digits.len(), 62, "{line}");
    assert!(
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{line}"
    );
}

#[test]
fn a_panic_of_the_circuit_is_the_users_error_with_its_text() {
    let folder = Folder::new("panic");
    let elf = folder.write("a.elf", &program::panics("no such slot"));
    let input = folder.write("input", b"");
    let output = prover(&["execute".as_ref(), &elf, &input]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(
        text(&output.stderr).contains("the circuit panicked: no such slot"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn files_that_are_not_there_or_not_proofs_are_named() {
    let folder = Folder::new("files");
    let garbage = folder.write("garbage", b"no proof at all");
    let output = prover(&["vk".as_ref(), "/nowhere.elf".as_ref()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("cannot read /nowhere.elf"),
        "{}",
        text(&output.stderr)
    );
    let output = prover(&["verify".as_ref(), &garbage, "--elf".as_ref(), &garbage]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("VALPROOF"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn child_by_hand_says_that_it_is_not_for_hands() {
    let output = prover(&["child".as_ref(), "--mode".as_ref(), "light".as_ref()]);
    assert_ne!(output.status.code(), Some(0));
}
