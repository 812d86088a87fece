//! Branches to the places of a fork: those of recorded objects, and the official cases of
//! `light_client/single_merkle_proof` (consensus-spec-tests), as far as they are recorded.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use valence_coprocessor_ethereum_beacon::{Bootstrap, Bytes, Update};
use valence_coprocessor_ethereum_light_client::{Fork, GeneralizedIndex, Hasher, MAINNET};
use yaml_serde::Value;

use crate::block_type::{EXECUTION_PAYLOAD, Limits, body};
use crate::fixtures;
use crate::ssz_type::{Node, pair};

/// The root that a branch leads to from a leaf, whose place must be this one.
fn root_of(index: GeneralizedIndex, leaf: Node, branch: &[Bytes<32>]) -> Node {
    assert_eq!(branch.len(), index.depth());
    let step = |(node, place): (Node, u32), Bytes(sibling): &Bytes<32>| {
        let parent = if place % 2 == 1 {
            pair(sibling, &node)
        } else {
            pair(&node, sibling)
        };
        (parent, place / 2)
    };
    let (root, place) = branch.iter().fold((leaf, index.number()), step);
    assert_eq!(place, 1);
    root
}

/// The place that a case of this name is about.
fn index_of(case: &str, fork: Fork) -> GeneralizedIndex {
    match case {
        "current_sync_committee_merkle_proof" => GeneralizedIndex::current_sync_committee(fork),
        "next_sync_committee_merkle_proof" => GeneralizedIndex::next_sync_committee(fork),
        "finality_root_merkle_proof" => GeneralizedIndex::finalized_root(fork),
        "execution_merkle_proof" => GeneralizedIndex::EXECUTION_PAYLOAD,
        other => panic!("{other}: an unknown case"),
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn snappy(path: &Path) -> Vec<u8> {
    let compressed = fs::read(path).expect("a file");
    snap::raw::Decoder::new()
        .decompress_vec(&compressed)
        .expect("snappy")
}

fn node(value: &Value) -> Node {
    fixtures::hash(value.as_str().expect("a node"))
}

/// One of the specification's cases.
struct Case {
    leaf: Node,
    branch: Vec<Bytes<32>>,
    /// Where the branch leads to.
    root: Node,
    object: Vec<u8>,
}

impl Case {
    fn read(folder: &Path, fork: Fork) -> Self {
        let case = folder.file_name().and_then(|name| name.to_str());
        let index = index_of(case.expect("a name"), fork);
        let text = fs::read_to_string(folder.join("proof.yaml")).expect("a file");
        let proof: Value = yaml_serde::from_str(&text).expect("YAML");
        assert_eq!(proof["leaf_index"].as_u64(), Some(index.number().into()));
        let branch = proof["branch"].as_sequence().expect("a branch");
        let branch: Vec<_> = branch.iter().map(|value| Bytes(node(value))).collect();
        let leaf = node(&proof["leaf"]);
        Self {
            leaf,
            root: root_of(index, leaf, &branch),
            branch,
            object: snappy(&folder.join("object.ssz_snappy")),
        }
    }
}

/// All branches of a state must lead to one root; bodies are hashed.
#[test]
fn every_single_merkle_proof_of_the_specification() {
    let Some(root) = fixtures::folder() else {
        return;
    };
    let forks = [
        ("altair", Fork::Altair),
        ("bellatrix", Fork::Bellatrix),
        ("capella", Fork::Capella),
        ("deneb", Fork::Deneb),
        ("electra", Fork::Electra),
        ("fulu", Fork::Fulu),
    ];
    for preset in ["mainnet", "minimal"] {
        for (name, fork) in forks {
            let suites = root.join(format!(
                "03-consensus-spec-tests/{preset}/{name}/light_client/single_merkle_proof"
            ));
            let mut roots = BTreeMap::new();
            for folder in entries(&suites.join("BeaconState")) {
                let case = Case::read(&folder, fork);
                let known = *roots.entry(case.object).or_insert(case.root);
                assert_eq!(known, case.root, "{}", folder.display());
            }
            for folder in entries(&suites.join("BeaconBlockBody")) {
                check_body(&Case::read(&folder, fork), preset, fork);
            }
        }
    }
}

fn check_body(case: &Case, preset: &str, fork: Fork) {
    if preset == "mainnet" {
        let body = body(fork, Limits::MAINNET);
        assert_eq!(case.root, body.root(&case.object), "{fork:?}");
    }
    // What the minimal preset allows of blobs and requests differs between versions of the specification, so of such
    // bodies only the payload and the field beside it are compared.
    let limits = if preset == "mainnet" {
        Limits::MAINNET
    } else {
        Limits::MINIMAL
    };
    let roots = body(fork, limits).roots(&case.object);
    assert_eq!(case.leaf, roots[EXECUTION_PAYLOAD], "{fork:?}");
    assert_eq!(case.branch[0].0, roots[EXECUTION_PAYLOAD ^ 1], "{fork:?}");
}

/// Both branches of an update lead to the state root of the header that was signed.
fn check_update(update: &Update) {
    let attested = &update.attested_header.beacon;
    let fork = MAINNET.fork(attested.slot);
    let finalized = &update.finalized_header.beacon;
    let leaf = finalized.summary().hash_tree_root(&mut Hasher::new());
    let index = GeneralizedIndex::finalized_root(fork);
    let root = root_of(index, leaf.to_bytes(), &update.finality_branch);
    assert_eq!(root, attested.state_root.0);
    if let (Some(next), Some(branch)) = (
        &update.next_sync_committee,
        &update.next_sync_committee_branch,
    ) {
        let leaf = next.root().expect("a committee");
        let index = GeneralizedIndex::next_sync_committee(fork);
        let root = root_of(index, leaf.to_bytes(), branch);
        assert_eq!(root, attested.state_root.0);
    }
}

fn check_bootstrap(bootstrap: &Bootstrap) {
    let beacon = &bootstrap.header.beacon;
    let leaf = bootstrap
        .current_sync_committee
        .root()
        .expect("a committee");
    let index = GeneralizedIndex::current_sync_committee(MAINNET.fork(beacon.slot));
    let branch = &bootstrap.current_sync_committee_branch;
    let root = root_of(index, leaf.to_bytes(), branch);
    assert_eq!(root, beacon.state_root.0);
}

#[test]
fn branches_of_mainnet_lead_to_the_places_of_their_forks() {
    let Some((bootstrap, updates, finality)) = fixtures::capella() else {
        return;
    };
    check_bootstrap(&bootstrap);
    updates.iter().chain([&finality]).for_each(check_update);
    for objects in [fixtures::deneb(), fixtures::electra()] {
        let (bootstrap, update, finality) = objects.expect("recorded");
        check_bootstrap(&bootstrap);
        [update, finality].iter().for_each(check_update);
    }
}
