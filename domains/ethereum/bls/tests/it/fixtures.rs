//! Finding recorded data, which is read in place.

use std::path::PathBuf;

/// A file of the recorded data, or nothing (which is said, and fails on CI).
#[expect(
    clippy::disallowed_methods,
    reason = "tests take the folder from the environment"
)]
pub(crate) fn read(path: &str) -> Option<Vec<u8>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/fixtures");
    let folder = std::env::var_os("VALENCE_FIXTURES").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(std::fs::read(folder.join(path)).expect("the recorded data is readable"));
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "no recorded data at {}",
        folder.display()
    );
    #[expect(clippy::print_stderr, reason = "a skipped test must say so")]
    {
        eprintln!("skipped: no recorded data at {}", folder.display());
    }
    None
}

/// Hexadecimal with `0x`, of a fixed length.
pub(crate) fn hex<const N: usize>(text: &str) -> [u8; N] {
    let digits = text.strip_prefix("0x").expect("hexadecimal starts with 0x");
    let mut bytes = [0; N];
    assert_eq!(digits.len(), 2 * N);
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).expect("hexadecimal");
    }
    bytes
}
