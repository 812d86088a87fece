//! The built files of a circuit: where they are, and reading and writing them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    error::CliError,
    manifest::{Entry, Manifest},
};

const CIRCUIT: &str = "circuit.bin";
const CONTROLLER: &str = "controller.bin";

/// Where the two files of a circuit lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Artifacts {
    /// The ELF.
    pub(crate) circuit: PathBuf,
    /// The wasm module.
    pub(crate) controller: PathBuf,
}

impl Artifacts {
    /// Those of a circuit of the manifest.
    pub(crate) fn of(manifest: &Manifest, name: &str, circuit: &Entry) -> Self {
        let built = Self::inside(&manifest.artifacts(name));
        let named = |file: &Option<PathBuf>| file.as_ref().map(|file| manifest.folder.join(file));
        Self {
            circuit: named(&circuit.circuit_file).unwrap_or(built.circuit),
            controller: named(&circuit.controller_file).unwrap_or(built.controller),
        }
    }

    /// Those of a folder.
    pub(crate) fn inside(folder: &Path) -> Self {
        Self {
            circuit: folder.join(CIRCUIT),
            controller: folder.join(CONTROLLER),
        }
    }
}

/// Reads a file that a command needs.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    fs::read(path).map_err(|source| {
        CliError::user_because(format!("{} cannot be read", path.display()), source)
    })
}

/// Writes a file, creating its folder.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|source| {
            CliError::failure(format!("{} cannot be written", path.display()), source)
        })
}
