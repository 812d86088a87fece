//! Dependencies point down: each package has a layer, and uses lower ones only.

use std::collections::BTreeSet;

use anyhow::Context as _;
use cargo_metadata::{Dependency, DependencyKind, MetadataCommand, Package};

use super::Findings;
use crate::repository::Repository;

/// Where packages may stand. The order is that of the design: a package uses only what is before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    /// Runs in guests: no I/O, no clock, no allocator of its own.
    Guest,
    /// Ports and formats.
    Port,
    /// What stands behind a port.
    Adapter,
    /// The engine.
    Engine,
    /// What shows the engine to the world.
    Server,
    /// Programs: the only readers of environment and arguments.
    Program,
    /// Tests, benches and tasks.
    Testing,
}

/// Every package with its layer. Within `Guest` and `Program` a package may use those above it here;
/// within any other layer packages know nothing of each other.
const LAYERS: &[(&str, Layer)] = &[
    ("valence-coprocessor-protocol", Layer::Guest),
    ("valence-coprocessor-merkle", Layer::Guest),
    ("valence-coprocessor-history", Layer::Guest),
    ("valence-coprocessor-circuit-sdk", Layer::Guest),
    ("valence-coprocessor-controller-abi", Layer::Guest),
    ("valence-coprocessor-controller-sdk", Layer::Guest),
    ("valence-coprocessor-ethereum-state-proof", Layer::Guest),
    ("valence-coprocessor-ethereum-execution", Layer::Guest),
    ("valence-coprocessor-ethereum-bls", Layer::Guest),
    ("valence-coprocessor-ethereum-light-client", Layer::Guest),
    ("storage-proof-core", Layer::Guest),
    ("valence-coprocessor-attacks", Layer::Guest),
    ("valence-coprocessor-statements", Layer::Guest),
    ("valence-coprocessor-controller-mock", Layer::Port),
    ("valence-coprocessor-store", Layer::Port),
    ("valence-coprocessor-zkvm", Layer::Port),
    ("valence-coprocessor-telemetry", Layer::Port),
    ("valence-coprocessor-api", Layer::Port),
    ("valence-coprocessor-verifier", Layer::Port),
    ("valence-coprocessor-ethereum-beacon", Layer::Port),
    ("valence-coprocessor-guest-build", Layer::Port),
    ("valence-coprocessor-store-redb", Layer::Adapter),
    ("valence-coprocessor-store-redis", Layer::Adapter),
    ("valence-coprocessor-zkvm-sp1", Layer::Adapter),
    ("valence-coprocessor-fleet", Layer::Adapter),
    ("valence-coprocessor-zkvm-remote", Layer::Adapter),
    ("valence-coprocessor-client", Layer::Adapter),
    ("valence-coprocessor-wasm", Layer::Adapter),
    ("valence-coprocessor", Layer::Engine),
    ("valence-coprocessor-server", Layer::Server),
    ("valence-coprocessor-callbacks", Layer::Server),
    ("valence-coprocessor-ethereum-operator", Layer::Server),
    ("valence-coprocessor-prover", Layer::Program),
    ("valence-coprocessor-service", Layer::Program),
    ("valence-coprocessor-cli", Layer::Program),
    ("valence-coprocessor-ethereum", Layer::Program),
    ("valence-coprocessor-conformance", Layer::Testing),
    ("valence-coprocessor-zkvm-mock", Layer::Testing),
    ("valence-coprocessor-faulty-server", Layer::Testing),
    ("valence-coprocessor-forged-chain", Layer::Testing),
    ("valence-coprocessor-devnet", Layer::Testing),
    ("valence-coprocessor-player", Layer::Testing),
    ("valence-coprocessor-recorded-data", Layer::Testing),
    ("valence-coprocessor-recorded-chain", Layer::Testing),
    ("valence-coprocessor-redis-server", Layer::Testing),
    ("valence-coprocessor-harness", Layer::Testing),
    ("valence-coprocessor-scenarios", Layer::Testing),
    ("valence-coprocessor-vectors", Layer::Testing),
    ("benches", Layer::Testing),
    ("xtask", Layer::Testing),
];

/// What a package must never know, beyond its layer.
const ABSENCES: &[(&str, &[&str], &str)] = &[
    (
        "valence-coprocessor",
        &[
            "axum",
            "hyper",
            "reqwest",
            "tower-http",
            "clap",
            "redb",
            "redis",
            "sp1-sdk",
        ],
        "the engine knows no HTTP, no arguments, and no adapter's library",
    ),
    (
        "valence-coprocessor-api",
        &["axum", "reqwest", "tokio"],
        "the API's types know neither server nor client",
    ),
    (
        "valence-coprocessor-zkvm-remote",
        &["sp1-sdk", "clap", "axum"],
        "workers and services speak of any zkVM alike",
    ),
    (
        "valence-coprocessor-verifier",
        &["sp1-sdk", "tokio", "reqwest"],
        "verification needs neither prover nor network",
    ),
    (
        "valence-coprocessor-cli",
        &[
            "valence-coprocessor",
            "valence-coprocessor-server",
            "valence-coprocessor-store",
            "valence-coprocessor-wasm",
            "valence-coprocessor-zkvm-sp1",
            "sp1-sdk",
        ],
        "the command line sees client, api, verifier and L0",
    ),
];

/// What no guest code may use.
const NEVER_IN_GUESTS: &[&str] = &["tokio", "reqwest", "tracing", "anyhow", "rand", "getrandom"];

pub(super) fn check(repository: &Repository, findings: &mut Findings) -> anyhow::Result<()> {
    let metadata = MetadataCommand::new()
        .manifest_path(repository.path("Cargo.toml"))
        .no_deps()
        .exec()
        .context("reading the workspace's metadata")?;
    let members: BTreeSet<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some((position, layer)) = place(name) else {
            findings.add(
                name,
                "has no layer: give it one in xtask/src/tidy/layers.rs",
            );
            continue;
        };
        check_name(repository, package, findings);
        for dependency in product_dependencies(package) {
            let used = dependency.name.as_str();
            check_absences(name, layer, used, findings);
            if members.contains(used)
                && let Some(place) = place(used)
                && !may_use((position, layer), place)
            {
                findings.add(
                    name,
                    &format!("must not depend on {used}: layers point down"),
                );
            }
        }
    }
    Ok(())
}

fn place(name: &str) -> Option<(usize, Layer)> {
    LAYERS
        .iter()
        .position(|(known, _)| *known == name)
        .map(|position| (position, LAYERS[position].1))
}

fn may_use(user: (usize, Layer), used: (usize, Layer)) -> bool {
    let ordered = matches!(user.1, Layer::Guest | Layer::Program | Layer::Testing);
    used.1 < user.1 || (ordered && used.1 == user.1 && used.0 < user.0)
}

/// Tests may look wherever they like; what is shipped may not.
fn product_dependencies(package: &Package) -> impl Iterator<Item = &Dependency> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
}

fn check_absences(name: &str, layer: Layer, used: &str, findings: &mut Findings) {
    for (package, banned, reason) in ABSENCES {
        if *package == name && banned.contains(&used) {
            findings.add(name, &format!("must not depend on {used}: {reason}"));
        }
    }
    if layer == Layer::Guest && NEVER_IN_GUESTS.contains(&used) {
        findings.add(
            name,
            &format!("must not depend on {used}: it runs in guests"),
        );
    }
}

/// A folder is named after its package, so that one finds the other.
fn check_name(repository: &Repository, package: &Package, findings: &mut Findings) {
    let folder = package
        .manifest_path
        .parent()
        .and_then(|folder| folder.as_std_path().strip_prefix(repository.root()).ok())
        .and_then(|folder| folder.to_str())
        .unwrap_or_default();
    let name = package.name.as_str();
    let expected = match folder.split_once('/') {
        Some(("domains", rest)) => format!("valence-coprocessor-{}", rest.replace('/', "-")),
        Some(("examples", rest)) => rest.replace('/', "-"),
        Some((_, "coprocessor")) => "valence-coprocessor".to_owned(),
        Some((_, rest)) => format!("valence-coprocessor-{rest}"),
        None => folder.to_owned(),
    };
    if name != expected {
        findings.add(folder, &format!("holds package {name}, not {expected}"));
    }
}

#[cfg(test)]
mod tests {
    use super::{may_use, place};

    fn allowed(user: &str, used: &str) -> bool {
        let user = place(user).expect("a known package");
        let used = place(used).expect("a known package");
        may_use(user, used)
    }

    #[test]
    fn dependencies_point_down() {
        assert!(allowed("valence-coprocessor", "valence-coprocessor-wasm"));
        assert!(allowed(
            "valence-coprocessor-history",
            "valence-coprocessor-merkle"
        ));
        assert!(!allowed(
            "valence-coprocessor-merkle",
            "valence-coprocessor-history"
        ));
        assert!(!allowed(
            "valence-coprocessor-store",
            "valence-coprocessor-store-redb"
        ));
    }

    #[test]
    fn adapters_meet_only_through_ports() {
        assert!(!allowed(
            "valence-coprocessor-wasm",
            "valence-coprocessor-client"
        ));
        assert!(!allowed(
            "valence-coprocessor-client",
            "valence-coprocessor-wasm"
        ));
    }
}
