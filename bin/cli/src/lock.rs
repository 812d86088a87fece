//! `valence.lock`: id and verifying key of each deployed circuit, so that `verify` needs to ask nobody.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use valence_coprocessor_protocol::{CircuitId, VerifyingKeyHash};

use crate::error::CliError;

const FILE_NAME: &str = "valence.lock";
const HEADER: &str = "# Written by `valence-coprocessor deploy`. A verifying key that changes means another circuit.\n\n";

/// The pins of one project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    #[serde(default)]
    circuit: BTreeMap<String, Pin>,
}

/// What is known of one circuit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    id: String,
    verifying_key: String,
}

impl Lock {
    /// Reads the file of a folder; none is an empty one.
    pub(crate) fn read(folder: &Path) -> Result<Self, CliError> {
        let path = path(folder);
        let broken = |source: Box<dyn std::error::Error + Send + Sync>| {
            CliError::user_because(format!("{} cannot be read", path.display()), source)
                .hint("restore it from version control, or delete it and deploy again")
        };
        match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|source| broken(source.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(broken(error.into())),
        }
    }

    /// Writes the file into a folder, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), CliError> {
        let path = path(folder);
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
            CliError::failure(format!("{} cannot be written", path.display()), source)
        };
        let text = toml::to_string(self).map_err(|source| failed(source.into()))?;
        let draft = path.with_extension("lock.new");
        fs::write(&draft, format!("{HEADER}{text}"))
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|source| failed(source.into()))
    }

    /// Pins a circuit; returns the verifying key that was pinned before, if it was another.
    pub(crate) fn pin(
        &mut self,
        name: &str,
        id: &CircuitId,
        verifying_key: &VerifyingKeyHash,
    ) -> Option<String> {
        let pin = Pin {
            id: id.to_string(),
            verifying_key: verifying_key.to_string(),
        };
        let before = self.circuit.insert(name.to_owned(), pin.clone())?;
        (before.verifying_key != pin.verifying_key).then_some(before.verifying_key)
    }

    /// The id under which a name was deployed.
    pub(crate) fn id(&self, name: &str) -> Option<CircuitId> {
        self.circuit.get(name)?.id.parse().ok()
    }

    /// The verifying key that is pinned for a circuit.
    pub(crate) fn verifying_key(&self, id: &CircuitId) -> Option<VerifyingKeyHash> {
        let id = id.to_string();
        let pin = self.circuit.values().find(|pin| pin.id == id)?;
        pin.verifying_key.parse().ok()
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_found_again_and_a_change_is_told() -> Result<(), CliError> {
        let folder = tempfile::TempDir::new().expect("a temporary directory");
        let id = CircuitId::from_bytes([1; 32]);
        let key = VerifyingKeyHash::from_bytes([2; 32]);
        let mut lock = Lock::read(folder.path())?;
        assert_eq!(lock, Lock::default());
        assert_eq!(lock.pin("one", &id, &key), None);
        lock.write(folder.path())?;
        let mut lock = Lock::read(folder.path())?;
        assert_eq!(lock.id("one"), Some(id));
        assert_eq!(lock.verifying_key(&id), Some(key));
        assert_eq!(lock.verifying_key(&CircuitId::ZERO), None);
        assert_eq!(lock.pin("one", &id, &key), None);
        let other = VerifyingKeyHash::from_bytes([3; 32]);
        assert_eq!(lock.pin("one", &id, &other), Some(key.to_string()));
        Ok(())
    }
}
