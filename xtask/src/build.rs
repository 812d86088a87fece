//! Building the host workspace, always with one selection of packages.
//!
//! Cargo resolves features for the packages that are selected. Building the service alone, then the
//! tests, would compile the proving stack twice, which costs ten minutes each time.

use std::path::PathBuf;

use cargo_metadata::MetadataCommand;

use crate::repository::Repository;

/// Builds every program, library and test of the workspace.
pub(crate) fn everything(repository: &Repository) -> anyhow::Result<()> {
    repository
        .cargo()
        .args(["build", "--workspace", "--all-targets", "--locked"])
        .run()
}

/// Builds the program that makes every call of the published client crate. Its workspace is its own,
/// because that crate pins old releases; it lies beside our programs, where the scenarios look.
pub(crate) fn published_client(repository: &Repository) -> anyhow::Result<()> {
    repository
        .cargo()
        .args(["build", "--locked", "--manifest-path"])
        .arg("testing/published-client/Cargo.toml")
        .arg("--target-dir")
        .arg(target_folder(repository)?.join("published-client"))
        .run()
}

/// Where a program lies after `everything`.
pub(crate) fn program(repository: &Repository, name: &str) -> anyhow::Result<PathBuf> {
    Ok(target_folder(repository)?
        .join("debug")
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION))
}

fn target_folder(repository: &Repository) -> anyhow::Result<PathBuf> {
    let metadata = MetadataCommand::new()
        .manifest_path(repository.path("Cargo.toml"))
        .no_deps()
        .exec()?;
    Ok(metadata.target_directory.into_std_path_buf())
}
