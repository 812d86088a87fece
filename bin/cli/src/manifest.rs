//! `valence.toml`: which circuits there are, where their files lie, which service they go to.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::error::CliError;

/// The name of the file.
pub(crate) const FILE_NAME: &str = "valence.toml";

/// A manifest and the folder that its paths are relative to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The folder that holds the file.
    pub(crate) folder: PathBuf,
    content: Content,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default)]
    valence: Header,
    #[serde(default)]
    coprocessor: Service,
    #[serde(default)]
    circuit: BTreeMap<String, Entry>,
}

/// The header of published manifests.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Header {
    name: String,
    version: String,
    artifacts: PathBuf,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            name: "valence-program".to_owned(),
            version: "0.1.0".to_owned(),
            artifacts: ".valence/artifacts".into(),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    url: Option<String>,
}

/// One circuit with its controller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The folder that `circuit` and `controller` are relative to.
    #[serde(default)]
    pub(crate) path: PathBuf,
    /// Folder or package of the circuit.
    pub(crate) circuit: Option<String>,
    /// Folder or package of the controller.
    pub(crate) controller: Option<String>,
    /// A built ELF, instead of one that `build` makes.
    pub(crate) circuit_file: Option<PathBuf>,
    /// A built controller, instead of one that `build` makes.
    pub(crate) controller_file: Option<PathBuf>,
    /// Tells apart deployments of one ELF.
    #[serde(default)]
    pub(crate) nonce: u64,
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Self, CliError> {
        let text = fs::read_to_string(path).map_err(|source| {
            let missing = source.kind() == io::ErrorKind::NotFound;
            let error =
                CliError::user_because(format!("{} cannot be read", path.display()), source);
            if missing {
                error.hint("run this where valence.toml lies, or name it by --manifest")
            } else {
                error
            }
        })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Self::parse(&text, folder).map_err(|source| {
            CliError::user_because(format!("{} is no manifest", path.display()), source)
                .hint("`valence-coprocessor build --help` shows one")
        })
    }

    /// Reads a manifest if the file is there.
    pub(crate) fn read_if_there(path: &Path) -> Result<Option<Self>, CliError> {
        if path.exists() {
            Self::read(path).map(Some)
        } else {
            Ok(None)
        }
    }

    fn parse(text: &str, folder: PathBuf) -> Result<Self, toml::de::Error> {
        let content = toml::from_str(text)?;
        Ok(Self { folder, content })
    }

    /// The address of the service, if the manifest names one.
    pub(crate) fn url(&self) -> Option<&str> {
        self.content.coprocessor.url.as_deref()
    }

    /// Where the artifacts of a circuit lie.
    pub(crate) fn artifacts(&self, name: &str) -> PathBuf {
        self.folder.join(&self.content.valence.artifacts).join(name)
    }

    /// One circuit by name, or all.
    pub(crate) fn circuits(&self, name: Option<&str>) -> Result<Vec<(&str, &Entry)>, CliError> {
        let circuits = &self.content.circuit;
        let names = circuits
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        if let Some(name) = name {
            return circuits
                .get_key_value(name)
                .map(|(name, circuit)| vec![(name.as_str(), circuit)])
                .ok_or_else(|| {
                    CliError::user(format!("valence.toml has no circuit `{name}`"))
                        .hint(format!("it has: {names}"))
                });
        }
        if circuits.is_empty() {
            return Err(CliError::user("valence.toml has no circuit")
                .hint("add a section [circuit.NAME] with `circuit` and `controller`"));
        }
        let all = circuits.iter();
        Ok(all
            .map(|(name, circuit)| (name.as_str(), circuit))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Manifest, toml::de::Error> {
        Manifest::parse(text, PathBuf::from("/project"))
    }

    #[test]
    fn a_manifest_of_the_published_client_is_read() -> Result<(), toml::de::Error> {
        let manifest = parse(
            "[valence]\nname = \"cool program\"\nversion = \"vx.y.z\"\nartifacts = \".valence/artifacts\"\n\
             [circuit.foo]\ncircuit = \"bar\"\ncontroller = \"baz\"\n[circuit.xxx]\ncircuit = \"yyy\"\ncontroller = \"zzz\"\n",
        )?;
        let circuits = manifest.circuits(None).expect("there are circuits");
        let named: Vec<_> = circuits
            .iter()
            .map(|(name, circuit)| (*name, circuit.circuit.as_deref(), circuit.nonce))
            .collect();
        assert_eq!(named, [("foo", Some("bar"), 0), ("xxx", Some("yyy"), 0)]);
        assert_eq!(
            manifest.artifacts("foo"),
            Path::new("/project/.valence/artifacts/foo")
        );
        assert_eq!(manifest.url(), None);
        Ok(())
    }

    #[test]
    fn everything_but_circuits_may_be_left_out() -> Result<(), toml::de::Error> {
        let manifest = parse("[coprocessor]\nurl = \"http://host\"\n[circuit.one]\nnonce = 7\n")?;
        assert_eq!(manifest.url(), Some("http://host"));
        let circuits = manifest.circuits(Some("one")).expect("it is there");
        assert_eq!(circuits[0].1.nonce, 7);
        Ok(())
    }

    #[test]
    fn a_misspelt_key_and_an_unknown_circuit_are_named() {
        let error = parse("[circuit.one]\ncontroler = \"x\"\n").expect_err("misspelt");
        assert!(error.to_string().contains("controler"), "{error}");
        let manifest = parse("[circuit.one]\n[circuit.two]\n").expect("a manifest");
        let error = manifest.circuits(Some("three")).expect_err("not there");
        assert_eq!(error.advice(), Some("it has: one, two"));
        let error = parse("").expect("empty").circuits(None).expect_err("none");
        assert_eq!(error.exit_code(), 1);
    }
}
