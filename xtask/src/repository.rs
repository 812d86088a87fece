//! The repository that the tasks work on: its root and the files in it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::command::{Step, variable};

/// A checkout of the project.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The checkout that this task runs for.
    pub(crate) fn open() -> anyhow::Result<Self> {
        // Cargo names the folder when it runs the task; a program started by hand knows where it was built.
        let folder =
            variable("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").to_owned());
        let root = Path::new(&folder)
            .parent()
            .context("the folder of xtask has a parent")?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// Its root folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside it.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Every file that is committed or would be, relative to the root, with `/` between folders.
    pub(crate) fn files(&self) -> anyhow::Result<Vec<String>> {
        let listing = Step::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .folder(&self.root)
            .output()?;
        let mut files: Vec<String> = listing
            .lines()
            .filter(|file| self.path(file).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// A cargo command in the root.
    pub(crate) fn cargo(&self) -> Step {
        Step::cargo().folder(&self.root)
    }
}
