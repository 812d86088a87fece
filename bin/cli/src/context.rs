//! What the options, the environment and the manifest come to: which service, which circuit, which key.

use std::{io::Read as _, path::PathBuf};

use serde_json::Value;
use valence_coprocessor_api::signing::RequestSigner;
use valence_coprocessor_client::Client;
use valence_coprocessor_protocol::CircuitId;

use crate::{
    arguments::Arguments,
    artifacts::{self, Artifacts},
    environment,
    error::CliError,
    lock::Lock,
    manifest::{Entry, Manifest},
    output::Printer,
};

const DEFAULT_URL: &str = "http://127.0.0.1:37281";

/// What every command needs to know.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) printer: &'a Printer,
    url: Option<String>,
    manifest: PathBuf,
    key: Option<PathBuf>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(arguments: &Arguments, printer: &'a Printer) -> Self {
        Self {
            printer,
            url: arguments.url.clone(),
            manifest: arguments.manifest.clone(),
            key: arguments.key.clone(),
        }
    }

    /// The manifest, which the command cannot do without.
    pub(crate) fn manifest(&self) -> Result<Manifest, CliError> {
        Manifest::read(&self.manifest)
    }

    /// The pins beside the manifest.
    pub(crate) fn lock(&self) -> Result<Lock, CliError> {
        Lock::read(self.manifest.parent().unwrap_or("".as_ref()))
    }

    /// A client of the service that is meant.
    pub(crate) fn client(&self) -> Result<Client, CliError> {
        let url = match self
            .url
            .clone()
            .or_else(|| environment::variable(environment::URL))
        {
            Some(url) => url,
            None => Manifest::read_if_there(&self.manifest)?
                .and_then(|manifest| manifest.url().map(str::to_owned))
                .unwrap_or_else(|| DEFAULT_URL.to_owned()),
        };
        self.client_at(&url)
    }

    /// A client of another service.
    pub(crate) fn client_at(&self, url: &str) -> Result<Client, CliError> {
        let client = Client::new(url)?;
        Ok(match self.signer()? {
            Some(signer) => client.with_signer(signer),
            None => client,
        })
    }

    fn signer(&self) -> Result<Option<RequestSigner>, CliError> {
        let (place, text) = match &self.key {
            Some(path) => {
                let text = String::from_utf8_lossy(&artifacts::read(path)?).into_owned();
                (path.display().to_string(), text)
            }
            None => match environment::variable(environment::SIGNING_KEY) {
                Some(text) => (environment::SIGNING_KEY.to_owned(), text),
                None => return Ok(None),
            },
        };
        RequestSigner::parse(&text).map(Some).map_err(|source| {
            CliError::user_because(format!("{place} holds no signing key"), source)
        })
    }

    /// The id of a circuit that is given by id, by its name in the manifest, or not at all where there is only one.
    pub(crate) fn circuit(&self, given: Option<&str>) -> Result<CircuitId, CliError> {
        if let Some(id) = given.and_then(|text| text.parse().ok()) {
            return Ok(id);
        }
        let manifest = self.manifest().map_err(|error| match given {
            Some(given) => CliError::user_because(format!("`{given}` is no circuit id"), error)
                .hint("give 64 hexadecimal digits, or run this where valence.toml lies"),
            None => CliError::user_because("no circuit is named", error)
                .hint("name one by --circuit, or run this where valence.toml lies"),
        })?;
        let circuits = manifest.circuits(given)?;
        let [(name, circuit)] = circuits.as_slice() else {
            let names: Vec<_> = circuits.iter().map(|(name, _)| *name).collect();
            return Err(CliError::user("valence.toml has several circuits")
                .hint(format!("name one by --circuit: {}", names.join(", "))));
        };
        self.pinned_or_built(&manifest, name, circuit)
    }

    fn pinned_or_built(
        &self,
        manifest: &Manifest,
        name: &str,
        circuit: &Entry,
    ) -> Result<CircuitId, CliError> {
        if let Some(id) = self.lock()?.id(name) {
            return Ok(id);
        }
        let path = Artifacts::of(manifest, name, circuit).circuit;
        let elf = artifacts::read(&path).map_err(|error| {
            error.hint("build and deploy it first: `valence-coprocessor build`")
        })?;
        Ok(CircuitId::of(&elf, circuit.nonce))
    }
}

/// JSON that is given as text, as `@FILE`, or as `-` for stdin.
pub(crate) fn json(option: &str, given: &str) -> Result<Value, CliError> {
    let text = if given == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|source| CliError::user_because("stdin cannot be read", source))?;
        text
    } else if let Some(path) = given.strip_prefix('@') {
        String::from_utf8_lossy(&artifacts::read(path.as_ref())?).into_owned()
    } else {
        given.to_owned()
    };
    serde_json::from_str(&text).map_err(|source| {
        CliError::user_because(format!("{option} is not JSON"), source)
            .hint("quote it for the shell: --args '{\"number\": 7}', or use @FILE")
    })
}
