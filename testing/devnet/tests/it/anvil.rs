//! A light client that knows only the consensus specs follows the devnet over anvil's real blocks: across
//! periods, forks and missed slots, with few signers, in both presets.

use serde_json::{Value, json};
use tempfile::TempDir;
use valence_coprocessor_devnet::{
    Devnet, DevnetConfig, Fork, ForkSchedule, Participation, Preset,
    containers::{
        Capella, Deneb, Electra, LightClientBootstrap, LightClientFinalityUpdate,
        LightClientUpdate, Mainnet, Minimal, PresetSize,
    },
};
use valence_coprocessor_harness::Anvil;

use crate::specification::{Network, Store, Update};

/// anvil, and where its log goes.
pub(crate) struct Execution {
    pub(crate) anvil: Anvil,
    _logs: TempDir,
}

pub(crate) async fn execution() -> Execution {
    let logs = tempfile::tempdir().expect("a folder");
    let program = valence_coprocessor_harness::anvil().expect("anvil is installed");
    let anvil = Anvil::start(&program, logs.path())
        .await
        .expect("anvil starts");
    Execution { anvil, _logs: logs }
}

pub(crate) fn config(execution: &Execution) -> DevnetConfig {
    DevnetConfig::new(execution.anvil.url())
}

/// What a light client would be configured with for this devnet.
pub(crate) fn network(devnet: &Devnet) -> Network {
    let rules = devnet.rules();
    let forks = Fork::ALL.into_iter().zip([3, 4, 5, 6]);
    Network {
        genesis_validators_root: devnet.genesis_validators_root(),
        forks: forks
            .map(|(fork, number)| (fork, [number, 0, 0, 1], rules.forks().epoch(fork)))
            .collect(),
        slots_per_epoch: rules.preset().slots_per_epoch(),
        epochs_per_period: rules.preset().epochs_per_period(),
    }
}

pub(crate) async fn get(devnet: &Devnet, path: &str) -> Value {
    let answer = reqwest::get(devnet.url() + path).await.expect("an answer");
    let answer = answer.error_for_status().expect("a good answer");
    answer.json().await.expect("JSON")
}

/// Reads an answer in the form of the fork that its version names.
macro_rules! in_version {
    ($answer:expr, $preset:ty, $form:ident => $body:expr) => {
        match $answer["version"].as_str().expect("a version") {
            "capella" => {
                type $form<P> = Capella<P>;
                $body
            }
            "deneb" => {
                type $form<P> = Deneb<P>;
                $body
            }
            "electra" | "fulu" => {
                type $form<P> = Electra<P>;
                $body
            }
            other => panic!("version {other}"),
        }
    };
}

pub(crate) async fn bootstrap<P: PresetSize>(devnet: &Devnet, network: &Network) -> Store {
    let root = devnet.finalized().root();
    let path = format!("/eth/v1/beacon/light_client/bootstrap/{root}");
    let answer = get(devnet, &path).await;
    let data = answer["data"].clone();
    in_version!(answer, P, Form => {
        let bootstrap: LightClientBootstrap<Form<P>> = serde_json::from_value(data).expect("JSON");
        Store::new(network, root, &bootstrap).expect("an honest bootstrap")
    })
}

pub(crate) async fn finality_update<P: PresetSize>(devnet: &Devnet, network: &Network) -> Update {
    let answer = get(devnet, "/eth/v1/beacon/light_client/finality_update").await;
    let data = answer["data"].clone();
    in_version!(answer, P, Form => {
        let update: LightClientFinalityUpdate<Form<P>> = serde_json::from_value(data).expect("JSON");
        network.finality_update(&update)
    })
}

pub(crate) async fn updates<P: PresetSize>(
    devnet: &Devnet,
    network: &Network,
    start_period: u64,
) -> Vec<Update> {
    let path = format!("/eth/v1/beacon/light_client/updates?start_period={start_period}&count=128");
    let answers = get(devnet, &path).await;
    let answers = answers.as_array().expect("a list").clone();
    answers
        .iter()
        .map(|answer| {
            let data = answer["data"].clone();
            in_version!(answer, P, Form => {
                let update: LightClientUpdate<Form<P>> = serde_json::from_value(data).expect("JSON");
                network.update(&update)
            })
        })
        .collect()
}

/// Brings a store up to date, and holds what it then believes against the execution node.
async fn follow<P: PresetSize>(execution: &Execution, devnet: &Devnet, store: &mut Store) {
    let network = network(devnet);
    let period = network.period(store.finalized.beacon.slot);
    for update in updates::<P>(devnet, &network, period).await {
        match store.process(&network, &update) {
            // The finality update before may have been of this period already.
            Ok(()) | Err("nothing new") => {}
            Err(reason) => panic!("refused: {reason}"),
        }
    }
    let update = finality_update::<P>(devnet, &network).await;
    match store.process(&network, &update) {
        Ok(()) | Err("nothing new") => {}
        Err(reason) => panic!("refused: {reason}"),
    }
    assert_eq!(store.finalized.beacon, *devnet.finalized().header());
    let number = format!("{:#x}", store.finalized.block_number);
    let block = execution
        .anvil
        .node()
        .block(&number)
        .await
        .expect("a block");
    assert_eq!(
        block.state_root,
        format!("{:?}", store.finalized.state_root)
    );
}

/// Eight periods of the minimal preset, from Capella to Fulu, with missed slots at checkpoints, at the
/// beginning of periods and of forks, and changing participation.
#[tokio::test]
async fn a_light_client_follows_across_all_forks() {
    let execution = execution().await;
    let mut config = config(&execution);
    // Deneb begins in the middle of period 1, Electra with period 3, Fulu in the middle of period 5.
    config.forks = ForkSchedule::from_genesis(Fork::Capella)
        .then(Fork::Deneb, 12)
        .and_then(|forks| forks.then(Fork::Electra, 24))
        .and_then(|forks| forks.then(Fork::Fulu, 44))
        .expect("in order");
    let devnet = Devnet::start(config).await.expect("a devnet");
    devnet.advance(40).await.expect("blocks");
    let mut store = bootstrap::<Minimal>(&devnet, &network(&devnet)).await;
    assert_eq!(store.current.sum(), store.current.aggregate);
    let mut versions = Vec::new();
    while devnet.slot() < 8 * 64 {
        let slot = devnet.slot();
        if slot % 24 == 15 || slot == 12 * 8 - 1 || slot == 64 * 4 - 1 {
            devnet.miss(1 + slot % 3).await;
        }
        devnet.set_participation(match slot % 5 {
            0 => Participation::TwoThirds,
            1 => Participation::Count(27),
            _ => Participation::Full,
        });
        devnet.advance(9).await.expect("blocks");
        if slot % 4 == 0 {
            follow::<Minimal>(&execution, &devnet, &mut store).await;
        }
        versions.push(devnet.head().fork());
    }
    follow::<Minimal>(&execution, &devnet, &mut store).await;
    versions.dedup();
    assert_eq!(versions, Fork::ALL);
    assert!(store.finalized.beacon.slot > 480);
}

/// A client that was away for all that time catches up from one bootstrap.
#[tokio::test]
async fn a_light_client_catches_up_over_many_periods() {
    for fork in Fork::ALL {
        let execution = execution().await;
        let mut config = config(&execution);
        config.forks = ForkSchedule::from_genesis(fork);
        config.participation = Participation::TwoThirds;
        let devnet = Devnet::start(config).await.expect("a devnet");
        devnet.advance(25).await.expect("blocks");
        let mut store = bootstrap::<Minimal>(&devnet, &network(&devnet)).await;
        for _ in 0..4 {
            devnet.advance(35).await.expect("blocks");
            devnet.miss(28).await;
        }
        devnet.advance(10).await.expect("blocks");
        follow::<Minimal>(&execution, &devnet, &mut store).await;
    }
}

#[tokio::test]
async fn the_mainnet_preset_crosses_a_period() {
    let execution = execution().await;
    let mut config = config(&execution);
    config.preset = Preset::Mainnet;
    config.forks = ForkSchedule::from_genesis(Fork::Deneb)
        .then(Fork::Electra, 254)
        .expect("later");
    let devnet = Devnet::start(config).await.expect("a devnet");
    devnet.advance(100).await.expect("blocks");
    let mut store = bootstrap::<Mainnet>(&devnet, &network(&devnet)).await;
    assert_eq!(store.current.sum(), store.current.aggregate);
    follow::<Mainnet>(&execution, &devnet, &mut store).await;
    devnet.miss(8192 - 200).await;
    devnet.set_participation(Participation::TwoThirds);
    devnet.advance(190).await.expect("blocks");
    follow::<Mainnet>(&execution, &devnet, &mut store).await;
    assert!(store.finalized.beacon.slot > 8192 - 64);
    devnet.set_participation(Participation::Full);
    devnet.advance(100).await.expect("blocks");
    follow::<Mainnet>(&execution, &devnet, &mut store).await;
    assert_eq!(store.current.pubkeys.len(), 512);
}

#[tokio::test]
async fn finalize_makes_the_execution_nodes_newest_block_final() {
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    let accounts = execution.anvil.node().accounts().await.expect("accounts");
    for value in ["0x1", "0x2", "0x3"] {
        let transaction = json!({"from": accounts[0], "to": accounts[1], "value": value});
        execution
            .anvil
            .node()
            .send(transaction)
            .await
            .expect("mined");
    }
    let newest = execution
        .anvil
        .node()
        .block("latest")
        .await
        .expect("a block");
    let finalized = devnet.finalize().await.expect("final");
    assert!(finalized.payload().block_number >= newest.number);
    let network = network(&devnet);
    let update = finality_update::<Minimal>(&devnet, &network).await;
    let (header, _) = update.finalized.expect("final");
    assert_eq!(header.beacon, *finalized.header());
    // Every execution block is in one slot, in order, and none is left out.
    let chain = devnet.chain();
    for slot in 1..=devnet.slot() {
        let (before, block) = (chain.block_at(slot - 1), chain.block_at(slot));
        let (before, block) = (before.expect("a block"), block.expect("a block"));
        assert_eq!(block.payload().parent_hash, before.payload().block_hash);
        assert_eq!(block.header().parent_root, before.root());
    }
}

/// The payload's header against anvil's own block, field by field.
#[tokio::test]
async fn payload_headers_are_those_of_the_execution_nodes_blocks() {
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    let accounts = execution.anvil.node().accounts().await.expect("accounts");
    let transaction = json!({"from": accounts[0], "to": accounts[1], "value": "0x1"});
    execution
        .anvil
        .node()
        .send(transaction)
        .await
        .expect("mined");
    for _ in 0..2 {
        let payload = devnet.advance(1).await.expect("a block").payload().clone();
        let number = format!("{:#x}", payload.block_number);
        let parameters = json!([number, true]);
        let node = execution.anvil.node();
        let block = node
            .call("eth_getBlockByNumber", parameters)
            .await
            .expect("a block");
        assert_eq!(block["hash"], json!(payload.block_hash));
        assert_eq!(block["parentHash"], json!(payload.parent_hash));
        assert_eq!(block["stateRoot"], json!(payload.state_root));
        assert_eq!(block["receiptsRoot"], json!(payload.receipts_root));
        assert_eq!(block["mixHash"], json!(payload.prev_randao));
        assert_eq!(block["timestamp"], format!("{:#x}", payload.timestamp));
        assert_eq!(block["gasUsed"], format!("{:#x}", payload.gas_used));
        assert_eq!(block["gasLimit"], format!("{:#x}", payload.gas_limit));
        assert_eq!(
            block["baseFeePerGas"],
            format!("{:#x}", payload.base_fee_per_gas)
        );
        let bloom = alloy_primitives::hex::encode_prefixed(&payload.logs_bloom[..]);
        assert_eq!(block["logsBloom"], bloom);
        // hash_tree_root of an empty List[Transaction, 2^20], as every client knows it.
        let empty = "0x7ffe241ea60187fdb0187bfa22de35d1f9bed7ab061d9401fd47e34a54fbede1";
        let has_transactions = block["transactions"]
            .as_array()
            .is_some_and(|list| !list.is_empty());
        assert_eq!(
            payload.transactions_root.to_string() != empty,
            has_transactions
        );
        // A block that the devnet had mined has its slot's time; one that was there keeps its own.
        if !has_transactions {
            assert_eq!(payload.timestamp, devnet.rules().time(devnet.slot()));
        }
    }
}
