//! Where the recorded data lies.

use std::path::PathBuf;

/// The folder of recorded data: `VALENCE_FIXTURES`, or `../shared/fixtures` from the project's root. None if there is no
/// such folder, which is said.
///
/// # Panics
///
/// If there is no such folder on CI.
#[expect(
    clippy::disallowed_methods,
    reason = "tests take the folder from the environment"
)]
pub fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let folder = std::env::var_os("VALENCE_FIXTURES").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
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
