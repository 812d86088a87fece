//! Recorded answers of mainnet's beacon nodes: the containers read and write them unchanged, and what they
//! hold is proven and signed as the test's own light client and the devnet's signing code expect.

use alloy_primitives::B256;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use ssz::{Decode as _, Encode as _};
use tree_hash::TreeHash as _;
use valence_coprocessor_devnet::{
    SIGNATURE_SUITE,
    containers::{
        BeaconBlockHeader, Capella, Deneb, Electra, LightClientBootstrap,
        LightClientFinalityUpdate, LightClientOptimisticUpdate, LightClientUpdate, Mainnet, Shape,
    },
    signing::{DOMAIN_SYNC_COMMITTEE, compute_domain, compute_fork_digest, compute_signing_root},
};

use crate::{
    fixtures,
    specification::{Network, Store},
};

/// The object of a versioned answer, which must give the same JSON again.
fn object<T: Serialize + DeserializeOwned>(answer: &Value) -> T {
    let data = &answer["data"];
    let object: T = serde_json::from_value(data.clone()).expect("the container's JSON");
    assert_eq!(&serde_json::to_value(&object).expect("JSON"), data);
    object
}

fn read<T: Serialize + DeserializeOwned>(path: &str) -> Option<T> {
    fixtures::json(&format!("01-beacon-mainnet/{path}")).map(|answer| object(&answer))
}

/// All slots of period 1600: a header of zeros is a missed slot.
#[test]
fn headers_of_a_whole_period_have_their_roots_and_their_parents() {
    const HEADER: usize = 112;
    let folder = "01-beacon-mainnet/electra-period1600-all-headers-ssz";
    let Some(headers) = fixtures::bytes(&format!("{folder}/headers.ssz")) else {
        return;
    };
    let roots = fixtures::bytes(&format!("{folder}/blocks.ssz")).expect("a file");
    let mut before: Option<B256> = None;
    let mut present = 0;
    for (header, root) in headers.chunks_exact(HEADER).zip(roots.chunks_exact(32)) {
        if header == [0; HEADER] {
            assert_eq!(before.as_ref().map(B256::as_slice), Some(root));
            continue;
        }
        let header = BeaconBlockHeader::from_ssz_bytes(header).expect("a header");
        assert_eq!(header.tree_hash_root().as_slice(), root);
        assert!(before.is_none_or(|parent| parent == header.parent_root));
        before = Some(header.tree_hash_root());
        present += 1;
    }
    assert_eq!(present, 8192 - 89);
}

fn root_of<S: Shape>(bootstrap: &LightClientBootstrap<S>) -> B256 {
    bootstrap.header.beacon.tree_hash_root()
}

#[test]
fn six_periods_of_capella_follow_from_their_bootstrap() {
    type Form = Capella<Mainnet>;
    let network = Network::mainnet();
    let folder = "capella-862-867-json";
    let Some(bootstrap) = read::<LightClientBootstrap<Form>>(&format!("{folder}/bootstrap.json"))
    else {
        return;
    };
    let mut store = Store::new(&network, root_of(&bootstrap), &bootstrap).expect("a store");
    assert_eq!(store.current.sum(), store.current.aggregate);
    let updates = fixtures::json(&format!("01-beacon-mainnet/{folder}/updates.json"));
    let updates = updates.expect("it is there");
    let updates = updates.as_array().expect("a list");
    assert_eq!(updates.len(), 6);
    for update in updates {
        let update: LightClientUpdate<Form> = object(update);
        store
            .process(&network, &network.update(&update))
            .expect("an honest update");
    }
    let finality: LightClientFinalityUpdate<Form> =
        read(&format!("{folder}/finality.json")).expect("it is there");
    store
        .process(&network, &network.finality_update(&finality))
        .expect("an honest update");
    assert_eq!(store.finalized.block_number, 17_923_026);
    let optimistic: LightClientOptimisticUpdate<Form> =
        read(&format!("{folder}/optimistic.json")).expect("it is there");
    network
        .header(&optimistic.attested_header)
        .check()
        .expect("a proven payload");
}

#[test]
fn deneb_is_read_from_json_and_signed_in_the_domain_that_the_devnet_computes() {
    type Form = Deneb<Mainnet>;
    let network = Network::mainnet();
    let folder = "deneb-1167-e2e-json";
    let path = |name: &str| format!("{folder}/{name}Deneb.json");
    let Some(bootstrap) = read::<LightClientBootstrap<Form>>(&path("Bootstrap")) else {
        return;
    };
    let mut store = Store::new(&network, root_of(&bootstrap), &bootstrap).expect("a store");
    let finality: LightClientFinalityUpdate<Form> = read(&path("FinalityUpdate")).expect("a file");
    assert_eq!(
        finality.finalized_header.beacon, bootstrap.header.beacon,
        "it finalizes the bootstrap's block"
    );
    let update = network.finality_update(&finality);
    network.check_branches(&update).expect("proven");
    network
        .check_signature(&update, &store.current)
        .expect("signed");
    let updates = fixtures::json(&format!("01-beacon-mainnet/{}", path("Update")));
    let first: LightClientUpdate<Form> = object(&updates.expect("a file")[0]);
    let first = network.update(&first);
    // Its finalized block is older than the bootstrap's, yet it brings the next committee.
    store.process(&network, &first).expect("an honest update");
    assert!(store.next.is_some());

    // The same signature by the devnet's own code.
    let domain = compute_domain(
        DOMAIN_SYNC_COMMITTEE,
        [4, 0, 0, 0],
        network.genesis_validators_root,
    );
    let root = finality.attested_header.beacon.tree_hash_root();
    let signing_root = compute_signing_root(root, domain);
    let keys: Vec<blst::min_pk::PublicKey> = bootstrap
        .current_sync_committee
        .pubkeys
        .iter()
        .zip(finality.sync_aggregate.sync_committee_bits.iter())
        .filter(|(_, bit)| *bit)
        .map(|(key, _)| blst::min_pk::PublicKey::from_bytes(&key.0).expect("a key"))
        .collect();
    let keys: Vec<&blst::min_pk::PublicKey> = keys.iter().collect();
    let signature = &finality.sync_aggregate.sync_committee_signature.0;
    let signature = blst::min_pk::Signature::from_bytes(signature).expect("a signature");
    let verdict =
        signature.fast_aggregate_verify(true, signing_root.as_slice(), SIGNATURE_SUITE, &keys);
    assert_eq!(verdict, blst::BLST_ERROR::BLST_SUCCESS);
}

/// Updates of a body: length (of digest and object), digest, object.
fn updates<S: Shape>(path: &str, digest: [u8; 4]) -> Vec<LightClientUpdate<S>> {
    let mut body = &fixtures::bytes(&format!("01-beacon-mainnet/{path}")).expect("a file")[..];
    let mut updates = Vec::new();
    while let Some((length, rest)) = body.split_first_chunk::<8>() {
        let length = usize::try_from(u64::from_le_bytes(*length)).expect("it fits");
        assert_eq!(rest[..4], digest);
        let bytes = &rest[4..length];
        let update = LightClientUpdate::from_ssz_bytes(bytes).expect("an update");
        assert_eq!(update.as_ssz_bytes(), bytes);
        updates.push(update);
        body = &rest[length..];
    }
    updates
}

#[test]
fn sixty_periods_of_deneb_follow_from_their_bootstrap() {
    type Form = Deneb<Mainnet>;
    let network = Network::mainnet();
    let folder = "deneb-chain-1347-1406-ssz";
    let start = format!("01-beacon-mainnet/{folder}/bootstrap_slot11034656_period1347.ssz");
    let Some(bytes) = fixtures::bytes(&start) else {
        return;
    };
    let bootstrap = LightClientBootstrap::<Form>::from_ssz_bytes(&bytes).expect("a bootstrap");
    assert_eq!(bootstrap.as_ssz_bytes(), bytes);
    let mut store = Store::new(&network, root_of(&bootstrap), &bootstrap).expect("a store");
    let digest = compute_fork_digest([4, 0, 0, 0], network.genesis_validators_root);
    let mut chain = updates::<Form>(&format!("{folder}/updates_period1347_count46.ssz"), digest);
    chain.extend(updates::<Form>(
        &format!("{folder}/updates_period1393_count14.ssz"),
        digest,
    ));
    assert_eq!(chain.len(), 60);
    for update in &chain {
        store
            .process(&network, &network.update(update))
            .expect("an honest update");
    }
    assert_eq!(network.period(store.finalized.beacon.slot), 1406);
}

/// Each bootstrap's committee signs the update of its period, which brings the next bootstrap's committee.
/// (The update of period 1601 finalizes a block of period 1600, as that of a quiet period may.)
#[test]
fn electra_goes_from_bootstrap_to_bootstrap() {
    type Form = Electra<Mainnet>;
    let network = Network::mainnet();
    let folder = "electra-1600-1602-ssz";
    let digest = compute_fork_digest([5, 0, 0, 0], network.genesis_validators_root);
    let mut next = None;
    for (period, slot) in [(1600, 13_107_200), (1601, 13_115_392), (1602, 13_123_584)] {
        let file = format!("01-beacon-mainnet/{folder}/bootstrap_slot{slot}_period{period}.ssz");
        let Some(bytes) = fixtures::bytes(&file) else {
            return;
        };
        let bootstrap = LightClientBootstrap::<Form>::from_ssz_bytes(&bytes).expect("a bootstrap");
        assert_eq!(bootstrap.as_ssz_bytes(), bytes);
        let store = Store::new(&network, root_of(&bootstrap), &bootstrap).expect("a store");
        if let Some(next) = next {
            assert_eq!(store.current, next);
        }
        let list = updates::<Form>(&format!("{folder}/update_period{period}.ssz"), digest);
        assert_eq!(list.len(), 1);
        let update = network.update(&list[0]);
        network.check_branches(&update).expect("proven");
        network
            .check_signature(&update, &store.current)
            .expect("signed");
        next = update.next.map(|(committee, _)| committee);
        assert!(next.is_some());
    }
}
