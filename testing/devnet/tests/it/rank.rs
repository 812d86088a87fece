//! The ranking of updates against the specification's own words, and on its cases.

use ssz::Decode as _;
use valence_coprocessor_devnet::{
    Merits, Preset,
    containers::{Capella, Deneb, Electra, LightClientUpdate, Mainnet, Minimal, Shape},
};

use crate::fixtures;

const PRESET: Preset = Preset::Minimal;

/// `is_better_update`, line by line (consensus-specs v1.6, `altair/light-client/sync-protocol.md`).
fn is_better_update(new: &Merits, old: &Merits) -> bool {
    let period = |slot: u64| slot / 8 / 8;
    let max_active_participants = new.committee_size;
    let new_has_supermajority = new.signers * 3 >= max_active_participants * 2;
    let old_has_supermajority = old.signers * 3 >= max_active_participants * 2;
    if new_has_supermajority != old_has_supermajority {
        return new_has_supermajority;
    }
    if !new_has_supermajority && new.signers != old.signers {
        return new.signers > old.signers;
    }
    let has_relevant_sync_committee = |update: &Merits| {
        update.has_next_committee && period(update.attested) == period(update.signature)
    };
    if has_relevant_sync_committee(new) != has_relevant_sync_committee(old) {
        return has_relevant_sync_committee(new);
    }
    if new.finalized.is_some() != old.finalized.is_some() {
        return new.finalized.is_some();
    }
    if let (Some(new_finalized), Some(old_finalized)) = (new.finalized, old.finalized) {
        let new_has_sync_committee_finality = period(new_finalized) == period(new.attested);
        let old_has_sync_committee_finality = period(old_finalized) == period(old.attested);
        if new_has_sync_committee_finality != old_has_sync_committee_finality {
            return new_has_sync_committee_finality;
        }
    }
    if new.signers != old.signers {
        return new.signers > old.signers;
    }
    if new.attested != old.attested {
        return new.attested < old.attested;
    }
    new.signature < old.signature
}

/// Updates around the border of two periods: with few, just enough and all signers, with and without committee,
/// finality of either period, signed in the same period or the next.
fn all_kinds() -> Vec<Merits> {
    let mut all = Vec::new();
    for signers in [1, 20, 21, 22, 31, 32] {
        for has_next_committee in [false, true] {
            for attested in [62, 63, 64, 100] {
                for finalized in [None, Some(8), Some(16), Some(64)] {
                    for later in [1, 2] {
                        all.push(Merits {
                            signers,
                            committee_size: 32,
                            has_next_committee,
                            attested,
                            finalized,
                            signature: attested + later,
                        });
                    }
                }
            }
        }
    }
    all
}

#[test]
fn ranks_are_in_the_order_of_the_specification() {
    let all = all_kinds();
    let mut better = 0_usize;
    for new in &all {
        for old in &all {
            let expected = is_better_update(new, old);
            assert_eq!(
                new.rank(PRESET) > old.rank(PRESET),
                expected,
                "{new:?}, {old:?}"
            );
            better += usize::from(expected);
        }
    }
    // Hardly any two are alike, so nearly half of all pairs, in one order or the other, are decided.
    assert!(better > all.len() * all.len() * 2 / 5, "{better}");
}

fn merits<S: Shape>(bytes: &[u8]) -> Merits {
    let update = LightClientUpdate::<S>::from_ssz_bytes(bytes).expect("an update");
    let bits = &update.sync_aggregate.sync_committee_bits;
    let is_there = |branch: &[_]| {
        branch
            .iter()
            .any(|node: &alloy_primitives::B256| !node.is_zero())
    };
    Merits {
        signers: bits.num_set_bits(),
        committee_size: bits.len(),
        has_next_committee: is_there(&update.next_sync_committee_branch),
        attested: update.attested_header.beacon.slot,
        finalized: is_there(&update.finality_branch).then_some(update.finalized_header.beacon.slot),
        signature: update.signature_slot,
    }
}

/// The folders of a handler's cases, if there are any.
fn cases(preset: Preset, fork: &str, handler: &str) -> Vec<String> {
    let suite = format!(
        "03-consensus-spec-tests/{}/{fork}/light_client/{handler}/pyspec_tests",
        preset.name()
    );
    let is_there = fixtures::folder().is_some_and(|folder| folder.join(&suite).is_dir());
    let names = is_there.then(|| fixtures::names(&suite)).flatten();
    names
        .into_iter()
        .flatten()
        .map(|case| format!("{suite}/{case}"))
        .collect()
}

/// The official cases of `update_ranking`, as far as they are recorded: each update is better than the next one.
fn check_ranking<S: Shape>(preset: Preset, fork: &str) {
    for case in cases(preset, fork, "update_ranking") {
        let count: usize = fixtures::yaml(&format!("{case}/meta.yaml"), "updates_count")
            .and_then(|count| count.parse().ok())
            .expect("a count");
        let ranks: Vec<_> = (0..count)
            .map(|index| fixtures::snappy(&format!("{case}/updates_{index}.ssz_snappy")))
            .map(|bytes| merits::<S>(&bytes.expect("a file")).rank(preset))
            .collect();
        assert!(
            ranks.len() > 1 && ranks.is_sorted_by(|better, worse| better > worse),
            "{case}"
        );
    }
}

/// Updates of the cases of `sync` that differ only in what they bring, which their names say: `s` for a committee before `f`
/// for finality. Returns how many pairs there are.
fn check_names<S: Shape>(preset: Preset, fork: &str) -> usize {
    let mut pairs = 0;
    let mut cases = cases(preset, fork, "sync");
    cases.retain(|case| fixtures::is_of_one_fork(case));
    for case in cases {
        let names = fixtures::names(&case).expect("a folder");
        let updates: Vec<_> = names
            .iter()
            .filter_map(|name| name.strip_prefix("update_")?.strip_suffix(".ssz_snappy"))
            .map(|name| {
                let bytes = fixtures::snappy(&format!("{case}/update_{name}.ssz_snappy"));
                let (block, kind) = name.split_once('_').expect("a kind");
                (
                    block,
                    [&kind[..1] == "s", &kind[1..] == "f"],
                    merits::<S>(&bytes.expect("a file")),
                )
            })
            .collect();
        for (block, brings, merits) in &updates {
            for (other_block, others, other) in &updates {
                let alike = block == other_block
                    && (merits.signers, merits.signature) == (other.signers, other.signature)
                    && preset.period(merits.attested) == preset.period(merits.signature);
                if alike && brings > others {
                    assert!(merits.rank(preset) > other.rank(preset), "{case} {block}");
                    pairs += 1;
                }
            }
        }
    }
    pairs
}

#[test]
fn cases_of_the_specification_are_ranked() {
    let mut pairs = 0;
    check_ranking::<Capella<Minimal>>(Preset::Minimal, "capella");
    check_ranking::<Capella<Mainnet>>(Preset::Mainnet, "capella");
    pairs += check_names::<Capella<Minimal>>(Preset::Minimal, "capella");
    check_ranking::<Deneb<Minimal>>(Preset::Minimal, "deneb");
    check_ranking::<Deneb<Mainnet>>(Preset::Mainnet, "deneb");
    pairs += check_names::<Deneb<Minimal>>(Preset::Minimal, "deneb");
    for fork in ["electra", "fulu"] {
        check_ranking::<Electra<Minimal>>(Preset::Minimal, fork);
        check_ranking::<Electra<Mainnet>>(Preset::Mainnet, fork);
        pairs += check_names::<Electra<Minimal>>(Preset::Minimal, fork);
    }
    assert!(fixtures::folder().is_none() || pairs >= 3, "{pairs} pairs");
}
