//! The machine that a build runs on, as the binary found it: the one place where its environment enters.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::BuildError;

/// Variables that change what a build gives, or that cargo sets for the process that we are in. They
/// never reach the cargo that builds a guest.
const DROPPED_PREFIXES: [&str; 6] = [
    "CARGO_BUILD_",
    "CARGO_ENCODED_",
    "CARGO_PKG_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "RUSTC",
];
const DROPPED: [&str; 8] = [
    "CARGO",
    "CARGO_INCREMENTAL",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "LD_LIBRARY_PATH",
    "RUSTFLAGS",
    "SOURCE_DATE_EPOCH",
];

/// Where programs are found, and what they are told.
#[derive(Clone, Debug)]
pub struct Machine {
    environment: Vec<(OsString, OsString)>,
}

impl Machine {
    /// From the environment of the process, which only a binary reads.
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let kept = environment
            .into_iter()
            .filter(|(name, _)| !is_dropped(name))
            .collect();
        Self { environment: kept }
    }

    /// The value of a variable that builds may see.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_os_str())
    }

    /// Cargo's home, as cargo itself finds it.
    pub fn cargo_home(&self) -> Option<PathBuf> {
        let named = self.variable("CARGO_HOME").map(PathBuf::from);
        named.or_else(|| {
            self.variable("HOME")
                .map(|home| Path::new(home).join(".cargo"))
        })
    }

    /// A command in this environment and no other.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// `PATH` with a folder in front.
    pub(crate) fn path_after(&self, folder: &Path) -> OsString {
        let mut path = folder.as_os_str().to_owned();
        if let Some(rest) = self.variable("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }

    /// What a program prints, trimmed.
    pub(crate) fn output(&self, program: &Path, arguments: &[&str]) -> Result<String, BuildError> {
        let shown = || format!("{} {}", program.display(), arguments.join(" "));
        let answer = self
            .command(program)
            .env("RUSTC_BOOTSTRAP", "1")
            .args(arguments)
            .output()
            .map_err(|source| BuildError::Start {
                program: shown(),
                source,
            })?;
        if !answer.status.success() {
            return Err(BuildError::Failed {
                program: shown(),
                status: answer.status.to_string(),
                output: String::from_utf8_lossy(&answer.stderr).into_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
    }
}

fn is_dropped(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    DROPPED.contains(&name)
        || DROPPED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_change_a_build_do_not_reach_it() {
        let given = [
            "RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "RUSTC_WRAPPER",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_HOME",
            "https_proxy",
        ];
        let machine = Machine::new(given.map(|name| (name.into(), "value".into())));
        let kept: Vec<_> = given
            .into_iter()
            .filter(|name| machine.variable(name).is_some())
            .collect();
        assert_eq!(kept, ["CARGO_HOME", "https_proxy"]);
    }

    #[test]
    fn cargo_home_falls_back_to_the_home_folder() {
        let machine = Machine::new([("HOME".into(), "/home/someone".into())]);
        assert_eq!(
            machine.cargo_home(),
            Some(PathBuf::from("/home/someone/.cargo"))
        );
    }
}
