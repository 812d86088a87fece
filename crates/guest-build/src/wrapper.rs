//! The compiler wrapper that names crates by package and version.
//!
//! Cargo tells rustc a hash for every crate, which enters symbol names and the order of functions. For
//! a path dependency outside the workspace (our guests use `crates/`), and for whatever depends on
//! one, that hash contains the absolute folder. So the wrapper puts name and version in its place,
//! which tell the crates of one build apart just as well.

use std::fs;
use std::path::{Path, PathBuf};

use crate::BuildError;

const SCRIPT: &str = r#"#!/bin/sh
# Written by valence-coprocessor-guest-build: names crates by package and version, not by folder.
compiler="$1"
shift
for argument do
  shift
  case "$argument" in
    metadata=*) argument="metadata=$CARGO_PKG_NAME $CARGO_PKG_VERSION $CARGO_CRATE_NAME" ;;
  esac
  set -- "$@" "$argument"
done
exec "$compiler" "$@"
"#;

/// Writes the wrapper into `folder` and returns its path; nothing on systems without `/bin/sh`.
#[cfg(unix)]
pub(crate) fn write(folder: &Path) -> Result<Option<PathBuf>, BuildError> {
    use std::os::unix::fs::PermissionsExt;

    let path = folder.join("rustc-wrapper");
    let failed = |source| BuildError::File {
        operation: "write",
        path: path.clone(),
        source,
    };
    // A build that runs beside this one may be executing the file.
    if fs::read(&path).is_ok_and(|present| present == SCRIPT.as_bytes()) {
        return Ok(Some(path));
    }
    fs::write(&path, SCRIPT).map_err(failed)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    Ok(Some(path))
}

/// Writes the wrapper into `folder` and returns its path; nothing on systems without `/bin/sh`.
#[cfg(not(unix))]
pub(crate) fn write(_folder: &Path) -> Result<Option<PathBuf>, BuildError> {
    Ok(None)
}
