//! Sets a machine up: installs what is missing, and says what before it does.
//!
//! Everything comes from Debian's and the language registries' ordinary clients. A second run finds
//! everything in place and takes no time.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::{
    command::{Step, find_program, say, variable},
    repository::Repository,
};

/// A package of the system, and what shows that it is there.
struct Package {
    name: &'static str,
    purpose: &'static str,
    is_there: fn() -> bool,
}

/// What the proving stack is built with, and what tests start.
const BUILDING: &[Package] = &[
    Package {
        name: "protobuf-compiler",
        purpose: "builds the proving stack",
        is_there: || find_program("protoc").is_some(),
    },
    Package {
        name: "libprotobuf-dev",
        purpose: "builds the proving stack",
        is_there: || Path::new("/usr/include/google/protobuf/empty.proto").is_file(),
    },
    Package {
        name: "clang",
        purpose: "builds the proving stack",
        is_there: || find_program("clang").is_some(),
    },
    Package {
        name: "cmake",
        purpose: "builds the proving stack",
        is_there: || find_program("cmake").is_some(),
    },
    Package {
        name: "pkg-config",
        purpose: "builds the proving stack",
        is_there: || find_program("pkg-config").is_some(),
    },
    Package {
        name: "libssl-dev",
        purpose: "builds the proving stack",
        is_there: || Path::new("/usr/include/openssl/ssl.h").is_file(),
    },
    Package {
        name: "npm",
        purpose: "brings the execution node of demo and tests",
        is_there: || find_program("npm").is_some(),
    },
    Package {
        name: "redis-server",
        purpose: "is the shared store of tests",
        is_there: || find_program("redis-server").is_some(),
    },
];

/// A compiler that can build the standard library for the zkVM and for WebAssembly.
const GUESTS: &[Package] = &[
    Package {
        name: "rustc-web",
        purpose: "compiles the guests",
        is_there: || Path::new("/usr/bin/rustc").is_file(),
    },
    Package {
        name: "rust-web-src",
        purpose: "is the standard library of the guests",
        is_there: has_library_source,
    },
];

fn has_library_source() -> bool {
    Step::new("dpkg-query")
        .args(["--status", "rust-web-src"])
        .succeeds()
}

/// Everything that building, testing and the demo need.
pub(crate) fn for_building(repository: &Repository) -> anyhow::Result<()> {
    install_packages(BUILDING)?;
    install_tools(repository)
}

/// The same, and what building the guests needs.
pub(crate) fn for_guests(repository: &Repository) -> anyhow::Result<()> {
    for_building(repository)?;
    install_packages(GUESTS)
}

/// Installs the test runner if it is missing; false if that did not work and `cargo test` must do.
pub(crate) fn test_runner(repository: &Repository) -> bool {
    let is_there = || repository.cargo().args(["nextest", "--version"]).succeeds();
    if is_there() {
        return true;
    }
    say("Installing the test runner cargo-nextest (a few minutes, once).");
    let installed = repository
        .cargo()
        .args(["install", "cargo-nextest", "--locked"])
        .run();
    if installed.is_ok() && is_there() {
        return true;
    }
    say("cargo-nextest could not be installed; the tests run with `cargo test`.");
    false
}

fn install_packages(packages: &[Package]) -> anyhow::Result<()> {
    let missing: Vec<&Package> = packages
        .iter()
        .filter(|package| !(package.is_there)())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    say("These packages of the system are missing:");
    for package in &missing {
        say(&format!("  {:<20} {}", package.name, package.purpose));
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if find_program("apt-get").is_none() {
        bail!(
            "no apt-get here: install the likes of `{}` and run this again",
            names.join(" ")
        );
    }
    say("Installing them with apt-get.");
    apt_get()?.arg("update").run()?;
    apt_get()?
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&names)
        .run()
}

fn apt_get() -> anyhow::Result<Step> {
    let step = if is_root() {
        Step::new("apt-get")
    } else if find_program("sudo").is_some() {
        Step::new("sudo").arg("apt-get")
    } else {
        bail!("installing needs root, and there is no sudo: run `apt-get install` as root");
    };
    Ok(step.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_root() -> bool {
    Step::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|user| user.trim() == "0")
}

/// The folder of the tools; testing/harness looks in the same place.
fn tools_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = variable("VALENCE_TOOLS") {
        return Ok(folder.into());
    }
    let cache = match variable("XDG_CACHE_HOME") {
        Some(cache) => PathBuf::from(cache),
        None => Path::new(&variable("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(cache.join("valence-coprocessor").join("tools"))
}

/// Installs anvil and solc, in the versions and with the digests of testing/harness/tools.
fn install_tools(repository: &Repository) -> anyhow::Result<()> {
    let folder = tools_folder()?;
    let pinned = repository.path("testing/harness/tools");
    let lock =
        std::fs::read(pinned.join("package-lock.json")).context("reading the tools' lock")?;
    // Written last, so that an interrupted installation is done again.
    let done = folder.join("installed.json");
    if std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say(&format!(
        "Installing the execution node (anvil) and the Solidity compiler (solc) from npm into {}.",
        folder.display()
    ));
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(pinned.join(file), folder.join(file))
            .with_context(|| format!("copying {file}"))?;
    }
    npm(&folder).arg("ci").run()?;
    if let Some(package) = anvil_of_another_platform() {
        npm(&folder).args(["install", "--no-save", package]).run()?;
    }
    std::fs::write(&done, lock).with_context(|| format!("writing {}", done.display()))
}

/// The lock pins the node for the platform that the gate runs on; others take theirs by version.
fn anvil_of_another_platform() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "aarch64") => Some("@foundry-rs/anvil-linux-arm64@1.7.1"),
        ("macos", "aarch64") => Some("@foundry-rs/anvil-darwin-arm64@1.7.1"),
        ("macos", "x86_64") => Some("@foundry-rs/anvil-darwin-amd64@1.7.1"),
        _ => None,
    }
}

fn npm(folder: &Path) -> Step {
    Step::new("npm")
        .args(["--no-audit", "--no-fund", "--ignore-scripts"])
        .folder(folder)
}
