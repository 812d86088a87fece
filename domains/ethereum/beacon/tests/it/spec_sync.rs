//! The official cases of `light_client/sync` (consensus-spec-tests).
//!
//! The specification's store can do two things that this client refuses to: follow optimistic headers, which leaves
//! the finalized header alone and so needs no care here, and *force* an update after a time-out, which makes a header
//! final that nobody finalized. At a `force_update` that moves the specification's store,
//!
//! - our client must stay where it is, and from there on move to headers only that two thirds finalized;
//! - a second client trusts the forced header anew, as an operator would who restarts from a checkpoint, and must
//!   agree with the rest of the case.

use std::fs;
use std::path::{Path, PathBuf};

use valence_coprocessor_ethereum_beacon::{
    BeaconError, Bootstrap, Bytes, Client, SyncCommittee, Update, fork_of_digest,
};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, Fork, ForkSchedule, Hasher, LightClientStore, Preset,
    ScheduledFork, UpdateError,
};
use yaml_serde::Value;

use crate::fixtures;

/// One folder with its chain.
struct Case {
    folder: PathBuf,
    config: ChainConfig,
}

/// A client and what the specification's store knows beside the finalized header.
struct Replay {
    case: Case,
    /// Follows the specification, and is trusted anew at each forced header.
    client: Client,
    /// Never trusts anything but the bootstrap; from the first forced header on they differ.
    strict: Option<Client>,
    processed: Vec<Update>,
}

#[test]
fn every_case_of_the_specification() {
    let Some(root) = fixtures::folder() else {
        return;
    };
    let mut cases = Vec::new();
    find_cases(&root.join("03-consensus-spec-tests"), &mut cases);
    assert!(cases.len() >= 6, "only {} cases", cases.len());
    for folder in cases {
        replay(folder);
    }
}

/// What the strict client says to each update after the first forced header, in the case that has the most of them.
#[test]
fn a_forced_header_is_never_followed() {
    let Some(root) = fixtures::folder() else {
        return;
    };
    for fork in ["deneb", "electra", "fulu"] {
        let folder = root.join(format!(
            "03-consensus-spec-tests/minimal/{fork}/light_client/sync/pyspec_tests/light_client_sync"
        ));
        let ended = replay(folder);
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

fn find_cases(folder: &Path, cases: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find_cases(&path, cases);
        } else if path.ends_with("steps.yaml")
            && folder.to_string_lossy().contains("light_client/sync")
        {
            cases.push(folder.to_owned());
        }
    }
}

fn replay(folder: PathBuf) -> Replay {
    let config = config(&folder);
    let case = Case { folder, config };
    let meta = yaml(&case.folder.join("meta.yaml"));
    let fork = fork_of_digest(&config, fixed(&meta["bootstrap_fork_digest"]));
    let bootstrap =
        Bootstrap::from_ssz(&case.snappy("bootstrap"), fork, &config.preset).expect("a bootstrap");
    let trusted = BlockRoot::from_bytes(&fixed(&meta["trusted_block_root"]));
    let client = Client::bootstrap(config, trusted, &bootstrap).expect("a bootstrap");
    let mut replay = Replay {
        case,
        client,
        strict: None,
        processed: Vec::new(),
    };
    let steps = yaml(&replay.case.folder.join("steps.yaml"));
    for step in steps.as_sequence().expect("steps") {
        let (name, step) = step
            .as_mapping()
            .and_then(|mapping| mapping.iter().next())
            .expect("a step");
        match name.as_str().expect("a name") {
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
        let fork = fork_of_digest(&config, fixed(&step["update_fork_digest"]));
        let bytes = self.case.snappy(step["update"].as_str().expect("a file"));
        let update = Update::from_ssz(&bytes, fork, &config.preset).expect("an update");
        let current_slot = step["current_slot"].as_u64().expect("a slot");
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
        let checks = &step["checks"]["finalized_header"];
        let slot = checks["slot"].as_u64().expect("a slot");
        let before = *self.client.store().checkpoint();
        if slot == before.slot {
            return;
        }
        let root = BlockRoot::from_bytes(&fixed(&checks["beacon_root"]));
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
        let checks = &step["checks"]["finalized_header"];
        let checkpoint = self.client.store().checkpoint();
        assert_eq!(Some(checkpoint.slot), checks["slot"].as_u64());
        assert_eq!(
            checkpoint.block_root.to_bytes(),
            fixed(&checks["beacon_root"])
        );
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
            let root = valence_coprocessor_ethereum_light_client::chunk_bytes(&root);
            assert_eq!(root, fixed(&checks["execution_root"]));
        }
    }
}

impl Case {
    fn snappy(&self, name: &str) -> Vec<u8> {
        let path = self.folder.join(format!("{name}.ssz_snappy"));
        let compressed = fs::read(&path).expect("the case's file is readable");
        snap::raw::Decoder::new()
            .decompress_vec(&compressed)
            .expect("the case's file is snappy")
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

/// The chain of a case; its files write versions as numbers or as texts.
fn config(folder: &Path) -> ChainConfig {
    let config = yaml(&folder.join("config.yaml"));
    let meta = yaml(&folder.join("meta.yaml"));
    let names = [
        "GENESIS",
        "ALTAIR",
        "BELLATRIX",
        "CAPELLA",
        "DENEB",
        "ELECTRA",
        "FULU",
    ];
    let mut forks = [ScheduledFork::new([0; 4], ForkSchedule::NEVER); 7];
    let mut before = [0; 4];
    for (fork, name) in forks.iter_mut().zip(names) {
        let version = match &config[format!("{name}_FORK_VERSION").as_str()] {
            Value::Null => before,
            value => value.as_u64().map_or_else(
                || fixed(value),
                |number| u32::try_from(number).expect("four bytes").to_be_bytes(),
            ),
        };
        before = version;
        let epoch = &config[format!("{name}_FORK_EPOCH").as_str()];
        let epoch = if name == "GENESIS" {
            0
        } else {
            epoch.as_u64().unwrap_or(ForkSchedule::NEVER)
        };
        *fork = ScheduledFork::new(version, epoch);
    }
    let preset = match config["PRESET_BASE"].as_str() {
        Some("minimal") => Preset::MINIMAL,
        _ => Preset::MAINNET,
    };
    ChainConfig {
        preset,
        genesis_validators_root: fixed(&meta["genesis_validators_root"]),
        forks: ForkSchedule::new(forks).expect("forks in order"),
    }
}

fn yaml(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("the case's file is readable");
    yaml_serde::from_str(&text).expect("the case's file is YAML")
}

fn fixed<const N: usize>(value: &Value) -> [u8; N] {
    let text = value.as_str().expect("a text of hexadecimal digits");
    fixtures::parse::<Bytes<N>>(&serde_json::Value::from(text)).0
}

/// The minimal cases of Deneb to Fulu start their fork at epoch 0, so that each container's own indices are used.
#[test]
fn the_cases_are_of_the_forks_that_their_folders_name() {
    let Some(root) = fixtures::folder() else {
        return;
    };
    for (name, fork) in [
        ("deneb", Fork::Deneb),
        ("electra", Fork::Electra),
        ("fulu", Fork::Fulu),
    ] {
        let folder = root.join(format!(
            "03-consensus-spec-tests/minimal/{name}/light_client/sync/pyspec_tests/light_client_sync"
        ));
        assert_eq!(config(&folder).fork(1), fork);
    }
}
