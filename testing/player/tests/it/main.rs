//! The recording of mainnet, as a client of both nodes meets it.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tree_hash::TreeHash as _;
use valence_coprocessor_devnet::containers::{
    Deneb, LightClientBootstrap, LightClientFinalityUpdate, LightClientOptimisticUpdate,
    LightClientUpdate, Mainnet,
};
use valence_coprocessor_faulty_server::TransportFault;
use valence_coprocessor_player::{Player, PlayerError, Recording};
use valence_coprocessor_recorded_data::folder;

type Form = Deneb<Mainnet>;

/// Uniswap V2's factory, and the slot whose absence was recorded.
const FACTORY: &str = "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f";
const ABSENT: &str = "0x290decd9548b62a8ef0d3e6ac11e2d7b95a49e22ecf57fc6044b6f007ca2b2ba";
const FINALIZED_NUMBER: &str = "0x136ad94";

fn free() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

async fn player() -> Option<Player> {
    let recording =
        Recording::mainnet_deneb(&folder()?.join("01-beacon-mainnet/deneb-1167-e2e-json"))
            .expect("a whole recording");
    Some(Player::start(free(), recording).await.expect("a free port"))
}

async fn get(player: &Player, path: &str) -> (StatusCode, Value) {
    let answer = reqwest::get(player.beacon_url() + path)
        .await
        .expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn call(player: &Player, body: &Value) -> Value {
    let request = Client::new().post(player.execution_url()).json(body);
    let answer = request.send().await.expect("an answer");
    answer.json().await.expect("JSON")
}

async fn result(player: &Player, method: &str, parameters: Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": parameters});
    let answer = call(player, &body).await;
    assert_eq!(answer["id"], 7);
    answer["result"].clone()
}

#[tokio::test]
async fn the_beacon_node_leads_from_bootstrap_to_finality() {
    const PREFIX: &str = "/eth/v1/beacon/light_client";
    let Some(player) = player().await else {
        return;
    };
    let (_, answer) = get(&player, "/eth/v1/beacon/headers/finalized").await;
    let root = answer["data"]["root"].as_str().expect("a root").to_owned();
    let (_, answer) = get(&player, &format!("{PREFIX}/bootstrap/{root}")).await;
    assert_eq!(answer["version"], "deneb");
    let bootstrap: LightClientBootstrap<Form> =
        serde_json::from_value(answer["data"].clone()).expect("a bootstrap");
    // The route was found by the player's own hashing, this is the SSZ library's.
    let expected = bootstrap.header.beacon.tree_hash_root();
    assert_eq!(root, format!("{expected:?}"));
    for query in ["start_period=1167&count=1", "count=128&start_period=1167"] {
        let (status, answer) = get(&player, &format!("{PREFIX}/updates?{query}")).await;
        assert_eq!(status, StatusCode::OK);
        let update: LightClientUpdate<Form> =
            serde_json::from_value(answer[0]["data"].clone()).expect("an update");
        assert_eq!(update.attested_header.beacon.slot, 9_566_271);
    }
    let (_, answer) = get(&player, &format!("{PREFIX}/finality_update")).await;
    let finality: LightClientFinalityUpdate<Form> =
        serde_json::from_value(answer["data"].clone()).expect("an update");
    assert_eq!(finality.finalized_header, bootstrap.header);
    let (_, answer) = get(&player, &format!("{PREFIX}/optimistic_update")).await;
    let optimistic: LightClientOptimisticUpdate<Form> =
        serde_json::from_value(answer["data"].clone()).expect("an update");
    assert_eq!(optimistic.attested_header, finality.attested_header);
    assert!(answer["data"].get("finality_branch").is_none());
    for id in [root.as_str(), "9567456"] {
        let (_, answer) = get(&player, &format!("/eth/v1/beacon/blocks/{id}/root")).await;
        assert_eq!(answer["data"]["root"], root);
    }
    let health = reqwest::get(player.beacon_url() + "/eth/v1/node/health").await;
    assert_eq!(health.expect("an answer").status(), StatusCode::OK);
}

/// The bootstrap that was not recorded but follows: its roots are the SSZ library's, and its branch leads to the state
/// root of a header that mainnet's committee has signed.
#[tokio::test]
async fn an_earlier_bootstrap_follows_from_the_recorded_update() {
    const PREFIX: &str = "/eth/v1/beacon/light_client";
    /// `current_sync_committee` in the state until Deneb: generalized index 54.
    const BRANCH: (usize, usize) = (5, 54 - 32);
    let Some(player) = player().await else {
        return;
    };
    let (_, answer) = get(
        &player,
        &format!("{PREFIX}/updates?start_period=1167&count=1"),
    )
    .await;
    let update: LightClientUpdate<Form> =
        serde_json::from_value(answer[0]["data"].clone()).expect("an update");
    let root = format!("{:?}", update.attested_header.beacon.tree_hash_root());
    for id in ["9566271", root.as_str()] {
        let (_, answer) = get(&player, &format!("/eth/v1/beacon/headers/{id}")).await;
        assert_eq!(
            (&answer["data"]["root"], &answer["finalized"]),
            (&json!(root), &json!(true))
        );
    }
    let (_, answer) = get(&player, &format!("{PREFIX}/bootstrap/{root}")).await;
    assert_eq!(answer["version"], "deneb");
    let bootstrap: LightClientBootstrap<Form> =
        serde_json::from_value(answer["data"].clone()).expect("a bootstrap");
    assert_eq!(bootstrap.header, update.attested_header);
    let branch = &bootstrap.current_sync_committee_branch;
    assert_eq!(branch[0], update.next_sync_committee.tree_hash_root());
    let mut node = bootstrap.current_sync_committee.tree_hash_root().0;
    assert_eq!(branch.len(), BRANCH.0);
    for (depth, sibling) in branch.iter().enumerate() {
        let pair = match (BRANCH.1 >> depth) & 1 {
            0 => [node, sibling.0],
            _ => [sibling.0, node],
        };
        node = Sha256::digest(pair.as_flattened()).into();
    }
    assert_eq!(node, bootstrap.header.beacon.state_root.0);
}

#[tokio::test]
async fn the_execution_node_has_the_finalized_block_and_the_proof_under_it() {
    let Some(player) = player().await else {
        return;
    };
    let chain = result(&player, "eth_chainId", json!([])).await;
    assert_eq!(chain, "0x1");
    let block = result(&player, "eth_getBlockByNumber", json!(["finalized", false])).await;
    assert_eq!(block["number"], FINALIZED_NUMBER);
    assert_eq!(
        block["stateRoot"],
        "0xc51ad191ded785644e792e03583a54dcd4329d605560734c93f6cd9b5eaa9315"
    );
    // Addresses are written in both cases.
    for key in [json!([ABSENT]), json!([])] {
        let parameters = json!([FACTORY, key, FINALIZED_NUMBER]);
        let proof = result(&player, "eth_getProof", parameters).await;
        assert_eq!(proof["nonce"], "0x54835");
        let slots = proof["storageProof"].as_array().expect("a list").len();
        assert_eq!(slots, key.as_array().expect("a list").len());
    }
    let newest = result(&player, "eth_blockNumber", json!([])).await;
    let block = result(&player, "eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(block["number"], newest);
}

#[tokio::test]
async fn what_was_not_recorded_is_answered_as_a_node_does() {
    let Some(player) = player().await else {
        return;
    };
    let (status, answer) = get(
        &player,
        "/eth/v1/beacon/light_client/updates?start_period=1168&count=1",
    )
    .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer["code"], 404);
    let missing = result(&player, "eth_getBlockByNumber", json!(["0x1", false])).await;
    assert!(missing.is_null());
    for (body, code) in [
        (
            json!({"jsonrpc": "2.0", "id": 1, "method": "eth_sing", "params": []}),
            -32_601,
        ),
        (
            json!({"jsonrpc": "2.0", "id": 1, "method": "eth_getProof",
                "params": [FACTORY, [], "0x1"]}),
            -32_000,
        ),
        (json!({"id": 1}), -32_600),
    ] {
        let answer = call(&player, &body).await;
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert!(answer.get("result").is_none());
    }
    let request = Client::new().post(player.execution_url()).body("{");
    let answer: Value = request
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(answer["error"]["code"], -32_700);
    let batch = json!([
        {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 2, "method": "net_version"},
    ]);
    let answer = call(&player, &batch).await;
    assert_eq!(answer[0]["result"], "0x1");
    assert_eq!(answer[1], json!({"jsonrpc": "2.0", "id": 2, "result": "1"}));
}

#[tokio::test]
async fn faults_hit_one_route_or_one_method() {
    let Some(player) = player().await else {
        return;
    };
    let fault = TransportFault::ServerError { times: 1 };
    player.faults().switch_on("rpc/eth_getProof", fault);
    let chain = result(&player, "eth_chainId", json!([])).await;
    assert_eq!(chain, "0x1");
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "eth_getProof", "params": []});
    for expected in [500, 200] {
        let request = Client::new().post(player.execution_url()).json(&body);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), expected);
    }
    player
        .faults()
        .switch_on("/eth/v1/beacon/genesis", TransportFault::Withheld);
    let (status, _) = get(&player, "/eth/v1/beacon/genesis").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    player.faults().clear();
    let (status, _) = get(&player, "/eth/v1/beacon/genesis").await;
    assert_eq!(status, StatusCode::OK);
    player.stop().await;
}

#[test]
fn an_incomplete_recording_is_an_error() {
    let refused = Recording::mainnet_deneb(std::path::Path::new("nowhere"));
    assert!(matches!(refused, Err(PlayerError::Read { .. })));
}
