//! Recorded blocks of mainnet, hashed whole: the headers and branches that light clients see of them, and who signed.

use std::fs;

use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{
    BeaconError, BeaconHeader, Bootstrap, Bytes, Client, LightClientHeader, SyncAggregate,
    SyncCommittee, Update,
};
use valence_coprocessor_ethereum_bls::{SignatureError, SigningRoot, verify};
use valence_coprocessor_ethereum_light_client::{
    Advice, BlockRoot, BootstrapError, Fork, GeneralizedIndex, Hasher, HeaderError, MAINNET,
    PublicKey, Signature, chunk_bytes, signing_root,
};

use crate::block_type::{self, EXECUTION_PAYLOAD, Limits};
use crate::fixtures::{self, NOW};
use crate::ssz_type::{Node, pair};

const FOLDER: &str = "04-eip1186-mainnet";

/// A block beside which the header that a light client sees is recorded, and who signed it.
struct RecordedBlock {
    bytes: Vec<u8>,
    fork: Fork,
    root: Node,
    header: LightClientHeader,
    aggregate: SyncAggregate,
    signature_slot: u64,
}

fn recorded_blocks() -> Vec<RecordedBlock> {
    let Some(anchors) = fixtures::json(&format!("{FOLDER}/anchors.derived.json")) else {
        return Vec::new();
    };
    let anchors = anchors.as_array().expect("anchors are an array");
    anchors.iter().filter_map(recorded_block).collect()
}

fn recorded_block(anchor: &Value) -> Option<RecordedBlock> {
    let folder = format!("{FOLDER}/{}", anchor["folder"].as_str().expect("a name"));
    let path = format!("{folder}/beacon_block_slot{}.ssz", anchor["slot"]);
    let bytes = fs::read(fixtures::folder()?.join(path)).ok()?;
    let update = fixtures::json(&format!("{folder}/optimistic_update.derived.json"))?;
    let update = &update["data"];
    let signature_slot = update["signature_slot"].as_str().expect("a slot");
    Some(RecordedBlock {
        bytes,
        fork: match anchor["fork"].as_str() {
            Some("deneb") => Fork::Deneb,
            Some("electra") => Fork::Electra,
            other => panic!("no block of {other:?} is recorded"),
        },
        root: fixtures::fixed(&anchor["beacon_block_root"]),
        header: fixtures::parse(&update["attested_header"]),
        aggregate: fixtures::parse(&update["sync_aggregate"]),
        signature_slot: signature_slot.parse().expect("a number"),
    })
}

/// The nodes beside the way from a leaf to the root, lowest first.
fn branch(mut level: Vec<Node>, mut index: usize) -> Vec<Bytes<32>> {
    level.resize(level.len().next_power_of_two(), [0; 32]);
    let mut branch = Vec::new();
    while level.len() > 1 {
        branch.push(Bytes(level[index ^ 1]));
        level = level.chunks(2).map(|two| pair(&two[0], &two[1])).collect();
        index /= 2;
    }
    branch
}

/// What a client says of a header of a trusted block; of the committee it knows none, so there it must end.
fn judged(header: &LightClientHeader, root: Node) -> BootstrapError {
    let bootstrap = Bootstrap {
        header: header.clone(),
        current_sync_committee: SyncCommittee {
            pubkeys: vec![Bytes([0; 48]); 512],
            aggregate_pubkey: Bytes([0; 48]),
        },
        current_sync_committee_branch: vec![Bytes([7; 32]); branch_depth(header)],
    };
    match Client::bootstrap(MAINNET, BlockRoot::from_bytes(&root), &bootstrap) {
        Err(BeaconError::Bootstrap(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn branch_depth(header: &LightClientHeader) -> usize {
    let fork = MAINNET.fork(header.beacon.slot);
    GeneralizedIndex::current_sync_committee(fork).depth()
}

/// Headers, payloads and branches that are made of whole blocks here are those that are recorded, and are taken.
#[test]
fn recorded_blocks_have_their_headers() {
    let blocks = recorded_blocks();
    assert!(
        fixtures::folder().is_none() || blocks.len() >= 6,
        "{} blocks",
        blocks.len()
    );
    for block in blocks {
        let signed = block_type::signed_block(block.fork, Limits::MAINNET);
        let message = signed.fields(&block.bytes)[0];
        let body_bytes = &message[84..];
        let number = |at: usize| u64::from_le_bytes(*message[at..].first_chunk().expect("8 bytes"));
        let hash = |at: usize| Bytes(*message[at..].first_chunk().expect("32 bytes"));
        let body = block_type::body(block.fork, Limits::MAINNET);
        let beacon = BeaconHeader {
            slot: number(0),
            proposer_index: number(8),
            parent_root: hash(16),
            state_root: hash(48),
            body_root: Bytes(body.root(body_bytes)),
        };
        assert_eq!(beacon, block.header.beacon);
        let root = beacon.summary().hash_tree_root(&mut Hasher::new());
        assert_eq!(root.to_bytes(), block.root);

        let mut header = block.header.clone();
        let roots = body.roots(body_bytes);
        let payload = header.execution.as_ref().expect("a payload");
        let summary = payload.summary();
        let payload_root = summary.hash_tree_root(&mut Hasher::new(), block.fork);
        assert_eq!(chunk_bytes(&payload_root), roots[EXECUTION_PAYLOAD]);
        let proven = branch(roots, EXECUTION_PAYLOAD);
        assert_eq!(header.execution_branch, Some(proven));

        let accepted = BootstrapError::CurrentSyncCommitteeBranch;
        assert_eq!(judged(&header, block.root), accepted);
        let payload = header.execution.as_mut().expect("a payload");
        payload.state_root.0[31] ^= 1;
        let slot = header.beacon.slot;
        assert_eq!(
            judged(&header, block.root),
            BootstrapError::Header(HeaderError::ExecutionBranch { slot })
        );
    }
}

/// Whether a committee signed a block, as the bits say.
fn judge_signature(
    committee: &SyncCommittee,
    aggregate: &SyncAggregate,
    signature_slot: u64,
    root: &Node,
) -> Result<(), SignatureError> {
    let bits = &aggregate.sync_committee_bits;
    let absent: Vec<_> = (0..512)
        .filter(|member| bits[member / 8] >> (member % 8) & 1 == 0)
        .map(|member| PublicKey(committee.pubkeys[member].0))
        .collect();
    let version = MAINNET.signature_version(signature_slot);
    let validators = &MAINNET.genesis_validators_root;
    let root = BlockRoot::from_bytes(root);
    let message = signing_root(&mut Hasher::new(), validators, version, &root);
    verify(
        &PublicKey(committee.aggregate_pubkey.0),
        &absent,
        &SigningRoot(chunk_bytes(&message)),
        &Signature(aggregate.sync_committee_signature.0),
        &Advice::none(),
    )
}

/// The committees of the recorded chain signed the recorded blocks of their periods.
#[test]
fn recorded_blocks_are_signed() {
    const CHAIN: &str = "01-beacon-mainnet/deneb-chain-1347-1406-ssz";
    let path = format!("{CHAIN}/bootstrap_slot11034656_period1347.ssz");
    let Some(bootstrap) = fixtures::ssz_bootstrap(&path, Fork::Deneb) else {
        return;
    };
    let mut client = fixtures::trusting(MAINNET, &bootstrap);
    let mut committees = vec![(1347, client.current_sync_committee().clone())];
    for name in ["updates_period1347_count46", "updates_period1393_count14"] {
        let updates = fixtures::ssz_updates(&format!("{CHAIN}/{name}.ssz")).expect("recorded");
        for update in updates {
            client.process(&update, NOW).expect("a recorded update");
            let next = client.next_sync_committee().expect("learnt").clone();
            committees.push((committees.len() as u64 + 1347, next));
        }
    }
    let mut signed = 0;
    for block in recorded_blocks() {
        let slot = block.signature_slot;
        let period = MAINNET.preset.period(slot);
        let Some((_, committee)) = committees.iter().find(|(of, _)| *of == period) else {
            continue;
        };
        let judged = |root| judge_signature(committee, &block.aggregate, slot, root);
        assert_eq!(judged(&block.root), Ok(()), "period {period}");
        assert_eq!(judged(&[7; 32]), Err(SignatureError::Mismatch));
        signed += 1;
    }
    assert!(signed >= 4, "{signed} blocks");
}

/// An optimistic update is true, and nothing that the light client could take: it finalizes nothing.
#[test]
fn an_optimistic_update_is_signed_and_no_update() {
    let path = "01-beacon-mainnet/capella-862-867-json/optimistic.json";
    let Some(recorded) = fixtures::json(path) else {
        return;
    };
    let update = &recorded["data"];
    let header: LightClientHeader = fixtures::parse(&update["attested_header"]);
    let aggregate = fixtures::parse(&update["sync_aggregate"]);
    let slot = update["signature_slot"].as_str().expect("a slot");
    let slot = slot.parse().expect("a number");
    let root = header.beacon.summary().hash_tree_root(&mut Hasher::new());
    let root = root.to_bytes();
    let accepted = BootstrapError::CurrentSyncCommitteeBranch;
    assert_eq!(judged(&header, root), accepted);

    let (bootstrap, updates, _) = fixtures::capella().expect("recorded");
    let mut client = fixtures::trusting(MAINNET, &bootstrap);
    for update in &updates {
        client.process(update, NOW).expect("a recorded update");
    }
    let committee = client.current_sync_committee();
    assert_eq!(judge_signature(committee, &aggregate, slot, &root), Ok(()));
    let parsed = serde_json::from_value::<Update>(update.clone());
    let missing = parsed.expect_err("no update").to_string();
    assert!(
        missing.contains("missing field `finalized_header`"),
        "{missing}"
    );
}
