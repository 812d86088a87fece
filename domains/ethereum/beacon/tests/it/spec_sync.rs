//! The official cases of `light_client/sync` (consensus-spec-tests).
//!
//! The specification's store can do two things that this client refuses to: follow optimistic headers, which leaves
//! the finalized header alone and so needs no care here, and *force* an update after a time-out, which makes a header
//! final that nobody finalized. At a `force_update` that moves the specification's store,
//!
//! - our client must stay where it is, and from there on move to headers only that two thirds finalized;
//! - a second client trusts the forced header anew, as an operator would who restarts from a checkpoint, and must
//!   agree with the rest of the case.

use valence_coprocessor_ethereum_beacon::{BeaconError, Bytes, Client, SyncCommittee, Update};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, Fork, Hasher, LightClientStore, UpdateError, chunk_bytes,
};
use yaml_serde::Value;

use crate::fixtures::{SyncCase, folder, sync_cases};

/// A client and what the specification's store knows beside the finalized header.
struct Replay {
    case: SyncCase,
    /// Follows the specification, and is trusted anew at each forced header.
    client: Client,
    /// Never trusts anything but the bootstrap; from the first forced header on they differ.
    strict: Option<Client>,
    processed: Vec<Update>,
}

#[test]
fn every_case_of_the_specification() {
    let cases = sync_cases();
    assert!(
        folder().is_none() || cases.len() >= 6,
        "only {} cases",
        cases.len()
    );
    for case in cases {
        replay(case);
    }
}

/// What the strict client says to each update after the first forced header, in the case that has the most of them.
#[test]
fn a_forced_header_is_never_followed() {
    for case in longest_cases() {
        let ended = replay(case);
        let strict = ended.strict.expect("the case forces updates");
        assert_eq!(strict.store().checkpoint().slot, 96);
        assert_eq!(ended.client.store().checkpoint().slot, 264);
        let last = ended.processed.last().expect("updates");
        // Signed in period 4, while what is known to be final is of period 1.
        assert_eq!(
            strict.clone().process(last, 281),
            Err(BeaconError::Update(UpdateError::SignaturePeriod {
                got: 4,
                store: 1,
                next_known: true,
            }))
        );
    }
}

/// The cases `light_client_sync`, one of each fork.
fn longest_cases() -> Vec<SyncCase> {
    let mut cases = sync_cases();
    cases.retain(|case| case.folder.ends_with("pyspec_tests/light_client_sync"));
    assert!(folder().is_none() || cases.len() >= 3);
    cases
}

fn replay(case: SyncCase) -> Replay {
    let mut replay = Replay {
        client: case.client.clone(),
        case,
        strict: None,
        processed: Vec::new(),
    };
    let steps = std::mem::take(&mut replay.case.steps);
    for (name, step) in &steps {
        match name.as_str() {
            "process_update" => replay.process(step),
            "force_update" => replay.force(step),
            "upgrade_store" => {}
            other => panic!("an unknown step {other}"),
        }
        replay.check(step);
    }
    replay
}

impl Replay {
    fn process(&mut self, step: &Value) {
        let config = self.case.config;
        let (update, current_slot) = self.case.update(step);
        let before = *self.client.store().checkpoint();
        let expected = applies(&config, &before, &update);
        let outcome = self.client.process(&update, current_slot);
        assert_eq!(
            outcome.is_ok(),
            expected,
            "{outcome:?} in {}",
            self.case.folder.display()
        );
        if let Some(strict) = &mut self.strict {
            let before = *strict.store().checkpoint();
            let outcome = strict.process(&update, current_slot);
            assert!(outcome.is_err() || applies(&config, &before, &update));
            assert!(outcome.is_ok() || *strict.store().checkpoint() == before);
        }
        self.processed.push(update);
    }

    /// Trusts a forced header anew, with the committees that the specification's store has then.
    fn force(&mut self, step: &Value) {
        let (slot, root, _) = SyncCase::finalized(step);
        let before = *self.client.store().checkpoint();
        if slot == before.slot {
            return;
        }
        let forced = self
            .processed
            .iter()
            .rfind(|update| attested(update) == root)
            .expect("a forced header was attested");
        let period = |slot| self.case.config.preset.period(slot);
        let learnt = forced
            .next_sync_committee
            .clone()
            .filter(|committee| !committee.is_default());
        let known = self.client.next_sync_committee().cloned();
        let (current, next) = match known {
            Some(next) if period(slot) == period(before.slot) + 1 => (next, learnt),
            Some(next) => (self.client.current_sync_committee().clone(), Some(next)),
            None => (self.client.current_sync_committee().clone(), learnt),
        };
        let restarted = trusted(self.case.config, root, slot, current, next);
        let strict = std::mem::replace(&mut self.client, restarted);
        self.strict.get_or_insert(strict);
    }

    fn check(&self, step: &Value) {
        let (slot, root, execution_root) = SyncCase::finalized(step);
        let checkpoint = self.client.store().checkpoint();
        assert_eq!((checkpoint.slot, checkpoint.block_root), (slot, root));
        // The root of the execution payload's header, of whichever update brought the finalized header.
        let Some(update) = self.processed.iter().rfind(|update| {
            update.finalized_header.beacon.slot == checkpoint.slot
                && applied_header(update) == checkpoint.block_root
        }) else {
            return;
        };
        if let Some(execution) = &update.finalized_header.execution {
            let fork = self.case.config.fork(checkpoint.slot);
            let root = execution.summary().hash_tree_root(&mut Hasher::new(), fork);
            assert_eq!(Some(chunk_bytes(&root)), execution_root);
        }
    }
}

/// Whether `process_light_client_update` changes the finalized header or learns a committee, for an update that is
/// valid, as all of these cases are. Written from the specification, not from our code.
fn applies(config: &ChainConfig, store: &Checkpoint, update: &Update) -> bool {
    let bits = &update.sync_aggregate.sync_committee_bits;
    let participants: u32 = bits.iter().map(|byte| byte.count_ones()).sum();
    let size = u32::try_from(config.preset.committee_size()).expect("a committee");
    let is_zero = |branch: &[Bytes<32>]| branch.iter().all(Bytes::is_zero);
    let is_finality_update = !is_zero(&update.finality_branch);
    let is_sync_committee_update = update
        .next_sync_committee_branch
        .as_ref()
        .is_some_and(|branch| !is_zero(branch));
    let period =
        |slot: u64| slot / config.preset.slots_per_epoch() / config.preset.epochs_per_period();
    let finalized = update.finalized_header.beacon.slot;
    let attested = update.attested_header.beacon.slot;
    let supplies = store.next_sync_committee.is_none()
        && is_sync_committee_update
        && is_finality_update
        && period(finalized) == period(attested);
    let signed = period(update.signature_slot);
    let known = signed == period(store.slot)
        || (store.next_sync_committee.is_some() && signed == period(store.slot) + 1);
    known
        && is_finality_update
        && participants * 3 >= size * 2
        && (finalized > store.slot || supplies)
}

fn trusted(
    config: ChainConfig,
    block_root: BlockRoot,
    slot: u64,
    current: SyncCommittee,
    next: Option<SyncCommittee>,
) -> Client {
    let root = |committee: &SyncCommittee| committee.root().expect("a committee");
    let checkpoint = Checkpoint {
        block_root,
        slot,
        current_sync_committee: root(&current),
        next_sync_committee: next.as_ref().map(root),
    };
    let store = LightClientStore::trusted(config, checkpoint);
    Client::trusted(store, current, next).expect("these committees")
}

fn attested(update: &Update) -> BlockRoot {
    update
        .attested_header
        .beacon
        .summary()
        .hash_tree_root(&mut Hasher::new())
}

fn applied_header(update: &Update) -> BlockRoot {
    update
        .finalized_header
        .beacon
        .summary()
        .hash_tree_root(&mut Hasher::new())
}

/// The minimal cases of Deneb to Fulu start their fork at epoch 0, so that each container's own indices are used.
#[test]
fn the_cases_are_of_the_forks_that_their_folders_name() {
    for case in longest_cases() {
        let folder = case.folder.to_string_lossy();
        for (name, fork) in [
            ("/deneb/", Fork::Deneb),
            ("/electra/", Fork::Electra),
            ("/fulu/", Fork::Fulu),
        ] {
            assert!(!folder.contains(name) || case.config.fork(1) == fork);
        }
    }
}
