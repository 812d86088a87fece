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

/// Where a program lies after `everything`.
pub(crate) fn program(repository: &Repository, name: &str) -> anyhow::Result<PathBuf> {
    let metadata = MetadataCommand::new()
        .manifest_path(repository.path("Cargo.toml"))
        .no_deps()
        .exec()?;
    Ok(metadata
        .target_directory
        .into_std_path_buf()
        .join("debug")
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION))
}
