//! The official `ssz_static` vectors of the light client's containers: bytes, value and root, each against the others.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{
    BeaconError, BeaconHeader, Bootstrap, Bytes, ExecutionPayloadHeader, LightClientHeader,
    SyncAggregate, SyncCommittee, Update,
};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, Chunk, Fork, ForkVersion, Hasher, Preset, bytes_chunk, chunk_bytes, merkleize,
    number_chunk, signing_root,
};

use crate::fixtures::{self, parse};

const FOLDER: &str = "03-consensus-spec-tests";

/// Forks whose layouts differ, or may.
const FORKS: [(&str, Fork); 6] = [
    ("altair", Fork::Altair),
    ("bellatrix", Fork::Bellatrix),
    ("capella", Fork::Capella),
    ("deneb", Fork::Deneb),
    ("electra", Fork::Electra),
    ("fulu", Fork::Fulu),
];

/// Bytes, value and root of one container's case.
struct Case {
    preset: Preset,
    fork: Fork,
    serialized: Vec<u8>,
    value: Value,
    root: [u8; 32],
}

/// The cases of a container, of every preset and fork that are recorded.
fn cases(container: &str) -> Vec<Case> {
    let Some(root) = fixtures::folder() else {
        return Vec::new();
    };
    let mut cases = Vec::new();
    for (name, preset) in [("mainnet", Preset::MAINNET), ("minimal", Preset::MINIMAL)] {
        for (fork_name, fork) in FORKS {
            // Bellatrix has payload headers, which no light client sees.
            if container == "ExecutionPayloadHeader" && fork < Fork::Capella {
                continue;
            }
            let suites = format!("{FOLDER}/{name}/{fork_name}/ssz_static/{container}");
            for suite in entries(&root.join(suites)) {
                cases.extend(
                    entries(&suite)
                        .iter()
                        .map(|folder| Case::read(folder, preset, fork)),
                );
            }
        }
    }
    assert!(!cases.is_empty());
    cases
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

impl Case {
    fn read(folder: &Path, preset: Preset, fork: Fork) -> Self {
        let text = |name: &str| fs::read_to_string(folder.join(name)).expect("a file");
        let compressed = fs::read(folder.join("serialized.ssz_snappy")).expect("a file");
        let value: yaml_serde::Value = yaml_serde::from_str(&text("value.yaml")).expect("YAML");
        let roots: yaml_serde::Value = yaml_serde::from_str(&text("roots.yaml")).expect("YAML");
        Self {
            preset,
            fork,
            serialized: snap::raw::Decoder::new()
                .decompress_vec(&compressed)
                .expect("snappy"),
            value: quoted(&value),
            root: fixtures::hash(roots["root"].as_str().expect("a root")),
        }
    }
}

/// YAML writes numbers as numbers, the Beacon API as texts.
fn quoted(value: &yaml_serde::Value) -> Value {
    match value {
        yaml_serde::Value::Number(number) => Value::from(number.to_string()),
        yaml_serde::Value::String(text) => Value::from(text.as_str()),
        yaml_serde::Value::Sequence(list) => list.iter().map(quoted).collect(),
        yaml_serde::Value::Mapping(mapping) => mapping
            .iter()
            .map(|(key, value)| (key.as_str().expect("a name").to_owned(), quoted(value)))
            .collect(),
        other => panic!("an unexpected value {other:?}"),
    }
}

fn tree(chunks: &[Chunk]) -> Chunk {
    let depth = chunks.len().next_power_of_two().ilog2() as usize;
    merkleize(&mut Hasher::new(), &mut chunks.to_vec(), depth)
}

fn branch(branch: &[Bytes<32>]) -> Chunk {
    let chunks: Vec<_> = branch.iter().map(|node| bytes_chunk(&node.0)).collect();
    tree(&chunks)
}

fn packed(bytes: &[u8]) -> Chunk {
    let chunks: Vec<_> = bytes.chunks(32).map(bytes_chunk).collect();
    tree(&chunks)
}

fn header_root(header: &LightClientHeader, fork: Fork) -> Chunk {
    let beacon = header.beacon.summary().hash_tree_root(&mut Hasher::new());
    let (Some(execution), Some(nodes)) = (&header.execution, &header.execution_branch) else {
        // A container of one field has the root of that field.
        return *beacon.words();
    };
    tree(&[
        *beacon.words(),
        payload_root(execution, fork),
        branch(nodes),
    ])
}

fn payload_root(execution: &ExecutionPayloadHeader, fork: Fork) -> Chunk {
    execution.summary().hash_tree_root(&mut Hasher::new(), fork)
}

fn committee_root(committee: &SyncCommittee) -> Chunk {
    *committee.root().expect("a committee").words()
}

fn aggregate_root(aggregate: &SyncAggregate) -> Chunk {
    tree(&[
        packed(&aggregate.sync_committee_bits),
        packed(&aggregate.sync_committee_signature.0),
    ])
}

fn update_root(update: &Update, fork: Fork) -> Chunk {
    let mut chunks = vec![header_root(&update.attested_header, fork)];
    if let (Some(next), Some(nodes)) = (
        &update.next_sync_committee,
        &update.next_sync_committee_branch,
    ) {
        chunks.extend([committee_root(next), branch(nodes)]);
    }
    chunks.extend([
        header_root(&update.finalized_header, fork),
        branch(&update.finality_branch),
        aggregate_root(&update.sync_aggregate),
        number_chunk(update.signature_slot),
    ]);
    tree(&chunks)
}

/// A container that the crate decodes from bytes.
fn check<T: DeserializeOwned + PartialEq + std::fmt::Debug>(
    container: &str,
    decode: impl Fn(&[u8], Fork, &Preset) -> Result<T, BeaconError>,
    root: impl Fn(&T, Fork) -> Chunk,
) {
    for case in cases(container) {
        let value: T = parse(&case.value);
        assert_eq!(
            chunk_bytes(&root(&value, case.fork)),
            case.root,
            "{container}"
        );
        let decode = |bytes: &[u8]| decode(bytes, case.fork, &case.preset);
        assert_eq!(decode(&case.serialized), Ok(value), "{container}");
        for length in [0, 3, case.serialized.len() / 2] {
            let shorter = decode(&case.serialized[..length]);
            assert!(shorter.is_err(), "{container} of {length} bytes");
        }
    }
}

/// A container that stands only within others: its value and its root.
fn check_root<T: DeserializeOwned>(container: &str, root: impl Fn(&T, Fork) -> Chunk) {
    for case in cases(container) {
        let got = root(&parse(&case.value), case.fork);
        assert_eq!(chunk_bytes(&got), case.root, "{container}");
    }
}

#[test]
fn what_stands_within_has_its_root() {
    check_root("BeaconBlockHeader", |header: &BeaconHeader, _| {
        *header.summary().hash_tree_root(&mut Hasher::new()).words()
    });
    check_root("ExecutionPayloadHeader", payload_root);
    check_root("SyncCommittee", |committee, _| committee_root(committee));
    check_root("SyncAggregate", |aggregate, _| aggregate_root(aggregate));
    check_root("LightClientHeader", header_root);
}

#[test]
fn what_nodes_answer_has_its_bytes_and_its_root() {
    check(
        "LightClientBootstrap",
        Bootstrap::from_ssz,
        |bootstrap, fork| {
            tree(&[
                header_root(&bootstrap.header, fork),
                committee_root(&bootstrap.current_sync_committee),
                branch(&bootstrap.current_sync_committee_branch),
            ])
        },
    );
    check("LightClientUpdate", Update::from_ssz, update_root);
    check(
        "LightClientFinalityUpdate",
        Update::finality_from_ssz,
        update_root,
    );
}

/// `SigningData` and `ForkData`, of which the signing root is made: checked apart, then as one.
#[test]
fn the_signing_root_is_made_of_both_containers() {
    for case in cases("SigningData") {
        let chunk = |key: &str| bytes_chunk(&parse::<Bytes<32>>(&case.value[key]).0);
        let root = Hasher::new().pair(&chunk("object_root"), &chunk("domain"));
        assert_eq!(chunk_bytes(&root), case.root);
    }
    for case in cases("ForkData") {
        let version = parse::<Bytes<4>>(&case.value["current_version"]).0;
        let validators = parse::<Bytes<32>>(&case.value["genesis_validators_root"]).0;
        let block = BlockRoot::from_bytes(&[7; 32]);
        // compute_domain: the type 0x07000000, then the first 28 bytes of the root of the fork data.
        let mut domain = [0; 32];
        domain[0] = 7;
        domain[4..].copy_from_slice(&case.root[..28]);
        let expected = Hasher::new().pair(block.words(), &bytes_chunk(&domain));
        let version = ForkVersion::from_bytes(version);
        let got = signing_root(&mut Hasher::new(), &validators, version, &block);
        assert_eq!(got, expected);
    }
}
