//! `light_client/sync` of the consensus spec tests (minimal preset): branches, signatures, fork digests.

use alloy_primitives::B256;
use ssz::Decode as _;
use tree_hash::TreeHash as _;
use valence_coprocessor_devnet::{
    Fork, MAX_BLOBS_PER_BLOCK_ELECTRA,
    containers::{Deneb, Electra, LightClientBootstrap, LightClientUpdate, Minimal, Shape},
    signing::{compute_fork_digest, compute_fork_digest_with_blobs},
};

use crate::{
    fixtures,
    specification::{Network, Store, Update},
};

fn check<S: Shape>(fork: Fork, digest: impl Fn(B256) -> [u8; 4]) {
    let suite = format!(
        "03-consensus-spec-tests/minimal/{}/light_client/sync/pyspec_tests",
        fork.name()
    );
    for case in fixtures::names(&suite).into_iter().flatten() {
        let case = format!("{suite}/{case}");
        // Containers of several forks in one case are for our own light client to tell apart.
        if !fixtures::is_of_one_fork(&case) {
            continue;
        }
        let fact = |name| fixtures::yaml(&format!("{case}/meta.yaml"), name).expect("a fact");
        let chain: B256 = fact("genesis_validators_root").parse().expect("a root");
        let expected = fact("bootstrap_fork_digest");
        assert_eq!(
            alloy_primitives::hex::encode_prefixed(digest(chain)),
            expected
        );
        let network = Network {
            genesis_validators_root: chain,
            forks: vec![(fork, fork.version(), 0)],
            slots_per_epoch: 8,
            epochs_per_period: 8,
        };
        check_case::<S>(
            &network,
            &case,
            fact("trusted_block_root").parse().expect("a root"),
        );
    }
}

fn check_case<S: Shape>(network: &Network, case: &str, trusted: B256) {
    let bytes = fixtures::snappy(&format!("{case}/bootstrap.ssz_snappy")).expect("a file");
    let bootstrap = LightClientBootstrap::<S>::from_ssz_bytes(&bytes).expect("a bootstrap");
    let store = Store::new(network, trusted, &bootstrap).expect("a store");
    let files = fixtures::names(case).expect("a folder");
    let updates: Vec<Update> = files
        .iter()
        .filter(|name| name.starts_with("update_"))
        .map(|name| {
            let bytes = fixtures::snappy(&format!("{case}/{name}")).expect("a file");
            let update = LightClientUpdate::<S>::from_ssz_bytes(&bytes).expect("an update");
            // The name says: root of the attested block, then s or x (committee), f or x (finality).
            let (root, kind) = name["update_".len()..].split_once('_').expect("a kind");
            assert_eq!(
                format!("{:?}", update.attested_header.beacon.tree_hash_root()),
                root
            );
            let update = network.update(&update);
            assert_eq!(update.next.is_some(), kind.starts_with('s'), "{name}");
            assert_eq!(
                update.finalized.is_some(),
                kind[1..].starts_with('f'),
                "{name}"
            );
            update
        })
        .collect();
    assert!(!updates.is_empty());
    let committees: Vec<_> = std::iter::once(&store.current)
        .chain(
            updates
                .iter()
                .filter_map(|update| update.next.as_ref().map(|(next, _)| next)),
        )
        .collect();
    for update in &updates {
        network.check_branches(update).expect("proven");
        let signed = committees
            .iter()
            .any(|committee| network.check_signature(update, committee).is_ok());
        assert!(signed, "slot {}", update.signature_slot);
    }
}

#[test]
fn deneb() {
    check::<Deneb<Minimal>>(Fork::Deneb, |chain| {
        compute_fork_digest(Fork::Deneb.version(), chain)
    });
}

#[test]
fn electra() {
    check::<Electra<Minimal>>(Fork::Electra, |chain| {
        compute_fork_digest(Fork::Electra.version(), chain)
    });
}

/// The first entry of the blob schedule begins at epoch 5, after the bootstrap.
#[test]
fn fulu() {
    check::<Electra<Minimal>>(Fork::Fulu, |chain| {
        let version = Fork::Fulu.version();
        compute_fork_digest_with_blobs(version, chain, 0, MAX_BLOBS_PER_BLOCK_ELECTRA)
    });
}
