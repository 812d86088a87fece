//! Why a guest could not be built.

use std::path::PathBuf;

use crate::GuestKind;

/// An operation of a build that failed.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No toolchain on this machine can build the guest.
    #[error(
        "no toolchain for a {kind} on this machine: {reason}\nhint: {hint}",
        hint = install_hint(*.kind)
    )]
    NoToolchain {
        /// What was to be built.
        kind: GuestKind,
        /// What was looked for and why each did not do.
        reason: String,
    },
    /// A program could not be started.
    #[error("cannot start {program}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program answered with a failure.
    #[error("{program} failed ({status}):\n{output}")]
    Failed {
        /// The program and its arguments.
        program: String,
        /// Its exit status.
        status: String,
        /// What it wrote to stderr.
        output: String,
    },
    /// A file could not be read or written.
    #[error("cannot {operation} {}", .path.display())]
    File {
        /// `read`, `write` or `list`.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `cargo metadata` failed, or its answer was not understood.
    #[error("cannot read the package graph of {}", .manifest.display())]
    Metadata {
        /// The manifest that was asked for.
        manifest: PathBuf,
        /// Why.
        source: Box<cargo_metadata::Error>,
    },
    /// The manifest names no package and the build asks for one.
    #[error("{} has no package `{package}`", .manifest.display())]
    NoPackage {
        /// The manifest.
        manifest: PathBuf,
        /// The package that was asked for.
        package: String,
    },
    /// The build went through and made no file of the wanted kind.
    #[error("{} built no {kind}; a circuit needs a binary, a controller `crate-type = [\"cdylib\"]`", .manifest.display())]
    NoArtifact {
        /// The manifest.
        manifest: PathBuf,
        /// What was expected.
        kind: GuestKind,
    },
}

const fn install_hint(kind: GuestKind) -> &'static str {
    match kind {
        GuestKind::Circuit => {
            "install one of: SP1's toolchain (`sp1up`); or, on Debian 12, `apt-get install rustc-web rust-web-src`; or `rustup component add rust-src`"
        }
        GuestKind::Controller => {
            "install one of: `rustup target add wasm32-unknown-unknown`; or, on Debian 12, `apt-get install rustc-web rust-web-src`; or `rustup component add rust-src`"
        }
    }
}
