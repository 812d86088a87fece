//! `build`: circuits and controllers of the manifest into the artifacts folder.

use std::path::Path;

use serde_json::json;
use valence_coprocessor_guest_build::{Build, BuildError, GuestKind, Machine, Toolchain};

use crate::{
    arguments::NameArguments,
    artifacts::{self, Artifacts},
    context::Context,
    environment,
    error::CliError,
    manifest::{Entry, Manifest},
    output::note,
};

pub(crate) fn run(context: &Context<'_>, arguments: &NameArguments) -> Result<(), CliError> {
    let manifest = context.manifest()?;
    let machine = Machine::new(environment::all());
    let mut built = Vec::new();
    let mut lines = Vec::new();
    for (name, circuit) in manifest.circuits(arguments.name.as_deref())? {
        let files = Artifacts::of(&manifest, name, circuit);
        let folder = manifest.folder.join(&circuit.path);
        let parts = [
            (
                GuestKind::Circuit,
                &circuit.circuit,
                &circuit.circuit_file,
                &files.circuit,
            ),
            (
                GuestKind::Controller,
                &circuit.controller,
                &circuit.controller_file,
                &files.controller,
            ),
        ];
        for (kind, source, prebuilt, target) in parts {
            if prebuilt.is_some() {
                note(&format!("{name}: the {kind} is built elsewhere"));
                continue;
            }
            let source = source.as_deref().ok_or_else(|| no_source(name, kind))?;
            let bytes = build(&machine, kind, &folder, source)?;
            artifacts::write(target, &bytes)?;
            lines.push(format!(
                "{name}: {kind} of {} bytes at {}",
                bytes.len(),
                target.display()
            ));
            built.push(json!({
                "name": name,
                "part": kind.to_string(),
                "file": target,
                "bytes": bytes.len(),
            }));
        }
        warn_of_both_files(name, circuit, &manifest);
    }
    context.printer.result(&built, &lines.join("\n"))
}

fn build(
    machine: &Machine,
    kind: GuestKind,
    folder: &Path,
    source: &str,
) -> Result<Vec<u8>, CliError> {
    let toolchain = Toolchain::for_user(machine, kind).map_err(|source| failed(kind, source))?;
    note(&format!(
        "building {kind} `{source}` with {}",
        toolchain.describe()
    ));
    let own = folder.join(source).join("Cargo.toml");
    let build = if own.is_file() {
        Build::new(own)
    } else {
        Build::new(folder.join("Cargo.toml")).package(source)
    };
    let built = build
        .run(machine, &toolchain)
        .map_err(|source| failed(kind, source))?;
    let [artifact] = built.as_slice() else {
        let names: Vec<_> = built
            .iter()
            .map(|artifact| artifact.name.as_str())
            .collect();
        return Err(CliError::user(format!(
            "`{source}` builds several {kind}s: {}",
            names.join(", ")
        ))
        .hint("name the package of one of them in valence.toml"));
    };
    artifacts::read(&artifact.path)
}

fn failed(kind: GuestKind, source: BuildError) -> CliError {
    let needs_toolchain = matches!(source, BuildError::NoToolchain { .. });
    let error = CliError::failure(format!("the {kind} cannot be built"), source);
    if needs_toolchain {
        error.hint("`cargo xtask setup` of the co-processor installs what is missing; see crates/guest-build/README.md")
    } else {
        error
    }
}

fn no_source(name: &str, kind: GuestKind) -> CliError {
    CliError::user(format!("circuit `{name}` of valence.toml names no {kind}")).hint(format!(
        "add `{kind} = \"FOLDER\"`, or `{kind}_file = \"FILE\"` if it is built elsewhere"
    ))
}

/// A source beside a built file is never built, which can surprise.
fn warn_of_both_files(name: &str, circuit: &Entry, manifest: &Manifest) {
    let both = [
        (&circuit.circuit, &circuit.circuit_file),
        (&circuit.controller, &circuit.controller_file),
    ];
    for (source, file) in both {
        if let (Some(source), Some(file)) = (source, file) {
            let file = manifest.folder.join(file);
            note(&format!(
                "{name}: `{source}` was not built, because {} is named beside it",
                file.display()
            ));
        }
    }
}
