//! A chain of sixty periods, and every header of one period.

use valence_coprocessor_ethereum_beacon::{BeaconHeader, Bytes, Client};
use valence_coprocessor_ethereum_light_client::{Fork, Hasher, MAINNET};

use crate::fixtures::{self, NOW};

const FOLDER: &str = "01-beacon-mainnet/deneb-chain-1347-1406-ssz";

fn bootstrapped(slot: u64, period: u64) -> Option<Client> {
    let path = format!("{FOLDER}/bootstrap_slot{slot}_period{period}.ssz");
    let bootstrap = fixtures::ssz_bootstrap(&path, Fork::Deneb)?;
    Some(fixtures::trusting(MAINNET, &bootstrap))
}

/// Follows 1347 to 1406; wherever a node was asked for a bootstrap of its own, its committee is the one learnt.
#[test]
fn sixty_periods_from_one_bootstrap() {
    let Some(mut client) = bootstrapped(11_034_656, 1347) else {
        return;
    };
    let mut updates = fixtures::ssz_updates(&format!("{FOLDER}/updates_period1347_count46.ssz"))
        .expect("recorded");
    updates.extend(
        fixtures::ssz_updates(&format!("{FOLDER}/updates_period1393_count14.ssz"))
            .expect("recorded"),
    );
    assert_eq!(updates.len(), 60);
    let checks = [(11_296_800, 1379), (11_403_296, 1392), (11_419_680, 1394)];
    for (update, period) in updates.iter().zip(1347..) {
        client.process(update, NOW).expect("a recorded update");
        let checkpoint = client.store().checkpoint();
        assert_eq!(MAINNET.preset.period(checkpoint.slot), period);
        for (slot, _) in checks.iter().filter(|(_, checked)| *checked == period) {
            let independent = bootstrapped(*slot, period).expect("recorded");
            assert_eq!(
                independent.store().checkpoint().current_sync_committee,
                checkpoint.current_sync_committee,
                "period {period}"
            );
        }
    }
    let last = bootstrapped(11_526_688, 1407).expect("recorded");
    assert_eq!(
        Some(last.store().checkpoint().current_sync_committee),
        client.store().checkpoint().next_sync_committee
    );
}

#[test]
fn the_update_of_period_1419() {
    let Some(mut client) = bootstrapped(11_624_480, 1419) else {
        return;
    };
    let update = fixtures::ssz_updates(&format!("{FOLDER}/update_period1419.ssz"))
        .expect("recorded")
        .remove(0);
    client.process(&update, NOW).expect("a recorded update");
    assert!(client.next_sync_committee().is_some());
}

/// The roots of 8,103 headers, each named by the one after; 89 slots are missed.
#[test]
fn every_header_of_period_1600_has_its_root() {
    const FOLDER: &str = "01-beacon-mainnet/electra-period1600-all-headers-ssz";
    let Some(headers) = fixtures::bytes(&format!("{FOLDER}/headers.ssz")) else {
        return;
    };
    let roots = fixtures::bytes(&format!("{FOLDER}/blocks.ssz")).expect("recorded");
    let mut hasher = Hasher::new();
    let (headers, _) = headers.as_chunks::<112>();
    let (roots, _) = roots.as_chunks::<32>();
    assert_eq!((headers.len(), roots.len()), (8192, 8192));
    let mut seen = 0;
    for (header, root) in headers.iter().zip(roots) {
        if header.iter().all(|byte| *byte == 0) {
            continue;
        }
        seen += 1;
        let (words, _) = header.as_chunks::<8>();
        let hash = |at: usize| Bytes(*header[at..].first_chunk().expect("112 bytes"));
        let header = BeaconHeader {
            slot: u64::from_le_bytes(words[0]),
            proposer_index: u64::from_le_bytes(words[1]),
            parent_root: hash(16),
            state_root: hash(48),
            body_root: hash(80),
        };
        let got = header.summary().hash_tree_root(&mut hasher);
        assert_eq!(&got.to_bytes(), root, "slot {}", header.slot);
    }
    assert_eq!(seen, 8103);
}
