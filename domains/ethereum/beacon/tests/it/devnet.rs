//! Two runs of a devnet with the minimal preset, from Electra to Fulu.

use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{Bytes, Client, PreparedUpdate, SyncCommittee, Update};
use valence_coprocessor_ethereum_bls::PublicKey;
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, Fork, ForkSchedule, Hasher, LightClientStore, Preset,
    ScheduledFork, SyncCommitteeRoot, bytes_chunk,
};
use valence_coprocessor_protocol::StateRoot;

use crate::fixtures::{self, NOW, parse};

const FOLDER: &str = "02-beacon-testnets/devnet-fulu-minimal-e2e";

fn config(client_state: &Value) -> ChainConfig {
    let forks = &client_state["fork_parameters"];
    let genesis = &forks["genesis_fork_version"];
    let mut schedule = [ScheduledFork::new(parse::<Bytes<4>>(genesis).0, 0); 7];
    let names = ["altair", "bellatrix", "capella", "deneb", "electra", "fulu"];
    for (fork, name) in schedule[1..].iter_mut().zip(names) {
        let epoch = forks[name]["epoch"].as_u64().expect("an epoch");
        *fork = ScheduledFork::new(parse::<Bytes<4>>(&forks[name]["version"]).0, epoch);
    }
    let number = |key: &str| client_state[key].as_u64().expect("a number");
    ChainConfig {
        preset: Preset::new(
            number("sync_committee_size"),
            number("slots_per_epoch"),
            number("epochs_per_sync_committee_period"),
        )
        .expect("the minimal preset"),
        genesis_validators_root: parse::<Bytes<32>>(&client_state["genesis_validators_root"]).0,
        forks: ForkSchedule::new(schedule).expect("forks in order"),
    }
}

/// The root of a committee of which only the root of its keys is recorded.
fn committee_root(recorded: &Value) -> SyncCommitteeRoot {
    let mut hasher = Hasher::new();
    let PublicKey(key) = PublicKey(parse::<Bytes<48>>(&recorded["aggregate_pubkey"]).0);
    let aggregate = hasher.pair(&bytes_chunk(&key[..32]), &bytes_chunk(&key[32..]));
    let keys = bytes_chunk(&parse::<Bytes<32>>(&recorded["pubkeys_hash"]).0);
    SyncCommitteeRoot::from_words(hasher.pair(&keys, &aggregate))
}

/// A run: a client that trusts what the record starts from, the updates with their signing committees, and the state
/// root that the recorded state proof is under.
pub(crate) struct Run {
    pub(crate) client: Client,
    pub(crate) updates: Vec<(Update, SyncCommittee)>,
    state_root: StateRoot,
}

/// The record names the committees by root only, so the client is built from those that sign and are announced.
pub(crate) fn recorded(name: &str) -> Option<Run> {
    let recorded = fixtures::json(&format!("{FOLDER}/{name}.derived.json"))?;
    let config = config(&recorded["client_state"]);
    assert_eq!(config.preset, Preset::MINIMAL);
    let consensus = &recorded["consensus_state"];
    let sequence = recorded["sequence"].as_array().expect("a sequence");
    let of_kind = |kind: &'static str| sequence.iter().filter(move |entry| entry["kind"] == kind);
    let updates: Vec<(Update, SyncCommittee)> = of_kind("light_client_update")
        .map(|entry| (parse(&entry["update"]), parse(&entry["signing_committee"])))
        .collect();
    let next = updates.first().expect("updates").1.clone();
    let root = next.root().expect("a committee");
    assert_eq!(root, committee_root(&consensus["next_sync_committee"]));
    let checkpoint = Checkpoint {
        // The record does not say; nothing depends on it but the state.
        block_root: BlockRoot::from_bytes(&[1; 32]),
        slot: consensus["slot"].as_u64().expect("a slot"),
        // Neither are the keys of the current committee recorded, which does not sign any more.
        current_sync_committee: root,
        next_sync_committee: Some(root),
    };
    let store = LightClientStore::trusted(config, checkpoint);
    let proof = of_kind("eip1186_proof").next_back().expect("a state proof");
    Some(Run {
        client: Client::trusted(store, next.clone(), Some(next)).expect("these committees"),
        updates,
        state_root: StateRoot::from_bytes(parse::<Bytes<32>>(&proof["state_root"]).0),
    })
}

fn replay(name: &str) {
    let Some(run) = recorded(name) else { return };
    let config = *run.client.store().config();
    let mut step = run.client.begin();
    for (update, signing) in &run.updates {
        assert_eq!(config.fork(update.attested_header.beacon.slot), Fork::Fulu);
        let prepared = step.client().prepare(update).expect("a recorded update");
        let with_recorded = PreparedUpdate::new(update, signing, &config);
        assert_eq!(prepared, with_recorded.expect("a recorded update"));
        step.push(update, NOW).expect("a recorded update");
        let finalized = update.finalized_header.beacon.slot;
        assert_eq!(step.client().store().checkpoint().slot, finalized);
    }
    let step = step.finish().expect("a step");
    // The recorded state proof is under the last finalized block.
    assert_eq!(step.output.state_root, run.state_root);
}

#[test]
fn a_transfer_and_back() {
    replay("Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack");
}

#[test]
fn several_periods() {
    replay("Test_MultiPeriodClientUpdateToCosmos");
}
