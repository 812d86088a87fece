//! The guests: builds each into guests/artifacts and writes guests/ARTIFACTS.lock, or checks that
//! building again gives what is committed.
//!
//! The committed files come from one toolchain, the compiler of Debian with the standard library built
//! along (crate guest-build), because verifying keys depend on each byte. On a machine with another
//! compiler only the digests of the sources can be compared, and without a built prover no keys are;
//! the task says so.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use valence_coprocessor_guest_build::{
    Build, Fingerprint, GuestKind, Machine, Toolchain, source_digest,
};

use crate::build;
use crate::command::{Step, say};
use crate::repository::Repository;

const LOCK: &str = "guests/ARTIFACTS.lock";
const FOLDER: &str = "guests/artifacts";
/// The program that knows SP1, and so the verifying key of a circuit.
const PROVER: &str = "valence-coprocessor-prover";
const HEADER: &str = "# Written by `cargo xtask guests`: what each committed guest was built from, and with. Not for editing.\n\n";
/// A compiler that is not the one of the lock file, as the task says it.
const OTHER_COMPILER: &str =
    "not the compiler of guests/ARTIFACTS.lock: compared the digests of the sources only";

/// A package that one guest comes from.
struct Guest {
    /// The name of the artifact, and of cargo's binary or library.
    name: &'static str,
    kind: GuestKind,
    package: &'static str,
}

const GUESTS: [Guest; 16] = [
    Guest {
        name: "attacks",
        kind: GuestKind::Circuit,
        package: "attacks",
    },
    Guest {
        name: "bls-cycles",
        kind: GuestKind::Circuit,
        package: "bls-cycles",
    },
    Guest {
        name: "echo",
        kind: GuestKind::Circuit,
        package: "echo",
    },
    Guest {
        name: "ethereum-step",
        kind: GuestKind::Circuit,
        package: "ethereum-step",
    },
    Guest {
        name: "factory",
        kind: GuestKind::Circuit,
        package: "factory",
    },
    Guest {
        name: "opening-cycles",
        kind: GuestKind::Circuit,
        package: "opening-cycles",
    },
    Guest {
        name: "state-proof-cycles",
        kind: GuestKind::Circuit,
        package: "state-proof-cycles",
    },
    Guest {
        name: "storage-proof",
        kind: GuestKind::Circuit,
        package: "storage-proof-circuit",
    },
    Guest {
        name: "storage-proof-devnet",
        kind: GuestKind::Circuit,
        package: "storage-proof-devnet-circuit",
    },
    Guest {
        name: "storage-proof-usdc",
        kind: GuestKind::Circuit,
        package: "storage-proof-usdc-circuit",
    },
    Guest {
        name: "transfer",
        kind: GuestKind::Circuit,
        package: "transfer",
    },
    Guest {
        name: "echo",
        kind: GuestKind::Controller,
        package: "echo",
    },
    Guest {
        name: "ethereum",
        kind: GuestKind::Controller,
        package: "ethereum",
    },
    Guest {
        name: "ethereum-trusted",
        kind: GuestKind::Controller,
        package: "ethereum-trusted",
    },
    Guest {
        name: "relay",
        kind: GuestKind::Controller,
        package: "relay",
    },
    Guest {
        name: "storage-proof",
        kind: GuestKind::Controller,
        package: "storage-proof-controller",
    },
];

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    /// What the circuits were built with.
    circuits: Option<Fingerprint>,
    /// What the controllers were built with.
    controllers: Option<Fingerprint>,
    #[serde(default, rename = "artifact")]
    artifacts: Vec<Locked>,
}

/// One artifact of the lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Locked {
    /// Its name in guests/artifacts.
    file: String,
    /// SHA-256 over everything that it is built from.
    source: String,
    /// SHA-256 of the file.
    sha256: String,
    /// What contracts know the circuit by.
    #[serde(skip_serializing_if = "Option::is_none")]
    verifying_key: Option<String>,
}

/// Builds the guests and writes the lock file, or compares.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let repository = Repository::open()?;
    let machine = machine();
    let lock = read_lock(&repository)?;
    if check {
        compare(&repository, &machine, &lock)
    } else {
        write(&repository, &machine, &lock)
    }
}

fn machine() -> Machine {
    Machine::new(std::env::vars_os())
}

fn write(repository: &Repository, machine: &Machine, previous: &Lock) -> anyhow::Result<()> {
    let circuits = Toolchain::from_std_source(machine, GuestKind::Circuit)?;
    let controllers = Toolchain::from_std_source(machine, GuestKind::Controller)?;
    fs::create_dir_all(repository.path(FOLDER)).context("creating guests/artifacts")?;
    let mut lock = Lock {
        circuits: Some(circuits.fingerprint(machine)?),
        controllers: Some(controllers.fingerprint(machine)?),
        artifacts: Vec::new(),
    };
    for guest in &GUESTS {
        let toolchain = if guest.kind == GuestKind::Circuit {
            &circuits
        } else {
            &controllers
        };
        let bytes = guest.build(repository, machine, toolchain)?;
        let sha256 = digest(&bytes);
        let path = repository.path(FOLDER).join(guest.file());
        fs::write(&path, &bytes).with_context(|| format!("writing {}", path.display()))?;
        let before = previous
            .artifact(&guest.file())
            .filter(|before| before.sha256 == sha256);
        let verifying_key = before.and_then(|before| before.verifying_key.clone());
        say(&format!("{} {sha256}, {} bytes", guest.file(), bytes.len()));
        let source = guest.source(repository, machine)?;
        lock.artifacts.push(Locked {
            file: guest.file(),
            source,
            sha256,
            verifying_key,
        });
        // After each, so that a long run that is stopped leaves what it has done.
        write_lock(repository, &lock)?;
    }
    add_verifying_keys(repository, &mut lock)
}

/// Keys of circuits whose file changed. This may have to build the prover, so it comes last.
fn add_verifying_keys(repository: &Repository, lock: &mut Lock) -> anyhow::Result<()> {
    for index in 0..lock.artifacts.len() {
        let artifact = &mut lock.artifacts[index];
        if artifact.verifying_key.is_none() && artifact.is_circuit() {
            let prover = build::program(repository, PROVER)?;
            if !prover.is_file() {
                build::everything(repository)?;
            }
            let path = repository.path(FOLDER).join(&artifact.file);
            artifact.verifying_key = Some(verifying_key(&prover, &path)?);
            write_lock(repository, lock)?;
        }
    }
    Ok(())
}

/// Computes the keys again if a prover is built; building one takes too long for a comparison.
fn compare_verifying_keys(repository: &Repository, lock: &Lock) -> anyhow::Result<()> {
    let prover = build::program(repository, PROVER)?;
    if !prover.is_file() {
        say(&format!(
            "verifying keys: not compared, {} is not built",
            prover.display()
        ));
        return Ok(());
    }
    for artifact in lock.artifacts.iter().filter(|locked| locked.is_circuit()) {
        let path = repository.path(FOLDER).join(&artifact.file);
        let key = verifying_key(&prover, &path)?;
        ensure!(
            artifact.verifying_key.as_ref() == Some(&key),
            "{} has the verifying key {key} in {}, {LOCK} has another: if that program is old, build the workspace",
            artifact.file,
            prover.display()
        );
    }
    say("verifying keys: computed again, the same");
    Ok(())
}

fn compare(repository: &Repository, machine: &Machine, lock: &Lock) -> anyhow::Result<()> {
    for guest in &GUESTS {
        let file = guest.file();
        let locked = lock
            .artifact(&file)
            .with_context(|| format!("{LOCK} has no {file}: run `cargo xtask guests`"))?;
        let path = repository.path(FOLDER).join(&file);
        let committed = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        ensure!(
            digest(&committed) == locked.sha256,
            "{file} is not the file that {LOCK} names"
        );
        ensure!(
            locked.verifying_key.is_some() == locked.is_circuit(),
            "{LOCK} lacks the verifying key of {file}: run `cargo xtask guests`"
        );
        ensure!(
            guest.source(repository, machine)? == locked.source,
            "the sources of {file} changed: run `cargo xtask guests`, and mind that this changes verifying keys"
        );
    }
    for kind in [GuestKind::Circuit, GuestKind::Controller] {
        let (known, shown) = match kind {
            GuestKind::Circuit => (&lock.circuits, "circuits"),
            GuestKind::Controller => (&lock.controllers, "controllers"),
        };
        let toolchain = match Toolchain::from_std_source(machine, kind) {
            Ok(toolchain) if Some(toolchain.fingerprint(machine)?) == *known => toolchain,
            Ok(_) => {
                say(&format!("{shown}: {OTHER_COMPILER}"));
                continue;
            }
            Err(error) => {
                say(&format!("{shown}: {error}\n{shown}: {OTHER_COMPILER}"));
                continue;
            }
        };
        for guest in GUESTS.iter().filter(|guest| guest.kind == kind) {
            let built = digest(&guest.build(repository, machine, &toolchain)?);
            let locked = lock
                .artifact(&guest.file())
                .map(|locked| locked.sha256.as_str());
            ensure!(
                locked == Some(&built),
                "{} built again is {built}, {LOCK} has another",
                guest.file()
            );
        }
        say(&format!("{shown}: built again, bit for bit the same"));
    }
    compare_verifying_keys(repository, lock)
}

impl Guest {
    fn file(&self) -> String {
        format!("{}.{}", self.name, self.kind.extension())
    }

    /// The manifest of the package's workspace.
    fn manifest(&self, repository: &Repository) -> PathBuf {
        repository.path(match self.kind {
            GuestKind::Circuit => "guests/circuits/Cargo.toml",
            GuestKind::Controller => "guests/controllers/Cargo.toml",
        })
    }

    fn source(&self, repository: &Repository, machine: &Machine) -> anyhow::Result<String> {
        Ok(source_digest(machine, &self.manifest(repository), self.package)?.to_string())
    }

    fn build(
        &self,
        repository: &Repository,
        machine: &Machine,
        toolchain: &Toolchain,
    ) -> anyhow::Result<Vec<u8>> {
        let built = Build::new(self.manifest(repository))
            .package(self.package)
            .run(machine, toolchain)?;
        // Cargo calls a library by its name in Rust.
        let rust_name = self.name.replace('-', "_");
        let found = built
            .iter()
            .find(|artifact| artifact.name == self.name || artifact.name == rust_name);
        let path = &found
            .with_context(|| format!("{} built no {}", self.package, self.name))?
            .path;
        fs::read(path).with_context(|| format!("reading {}", path.display()))
    }
}

impl Locked {
    fn is_circuit(&self) -> bool {
        Path::new(&self.file).extension() == Some(GuestKind::Circuit.extension().as_ref())
    }
}

impl Lock {
    fn artifact(&self, file: &str) -> Option<&Locked> {
        self.artifacts.iter().find(|artifact| artifact.file == file)
    }
}

fn read_lock(repository: &Repository) -> anyhow::Result<Lock> {
    let path = repository.path(LOCK);
    if !path.exists() {
        return Ok(Lock::default());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("reading {LOCK}"))?;
    toml::from_str(&text).with_context(|| format!("reading {LOCK}"))
}

fn write_lock(repository: &Repository, lock: &Lock) -> anyhow::Result<()> {
    let text = toml::to_string(lock).context("writing the lock file's text")?;
    fs::write(repository.path(LOCK), format!("{HEADER}{text}"))
        .with_context(|| format!("writing {LOCK}"))
}

/// Asks the prover, which alone knows SP1.
fn verifying_key(prover: &Path, elf: &Path) -> anyhow::Result<String> {
    let program = prover.to_str().context("the target folder is not UTF-8")?;
    let asked = Step::new(program).arg("vk").arg(elf);
    Ok(asked.output()?.trim().to_owned())
}

fn digest(bytes: &[u8]) -> String {
    let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
    Sha256::digest(bytes).iter().fold(String::new(), hex)
}
