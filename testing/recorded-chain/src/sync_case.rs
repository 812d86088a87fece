//! `SyncCase`: one of the official cases of `light_client/sync` (consensus-spec-tests, `formats/light_client/sync.md`).

use std::fs;
use std::path::{Path, PathBuf};

use valence_coprocessor_ethereum_beacon::{Bootstrap, Bytes, Client, Update, fork_of_digest};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Fork, ForkSchedule, Preset, ScheduledFork,
};
use yaml_serde::Value;

use crate::{folder, parse};

/// One folder with its chain.
#[derive(Debug)]
pub struct SyncCase {
    /// Where its files are.
    pub folder: PathBuf,
    /// The chain.
    pub config: ChainConfig,
    /// The block that the case trusts.
    pub trusted: BlockRoot,
    /// Its bootstrap as SSZ, and the fork that it is of.
    pub bootstrap: (Vec<u8>, Fork),
    /// The client that the case begins with.
    pub client: Client,
    /// The name of each step with what it says.
    pub steps: Vec<(String, Value)>,
}

/// Every case that is recorded, of every preset and fork.
pub fn sync_cases() -> Vec<SyncCase> {
    let Some(root) = folder() else {
        return Vec::new();
    };
    let mut folders = Vec::new();
    find(&root.join("03-consensus-spec-tests"), &mut folders);
    folders.sort();
    folders.into_iter().map(SyncCase::open).collect()
}

fn find(folder: &Path, cases: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find(&path, cases);
        } else if path.ends_with("steps.yaml")
            && folder.to_string_lossy().contains("light_client/sync")
        {
            cases.push(folder.to_owned());
        }
    }
}

impl SyncCase {
    fn open(folder: PathBuf) -> Self {
        let meta = yaml(&folder.join("meta.yaml"));
        let config = config(&folder, &meta);
        let fork = fork_of_digest(&config, fixed(&meta["bootstrap_fork_digest"]));
        let bytes = snappy(&folder, "bootstrap");
        let bootstrap = Bootstrap::from_ssz(&bytes, fork, &config.preset).expect("a bootstrap");
        let trusted = BlockRoot::from_bytes(&fixed(&meta["trusted_block_root"]));
        let steps = yaml(&folder.join("steps.yaml"));
        let named = |step: &Value| {
            let (name, step) = step
                .as_mapping()
                .and_then(|mapping| mapping.iter().next())
                .expect("a step");
            (name.as_str().expect("a name").to_owned(), step.clone())
        };
        Self {
            trusted,
            bootstrap: (bytes, fork),
            client: Client::bootstrap(config, trusted, &bootstrap).expect("a bootstrap"),
            steps: steps
                .as_sequence()
                .expect("steps")
                .iter()
                .map(named)
                .collect(),
            folder,
            config,
        }
    }

    /// The update of a step `process_update`, and the slot at which it is processed.
    pub fn update(&self, step: &Value) -> (Update, u64) {
        let fork = fork_of_digest(&self.config, fixed(&step["update_fork_digest"]));
        let bytes = snappy(&self.folder, step["update"].as_str().expect("a file"));
        let update = Update::from_ssz(&bytes, fork, &self.config.preset).expect("an update");
        (update, step["current_slot"].as_u64().expect("a slot"))
    }

    /// The finalized header that a step leaves: its slot, its root, and the root of its execution payload, if it says.
    pub fn finalized(step: &Value) -> (u64, BlockRoot, Option<[u8; 32]>) {
        let checks = &step["checks"]["finalized_header"];
        (
            checks["slot"].as_u64().expect("a slot"),
            BlockRoot::from_bytes(&fixed(&checks["beacon_root"])),
            checks.get("execution_root").map(fixed),
        )
    }
}

fn snappy(folder: &Path, name: &str) -> Vec<u8> {
    let path = folder.join(format!("{name}.ssz_snappy"));
    let compressed = fs::read(&path).expect("the case's file is readable");
    snap::raw::Decoder::new()
        .decompress_vec(&compressed)
        .expect("the case's file is snappy")
}

/// The chain of a case; its files write versions as numbers or as texts.
fn config(folder: &Path, meta: &Value) -> ChainConfig {
    let config = yaml(&folder.join("config.yaml"));
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
    parse::<Bytes<N>>(&serde_json::Value::from(text)).0
}
