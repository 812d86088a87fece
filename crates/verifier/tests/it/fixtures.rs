//! Finds recorded data beside the project; it is read in place and never copied.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use valence_coprocessor_protocol::VerifyingKeyHash;

/// A recorded proof for contracts.
pub(crate) struct Recorded {
    pub(crate) key: VerifyingKeyHash,
    pub(crate) public_values: Vec<u8>,
    pub(crate) proof: Vec<u8>,
}

/// The recorded proof of a file in `08-sp1-proofs`; `None` if the data is not on this machine, which CI does not
/// accept.
pub(crate) fn recorded(name: &str) -> Option<Recorded> {
    let path = folder()?.join("08-sp1-proofs").join(name);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let json: Value = serde_json::from_str(&text).expect("fixtures are JSON");
    let field = |name: &str| {
        json[name]
            .as_str()
            .expect("fixtures name key, values and proof")
            .to_owned()
    };
    Some(Recorded {
        key: field("program_vkey").parse().expect("32 bytes in hex"),
        public_values: bytes(&field("public_values")),
        proof: bytes(&field("proof")),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's environment says where recorded data lies"
)]
fn folder() -> Option<PathBuf> {
    let named = env::var_os("VALENCE_FIXTURES").map(PathBuf::from);
    let folder = named
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        env::var("CI").is_err(),
        "no fixtures at {}",
        folder.display()
    );
    skipped(&folder);
    None
}

#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn skipped(folder: &Path) {
    eprintln!(
        "skipped: no fixtures at {}; VALENCE_FIXTURES names them",
        folder.display()
    );
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.trim_start_matches("0x").as_bytes();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).expect("hex is ASCII"));
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect("hex digits"))
        .collect()
}
