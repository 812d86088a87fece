//! `DevnetRun`: a run of a devnet with the minimal preset, in Fulu.

use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{Bytes, Client, SyncCommittee, Update};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, ForkSchedule, Hasher, LightClientStore, Preset,
    ScheduledFork, SyncCommitteeRoot, bytes_chunk,
};
use valence_coprocessor_protocol::StateRoot;

use crate::{json, parse};

/// What is recorded of a run.
#[derive(Debug)]
pub struct DevnetRun {
    /// Trusts what the record starts from.
    pub client: Client,
    /// The updates with the committees that signed them.
    pub updates: Vec<(Update, SyncCommittee)>,
    /// What the recorded state proof is under.
    pub state_root: StateRoot,
}

/// The record names the committees by root only, so the client is built from those that sign and are announced.
pub fn devnet_run(name: &str) -> Option<DevnetRun> {
    let recorded = json(&format!(
        "02-beacon-testnets/devnet-fulu-minimal-e2e/{name}.derived.json"
    ))?;
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
    Some(DevnetRun {
        client: Client::trusted(store, next.clone(), Some(next)).expect("these committees"),
        updates,
        state_root: StateRoot::from_bytes(parse::<Bytes<32>>(&proof["state_root"]).0),
    })
}

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
    let key = parse::<Bytes<48>>(&recorded["aggregate_pubkey"]).0;
    let aggregate = hasher.pair(&bytes_chunk(&key[..32]), &bytes_chunk(&key[32..]));
    let keys = bytes_chunk(&parse::<Bytes<32>>(&recorded["pubkeys_hash"]).0);
    SyncCommitteeRoot::from_words(hasher.pair(&keys, &aggregate))
}
