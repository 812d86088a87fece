//! Finding a toolchain: what is installed for users, the one way for the project's own files.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{BuildError, GuestKind, Machine, flags, folder_digest, target_spec};

/// Where Debian's packages put the compiler, whose version rustup does not have to know.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A compiler that can build one kind of guest.
#[derive(Clone, Debug)]
pub struct Toolchain {
    pub(crate) kind: GuestKind,
    pub(crate) rustc: PathBuf,
    pub(crate) standard: Standard,
    /// The folder that holds `rust-lld`, if it is not on `PATH` anyway.
    pub(crate) linker_folder: Option<PathBuf>,
}

/// Where the guest's standard library comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standard {
    Installed,
    /// Built from the source in this folder.
    Source(PathBuf),
}

/// What a build depends on beside its sources; equal fingerprints give equal files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// `rustc -vV`.
    pub rustc: String,
    /// `rust-lld --version`.
    pub linker: String,
    /// SHA-256 over the source of the standard library.
    pub std_source: String,
    /// Flags and target specification, one per line.
    pub flags: String,
}

impl Toolchain {
    /// For a user's project: an installed target, else a compiler with the source of std.
    pub fn for_user(machine: &Machine, kind: GuestKind) -> Result<Self, BuildError> {
        Self::installed(machine, kind).or_else(|_| Self::from_std_source(machine, kind))
    }

    /// The target as somebody installed it.
    pub fn installed(machine: &Machine, kind: GuestKind) -> Result<Self, BuildError> {
        let rustc = match kind {
            GuestKind::Circuit => {
                let root = machine.output(
                    Path::new("rustup"),
                    &["run", "succinct", "rustc", "--print", "sysroot"],
                )?;
                Path::new(&root).join("bin/rustc")
            }
            GuestKind::Controller => PathBuf::from("rustc"),
        };
        let library = machine.output(
            &rustc,
            &["--print", "target-libdir", "--target", kind.target()],
        )?;
        if !Path::new(&library).is_dir() {
            return Err(BuildError::NoToolchain {
                kind,
                reason: format!("{library} does not exist"),
            });
        }
        Ok(Self {
            kind,
            rustc,
            standard: Standard::Installed,
            linker_folder: None,
        })
    }

    /// A compiler with the source of std beside it, which is built along: the project's own way.
    pub fn from_std_source(machine: &Machine, kind: GuestKind) -> Result<Self, BuildError> {
        let mut reasons = Vec::new();
        for rustc in [Path::new(DEBIAN_RUSTC), Path::new("rustc")] {
            match std_source(machine, rustc) {
                Ok(source) => {
                    let linker_folder = linker_folder(machine, rustc);
                    return Ok(Self {
                        kind,
                        rustc: rustc.to_owned(),
                        standard: Standard::Source(source),
                        linker_folder,
                    });
                }
                Err(why) => reasons.push(format!("{}: {why}", rustc.display())),
            }
        }
        Err(BuildError::NoToolchain {
            kind,
            reason: reasons.join("; "),
        })
    }

    /// One line for people: which compiler, and where std comes from.
    pub fn describe(&self) -> String {
        match &self.standard {
            Standard::Installed => format!(
                "{} with the installed target {}",
                self.rustc.display(),
                self.kind.target()
            ),
            Standard::Source(source) => format!(
                "{} with std built from {}",
                self.rustc.display(),
                source.display()
            ),
        }
    }

    /// What a build with this toolchain depends on beside its sources.
    pub fn fingerprint(&self, machine: &Machine) -> Result<Fingerprint, BuildError> {
        let linker = self.linker_folder.as_ref().map_or_else(
            || PathBuf::from("rust-lld"),
            |folder| folder.join("rust-lld"),
        );
        let std_source = match &self.standard {
            Standard::Installed => String::new(),
            Standard::Source(source) => folder_digest(&source.join("library"))?.to_string(),
        };
        let mut flags = flags::code_generation(self.kind);
        if self.kind == GuestKind::Circuit {
            flags.push(target_spec::SPECIFICATION.to_owned());
        }
        Ok(Fingerprint {
            rustc: machine.output(&self.rustc, &["-vV"])?,
            linker: machine.output(&linker, &["-flavor", "gnu", "--version"])?,
            std_source,
            flags: flags.join("\n"),
        })
    }
}

fn sysroot(machine: &Machine, rustc: &Path) -> Result<PathBuf, String> {
    machine
        .output(rustc, &["--print", "sysroot"])
        .map(PathBuf::from)
        .map_err(|error| error.to_string())
}

fn std_source(machine: &Machine, rustc: &Path) -> Result<PathBuf, String> {
    let source = sysroot(machine, rustc)?.join("lib/rustlib/src/rust");
    if source.join("library/Cargo.lock").is_file() {
        Ok(source)
    } else {
        Err(format!(
            "{} holds no source of the standard library",
            source.display()
        ))
    }
}

/// Debian ships no linker for these targets; rustup's compilers bring one.
fn linker_folder(machine: &Machine, rustc: &Path) -> Option<PathBuf> {
    let found = |compiler: &Path| {
        let host = machine.output(compiler, &["--print", "host-tuple"]).ok()?;
        let folder = sysroot(machine, compiler)
            .ok()?
            .join("lib/rustlib")
            .join(host)
            .join("bin");
        folder.join("rust-lld").exists().then_some(folder)
    };
    found(rustc).or_else(|| found(Path::new("rustc")))
}
