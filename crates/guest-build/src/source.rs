//! The digest of everything that a guest is built from.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};
use sha2::{Digest, Sha256};

use crate::{BuildError, Machine};

/// SHA-256 over the sorted inputs of a guest: for each file its path, its length and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceDigest([u8; 32]);

impl fmt::Display for SourceDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// The digest of a package: its own sources, those of every local package that it uses, what these
/// demand of others, and the lock file and manifest of its workspace. Packages of a registry are in the
/// lock file by checksum.
pub fn source_digest(
    machine: &Machine,
    manifest: &Path,
    package: &str,
) -> Result<SourceDigest, BuildError> {
    let metadata = metadata(machine, manifest)?;
    let root = project_root(&metadata);
    let mut files = Vec::new();
    let mut demands = String::new();
    for used in local_packages(&metadata, manifest, package)? {
        demands.push_str(&demands_of(used));
        let folder = used
            .manifest_path
            .as_std_path()
            .parent()
            .unwrap_or(Path::new("."));
        package_files(folder, &mut files)?;
    }
    let workspace = metadata.workspace_root.as_std_path();
    files.extend([workspace.join("Cargo.lock"), workspace.join("Cargo.toml")]);
    files.retain(|file| file.is_file());
    digest(&root, files, demands.as_bytes())
}

/// The digest of all files under a folder.
pub fn folder_digest(folder: &Path) -> Result<SourceDigest, BuildError> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    digest(folder, files, &[])
}

/// The package graph as the lock file has it.
pub(crate) fn metadata(machine: &Machine, manifest: &Path) -> Result<Metadata, BuildError> {
    let mut command = machine.command("cargo");
    command
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--manifest-path",
        ])
        .arg(manifest);
    let answer = command.output().map_err(|source| BuildError::Start {
        program: "cargo metadata".to_owned(),
        source,
    })?;
    if !answer.status.success() {
        return Err(BuildError::Failed {
            program: format!(
                "cargo metadata --locked --manifest-path {}",
                manifest.display()
            ),
            status: answer.status.to_string(),
            output: String::from_utf8_lossy(&answer.stderr).into_owned(),
        });
    }
    cargo_metadata::MetadataCommand::parse(String::from_utf8_lossy(&answer.stdout)).map_err(
        |source| BuildError::Metadata {
            manifest: manifest.to_owned(),
            source: Box::new(source),
        },
    )
}

/// The folder above all local packages: paths in digests and in built files are relative to it.
pub(crate) fn project_root(metadata: &Metadata) -> PathBuf {
    let local = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none());
    let mut root = metadata.workspace_root.as_std_path().to_owned();
    for folder in local.filter_map(|package| package.manifest_path.as_std_path().parent()) {
        while !folder.starts_with(&root) && root.pop() {}
    }
    root
}

/// A package and every local package that it uses, by any path, in order of their names.
fn local_packages<'a>(
    metadata: &'a Metadata,
    manifest: &Path,
    package: &str,
) -> Result<Vec<&'a Package>, BuildError> {
    let missing = || BuildError::NoPackage {
        manifest: manifest.to_owned(),
        package: package.to_owned(),
    };
    let own = metadata
        .packages
        .iter()
        .find(|known| known.source.is_none() && known.name.as_str() == package)
        .ok_or_else(missing)?;
    let graph = metadata.resolve.as_ref().ok_or_else(missing)?;
    let mut reached: Vec<&PackageId> = vec![&own.id];
    let mut next = 0;
    while let Some(id) = reached.get(next).copied() {
        next += 1;
        let uses = graph
            .nodes
            .iter()
            .filter(|node| node.id == *id)
            .flat_map(|node| &node.dependencies);
        let new: Vec<_> = uses.filter(|used| !reached.contains(used)).collect();
        reached.extend(new);
    }
    let local = metadata.packages.iter();
    let mut local: Vec<_> = local
        .filter(|known| known.source.is_none() && reached.contains(&&known.id))
        .collect();
    local.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(local)
}

/// Edition, version and dependencies: a manifest may take them from the workspace that the package is
/// developed in, whose other contents do not matter.
fn demands_of(package: &Package) -> String {
    let mut lines = vec![format!(
        "{} {} {}",
        package.name, package.version, package.edition
    )];
    for dependency in &package.dependencies {
        if dependency.kind == DependencyKind::Development {
            continue;
        }
        let target = dependency
            .target
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        lines.push(format!(
            "{} {} {} {} {} {target}",
            dependency.name,
            dependency.req,
            dependency.kind,
            dependency.uses_default_features,
            dependency.features.join(",")
        ));
    }
    lines.sort_unstable();
    lines.join("\n")
}

/// What can change the built file: the build script and the sources. Tests, benches and documentation
/// cannot, and of the manifest what it demands is taken.
fn package_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), BuildError> {
    files.push(folder.join("build.rs"));
    let sources = folder.join("src");
    if sources.is_dir() {
        list(&sources, files)
    } else {
        Ok(())
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), BuildError> {
    let failed = |source| BuildError::File {
        operation: "list",
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn digest(
    root: &Path,
    mut files: Vec<PathBuf>,
    demands: &[u8],
) -> Result<SourceDigest, BuildError> {
    files.sort_unstable();
    files.dedup();
    let mut hasher = Sha256::new();
    hasher.update((demands.len() as u64).to_le_bytes());
    hasher.update(demands);
    for file in files {
        let name = file
            .strip_prefix(root)
            .unwrap_or(&file)
            .to_string_lossy()
            .into_owned();
        let bytes = fs::read(&file).map_err(|source| BuildError::File {
            operation: "read",
            path: file.clone(),
            source,
        })?;
        for part in [name.as_bytes(), &bytes] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(SourceDigest(hasher.finalize().into()))
}
