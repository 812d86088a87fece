//! The beacon API of a devnet: both forms of every object, ids, errors.

use reqwest::{Client, StatusCode, header};
use serde_json::{Value, json};
use ssz::Decode as _;
use valence_coprocessor_devnet::{
    Devnet, Fork, ForkSchedule, Preset,
    containers::{
        Electra, LightClientBootstrap, LightClientFinalityUpdate, LightClientOptimisticUpdate,
        LightClientUpdate, Minimal,
    },
    signing::compute_fork_digest,
};

use crate::anvil::{config, execution};

type Form = Electra<Minimal>;

async fn answer(devnet: &Devnet, path: &str) -> (StatusCode, Value) {
    let answer = reqwest::get(devnet.url() + path).await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn good(devnet: &Devnet, path: &str) -> Value {
    let (status, value) = answer(devnet, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {value}");
    value
}

async fn octets(devnet: &Devnet, path: &str) -> Vec<u8> {
    let request = Client::new().get(devnet.url() + path);
    let answer = request
        .header(header::ACCEPT, "application/octet-stream")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        answer.headers()[header::CONTENT_TYPE],
        "application/octet-stream"
    );
    answer.bytes().await.expect("a body").to_vec()
}

#[tokio::test]
async fn objects_are_the_same_in_json_and_ssz() {
    const PREFIX: &str = "/eth/v1/beacon/light_client";
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    devnet.advance(70).await.expect("blocks");

    let root = devnet.finalized().root();
    let path = format!("{PREFIX}/bootstrap/{root}");
    let value = good(&devnet, &path).await;
    assert_eq!(value["version"], "electra");
    let from_json: LightClientBootstrap<Form> =
        serde_json::from_value(value["data"].clone()).expect("JSON");
    let from_ssz = LightClientBootstrap::from_ssz_bytes(&octets(&devnet, &path).await);
    assert_eq!(from_ssz.expect("SSZ"), from_json);

    let path = format!("{PREFIX}/finality_update");
    let value = good(&devnet, &path).await;
    let from_json: LightClientFinalityUpdate<Form> =
        serde_json::from_value(value["data"].clone()).expect("JSON");
    let from_ssz = LightClientFinalityUpdate::from_ssz_bytes(&octets(&devnet, &path).await);
    assert_eq!(from_ssz.expect("SSZ"), from_json);
    assert_eq!(from_json.signature_slot, 70);

    let path = format!("{PREFIX}/optimistic_update");
    let value = good(&devnet, &path).await;
    let from_json: LightClientOptimisticUpdate<Form> =
        serde_json::from_value(value["data"].clone()).expect("JSON");
    let from_ssz = LightClientOptimisticUpdate::from_ssz_bytes(&octets(&devnet, &path).await);
    assert_eq!(from_ssz.expect("SSZ"), from_json);

    let path = format!("{PREFIX}/updates?start_period=0&count=5");
    let value = good(&devnet, &path).await;
    let list = value.as_array().expect("a list");
    assert_eq!(list.len(), 2);
    let body = octets(&devnet, &path).await;
    let mut rest = &body[..];
    let version = Fork::Electra.version();
    let digest = compute_fork_digest(version, devnet.genesis_validators_root());
    for entry in list {
        assert_eq!(entry["version"], "electra");
        let (length, tail) = rest.split_first_chunk::<8>().expect("a length");
        let (object, tail) =
            tail.split_at(usize::try_from(u64::from_le_bytes(*length)).expect("fits"));
        assert_eq!(object[..4], digest);
        let from_ssz = LightClientUpdate::<Form>::from_ssz_bytes(&object[4..]).expect("SSZ");
        let from_json: LightClientUpdate<Form> =
            serde_json::from_value(entry["data"].clone()).expect("JSON");
        assert_eq!(from_ssz, from_json);
        rest = tail;
    }
    assert!(rest.is_empty());
    let header = reqwest::get(devnet.url() + PREFIX + "/finality_update").await;
    assert_eq!(
        header.expect("an answer").headers()["eth-consensus-version"],
        "electra"
    );
}

#[tokio::test]
async fn blocks_are_found_by_every_id() {
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    devnet.advance(30).await.expect("blocks");
    devnet.miss(1).await;
    let head = devnet.advance(1).await.expect("a block");
    let root = head.root().to_string();
    for id in ["head", "32", &root] {
        let value = good(&devnet, &format!("/eth/v1/beacon/headers/{id}")).await;
        assert_eq!(value["data"]["root"], root);
        assert_eq!(value["finalized"], false);
        assert_eq!(value["data"]["header"]["message"]["slot"], "32");
        let value = good(&devnet, &format!("/eth/v1/beacon/blocks/{id}/root")).await;
        assert_eq!(value["data"]["root"], root);
    }
    let value = good(&devnet, "/eth/v1/beacon/headers/finalized").await;
    assert_eq!(value["data"]["header"]["message"]["slot"], "16");
    assert_eq!(value["finalized"], true);
    let value = good(&devnet, "/eth/v1/beacon/headers/genesis").await;
    assert_eq!(value["data"]["header"]["message"]["slot"], "0");
    let (status, value) = answer(&devnet, "/eth/v1/beacon/headers/31").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(
        value,
        json!({"code": 404, "message": "there is no block 31"})
    );
    let (status, value) = answer(&devnet, "/eth/v1/beacon/headers/nonsense").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(value["code"], 400);
}

#[tokio::test]
async fn what_is_not_there_is_an_error_object() {
    const PREFIX: &str = "/eth/v1/beacon/light_client";
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    for (path, expected) in [
        ("/finality_update", 404),
        ("/optimistic_update", 404),
        ("/updates?start_period=0", 400),
        ("/updates?start_period=x&count=1", 400),
        ("/updates?start_period=0&count=0", 400),
        ("/bootstrap/0x12", 400),
        (
            "/bootstrap/0x1111111111111111111111111111111111111111111111111111111111111111",
            404,
        ),
    ] {
        let (status, value) = answer(&devnet, &format!("{PREFIX}{path}")).await;
        assert_eq!(status.as_u16(), expected, "{path}");
        assert_eq!(value["code"], expected, "{path}");
        assert!(value["message"].is_string());
    }
    let none = good(&devnet, &format!("{PREFIX}/updates?start_period=0&count=3")).await;
    assert_eq!(none, json!([]));
    let (status, _) = answer(&devnet, "/eth/v9/nothing").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn configuration_says_what_the_chain_does() {
    let execution = execution().await;
    let mut config = config(&execution);
    config.preset = Preset::Mainnet;
    config.genesis_time = Some(1_234_567);
    config.forks = ForkSchedule::from_genesis(Fork::Deneb)
        .then(Fork::Electra, 4)
        .expect("later");
    let devnet = Devnet::start(config).await.expect("a devnet");
    let spec = good(&devnet, "/eth/v1/config/spec").await;
    for (name, expected) in [
        ("PRESET_BASE", "mainnet"),
        ("SLOTS_PER_EPOCH", "32"),
        ("EPOCHS_PER_SYNC_COMMITTEE_PERIOD", "256"),
        ("SYNC_COMMITTEE_SIZE", "512"),
        ("SECONDS_PER_SLOT", "12"),
        ("DENEB_FORK_EPOCH", "0"),
        ("DENEB_FORK_VERSION", "0x04000001"),
        ("ELECTRA_FORK_EPOCH", "4"),
        ("FULU_FORK_EPOCH", "18446744073709551615"),
        ("DEPOSIT_CHAIN_ID", "31337"),
    ] {
        assert_eq!(spec["data"][name], expected, "{name}");
    }
    let genesis = good(&devnet, "/eth/v1/beacon/genesis").await;
    let root = devnet.genesis_validators_root().to_string();
    assert_eq!(
        genesis["data"],
        json!({
            "genesis_time": "1234567",
            "genesis_validators_root": root,
            "genesis_fork_version": "0x00000001",
        })
    );
    let schedule = good(&devnet, "/eth/v1/config/fork_schedule").await;
    let entry = |previous: &str, current: &str, epoch: &str| json!({"previous_version": previous, "current_version": current, "epoch": epoch});
    assert_eq!(
        schedule["data"],
        json!([
            entry("0x00000001", "0x00000001", "0"),
            entry("0x00000001", "0x01000001", "0"),
            entry("0x01000001", "0x02000001", "0"),
            entry("0x02000001", "0x03000001", "0"),
            entry("0x03000001", "0x04000001", "0"),
            entry("0x04000001", "0x05000001", "4"),
        ])
    );
    devnet.advance(1).await.expect("a block");
    devnet.miss(2).await;
    let syncing = good(&devnet, "/eth/v1/node/syncing").await;
    assert_eq!(syncing["data"]["head_slot"], "1");
    assert_eq!(syncing["data"]["sync_distance"], "2");
    assert_eq!(syncing["data"]["is_syncing"], false);
    let health = reqwest::get(devnet.url() + "/eth/v1/node/health").await;
    assert_eq!(health.expect("an answer").status(), StatusCode::OK);
}
