//! Building one package of a guest workspace.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::{Message, Metadata};

use crate::toolchain::Standard;
use crate::{BuildError, GuestKind, Machine, Toolchain, flags, source, target_spec, wrapper};

/// A build of one package. The lock file of its workspace is obeyed, never changed.
#[derive(Clone, Debug)]
pub struct Build {
    manifest: PathBuf,
    package: Option<String>,
}

/// A file that a build made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The name of the binary, or of the library in the case of a controller.
    pub name: String,
    /// The built file.
    pub path: PathBuf,
}

impl Build {
    /// Of the package that a manifest describes.
    pub fn new(manifest: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            package: None,
        }
    }

    /// Of one package of a workspace.
    #[must_use]
    pub fn package(mut self, name: impl Into<String>) -> Self {
        self.package = Some(name.into());
        self
    }

    /// Builds. Cargo's progress goes to stderr; the target folder is the workspace's own.
    pub fn run(
        &self,
        machine: &Machine,
        toolchain: &Toolchain,
    ) -> Result<Vec<Artifact>, BuildError> {
        let metadata = source::metadata(machine, &self.manifest)?;
        let target_folder = metadata.target_directory.as_std_path();
        let own_folder = target_folder.join("guest-build");
        fs::create_dir_all(&own_folder).map_err(|source| BuildError::File {
            operation: "write",
            path: own_folder.clone(),
            source,
        })?;
        let mut command = machine.command("cargo");
        command.args([
            "build",
            "--release",
            "--locked",
            "--message-format=json-render-diagnostics",
            "--manifest-path",
        ]);
        command
            .arg(&self.manifest)
            .args(self.package.iter().flat_map(|name| ["--package", name]));
        command
            .env("RUSTC", &toolchain.rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_INCREMENTAL", "0");
        command.env(
            "CARGO_ENCODED_RUSTFLAGS",
            encoded_flags(machine, toolchain, &metadata),
        );
        if let Some(wrapper) = wrapper::write(&own_folder)? {
            command.env("RUSTC_WRAPPER", wrapper);
        }
        if let Some(folder) = &toolchain.linker_folder {
            command.env("PATH", machine.path_after(folder));
        }
        command.args(target_arguments(toolchain, &own_folder)?);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|source| BuildError::Start {
                program: "cargo build".to_owned(),
                source,
            })?;
        let messages = child.stdout.take().map_or_else(Vec::new, |output| {
            Message::parse_stream(BufReader::new(output))
                .filter_map(Result::ok)
                .collect()
        });
        let status = child.wait().map_err(|source| BuildError::Start {
            program: "cargo build".to_owned(),
            source,
        })?;
        if !status.success() {
            return Err(BuildError::Failed {
                program: format!("cargo build of {}", self.manifest.display()),
                status: status.to_string(),
                output: "see the messages of the compiler above".to_owned(),
            });
        }
        self.artifacts(toolchain.kind, &metadata, messages)
    }

    /// The files of the packages that were asked for, not of what they depend on.
    fn artifacts(
        &self,
        kind: GuestKind,
        metadata: &Metadata,
        messages: Vec<Message>,
    ) -> Result<Vec<Artifact>, BuildError> {
        let members = metadata.workspace_members.as_slice();
        let mut artifacts = Vec::new();
        for message in messages {
            let Message::CompilerArtifact(built) = message else {
                continue;
            };
            let wanted = match kind {
                GuestKind::Circuit => built.target.is_bin(),
                GuestKind::Controller => built.target.is_cdylib(),
            };
            if !wanted || !members.contains(&built.package_id) {
                continue;
            }
            let made = built.executable.into_iter().chain(built.filenames);
            let mut files = made.filter(|path| {
                kind == GuestKind::Circuit || path.extension() == Some(kind.extension())
            });
            if let Some(path) = files.next() {
                artifacts.push(Artifact {
                    name: built.target.name,
                    path: path.into_std_path_buf(),
                });
            }
        }
        if artifacts.is_empty() {
            return Err(BuildError::NoArtifact {
                manifest: self.manifest.clone(),
                kind,
            });
        }
        artifacts.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(artifacts)
    }
}

/// The target, and how its standard library comes about.
fn target_arguments(toolchain: &Toolchain, own_folder: &Path) -> Result<Vec<OsString>, BuildError> {
    let kind = toolchain.kind;
    if toolchain.standard == Standard::Installed {
        return Ok(["--target", kind.target()].map(OsString::from).into());
    }
    let mut arguments: Vec<OsString> = vec!["-Zbuild-std=std,panic_abort".into()];
    match kind {
        GuestKind::Controller => arguments.extend(["--target".into(), kind.target().into()]),
        GuestKind::Circuit => {
            let specification = target_spec::write(own_folder)?;
            arguments.extend([
                "-Zbuild-std-features=compiler-builtins-mem".into(),
                "-Zjson-target-spec".into(),
            ]);
            arguments.extend(["--target".into(), specification.into()]);
        }
    }
    Ok(arguments)
}

/// The folders in which cargo keeps the sources of registry packages, one for each registry.
fn registry_folders(metadata: &Metadata) -> BTreeSet<PathBuf> {
    let fetched = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_some());
    fetched
        .filter_map(|package| package.manifest_path.as_std_path().ancestors().nth(2))
        .map(Path::to_owned)
        .collect()
}

/// All flags in cargo's encoding: separated by the unit separator, so that folders may hold spaces.
fn encoded_flags(machine: &Machine, toolchain: &Toolchain, metadata: &Metadata) -> OsString {
    let project = source::project_root(metadata);
    let cargo_home = machine.cargo_home();
    let mut folders = vec![
        (project.as_path(), "/project"),
        (metadata.target_directory.as_std_path(), "/target"),
    ];
    folders.extend(cargo_home.as_deref().map(|home| (home, "/cargo")));
    // Cargo names the folder of a registry after its host, which may be a mirror.
    let registries = registry_folders(metadata);
    folders.extend(
        registries
            .iter()
            .map(|folder| (folder.as_path(), "/registry")),
    );
    let resolved;
    if let Standard::Source(std_source) = &toolchain.standard {
        folders.push((std_source, "/std"));
        if let Ok(real) = fs::canonicalize(std_source) {
            resolved = real;
            folders.push((&resolved, "/std"));
        }
    }
    let mut flags: Vec<OsString> = flags::code_generation(toolchain.kind)
        .into_iter()
        .map(OsString::from)
        .collect();
    flags.extend(flags::remapped(folders));
    flags.join(std::ffi::OsStr::new("\u{1f}"))
}
