//! The chain without an execution node: forks, periods, missed slots and participation, judged by the
//! test's own light client.

use std::sync::Arc;

use alloy_primitives::B256;
use sha2::{Digest as _, Sha256};
use valence_coprocessor_devnet::{
    Chain, Fork, ForkSchedule, Participation, Preset, Rules, containers::ExecutionPayloadHeader,
};

/// A payload that differs from block to block.
pub(crate) fn payload(number: u64) -> ExecutionPayloadHeader {
    let hash = |name: &str| B256::from_slice(&Sha256::digest(format!("{name} {number}")));
    ExecutionPayloadHeader {
        state_root: hash("state"),
        block_hash: hash("block"),
        block_number: number,
        blob_gas_used: 131_072,
        ..ExecutionPayloadHeader::default()
    }
}

fn rules(preset: Preset, forks: ForkSchedule, validators: usize) -> Arc<Rules> {
    let rules = Rules::new(preset, forks, 0, 6, B256::repeat_byte(7), validators);
    Arc::new(rules.expect("valid rules"))
}

fn grow(chain: &mut Chain, slot: u64, participation: Participation) {
    let number = chain.head().payload().block_number + 1;
    chain
        .extend(slot, payload(number), participation, B256::ZERO)
        .expect("a later slot");
}

#[test]
fn finality_comes_two_epochs_later_and_looks_back_over_missed_slots() {
    let forks = ForkSchedule::from_genesis(Fork::Electra);
    let mut chain = Chain::new(rules(Preset::Minimal, forks, 64), payload(0)).expect("a chain");
    // Slots 15 to 17 are missed: the checkpoint of epoch 2 is the block at slot 14.
    for slot in (1..=40).filter(|slot| !(15..=17).contains(slot)) {
        grow(&mut chain, slot, Participation::Full);
        let epoch = slot / 8;
        let expected = match epoch {
            0..=2 => 0,
            3 => 8,
            4 => 14,
            _ => 24,
        };
        assert_eq!(chain.finalized().slot(), expected, "slot {slot}");
    }
    // The block at slot 40 signs slot 39, whose state is of epoch 4.
    let update = chain.newest_final_update().expect("final");
    assert_eq!(update.attested.slot(), 39);
    assert_eq!(
        update.finalized.as_ref().map(|block| block.slot()),
        Some(14)
    );
    assert_eq!(chain.head().header().slot, 40);
    assert_eq!(chain.block_at(16), None);
}

#[test]
fn committees_change_each_period_and_follow_from_the_seed() {
    let forks = ForkSchedule::from_genesis(Fork::Deneb);
    let (one, two) = (
        rules(Preset::Minimal, forks, 64),
        rules(Preset::Minimal, forks, 64),
    );
    let first = one.validators().committee(0).expect("a committee");
    assert_eq!(first, two.validators().committee(0).expect("a committee"));
    let second = one.validators().committee(1).expect("a committee");
    assert_ne!(first.root, second.root);
    let mut members = first.members.clone();
    members.sort_unstable();
    members.dedup();
    assert_eq!(
        members.len(),
        32,
        "64 validators fill 32 seats without repeating"
    );
}

#[test]
fn few_validators_take_several_seats() {
    let forks = ForkSchedule::from_genesis(Fork::Deneb);
    let rules = rules(Preset::Minimal, forks, 20);
    let committee = rules.validators().committee(3).expect("a committee");
    assert_eq!(committee.pubkeys.len(), 32);
    assert_eq!(committee.pubkeys[0], committee.pubkeys[20]);
    let keys: Vec<&[u8]> = committee.pubkeys.iter().map(|key| &key.0[..]).collect();
    let sum = blst::min_pk::AggregatePublicKey::aggregate_serialized(&keys, true);
    let sum = sum.expect("points").to_public_key().to_bytes();
    assert_eq!(&committee.aggregate_pubkey.0[..], sum);
}

#[test]
fn the_better_update_of_a_period_is_kept() {
    let forks = ForkSchedule::from_genesis(Fork::Electra);
    let mut chain = Chain::new(rules(Preset::Minimal, forks, 64), payload(0)).expect("a chain");
    let signers = |chain: &Chain| {
        let update = chain.best_update(0).expect("an update");
        (update.signature_slot, update.aggregate.signers())
    };
    grow(&mut chain, 1, Participation::Count(10));
    assert_eq!(signers(&chain), (1, 10));
    grow(&mut chain, 2, Participation::Count(9));
    assert_eq!(signers(&chain), (1, 10));
    grow(&mut chain, 3, Participation::TwoThirds);
    assert_eq!(signers(&chain), (3, 22));
    grow(&mut chain, 4, Participation::Full);
    assert_eq!(signers(&chain), (4, 32));
    grow(&mut chain, 5, Participation::Full);
    assert_eq!(signers(&chain), (4, 32), "the older one");
    for slot in 6..=25 {
        grow(&mut chain, slot, Participation::Count(21));
    }
    assert_eq!(
        signers(&chain),
        (4, 32),
        "finality without a supermajority is worth less"
    );
    grow(&mut chain, 26, Participation::TwoThirds);
    assert_eq!(
        signers(&chain),
        (26, 22),
        "finality is worth more than signers"
    );
    grow(&mut chain, 27, Participation::Count(0));
    assert_eq!(chain.newest_update().expect("one").signature_slot, 26);
}

#[test]
fn two_thirds_is_the_smallest_supermajority() {
    for size in [32_usize, 512] {
        let signers = Participation::TwoThirds.signers(size);
        assert!(3 * signers >= 2 * size && 3 * (signers - 1) < 2 * size);
    }
    assert_eq!(Participation::Count(600).signers(512), 512);
}

#[test]
fn slots_do_not_go_back() {
    let forks = ForkSchedule::from_genesis(Fork::Electra);
    let mut chain = Chain::new(rules(Preset::Minimal, forks, 64), payload(0)).expect("a chain");
    grow(&mut chain, 3, Participation::Full);
    let refused = chain.extend(3, payload(9), Participation::Full, B256::ZERO);
    assert!(refused.is_err());
}

#[test]
fn payloads_before_deneb_know_no_blobs() {
    let forks = ForkSchedule::from_genesis(Fork::Capella)
        .then(Fork::Deneb, 1)
        .expect("later");
    let mut chain = Chain::new(rules(Preset::Minimal, forks, 64), payload(0)).expect("a chain");
    grow(&mut chain, 7, Participation::Full);
    assert_eq!(chain.head().payload().blob_gas_used, 0);
    grow(&mut chain, 8, Participation::Full);
    assert_eq!(chain.head().payload().blob_gas_used, 131_072);
}
