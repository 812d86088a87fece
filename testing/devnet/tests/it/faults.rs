//! Every fault is what it says, and ends when it is switched off: judged by the test's own light client.

use reqwest::{Client, StatusCode};
use serde_json::json;
use valence_coprocessor_devnet::{Devnet, DevnetError, Fault, containers::Minimal};
use valence_coprocessor_faulty_server::TransportFault;

use crate::{
    anvil::{Execution, bootstrap, config, execution, finality_update, get, network, updates},
    specification::Store,
};

struct World {
    devnet: Devnet,
    store: Store,
    _execution: Execution,
}

/// A devnet whose client stands at an older finalized block.
async fn world() -> World {
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    devnet.advance(26).await.expect("blocks");
    let store = bootstrap::<Minimal>(&devnet, &network(&devnet)).await;
    devnet.advance(60).await.expect("blocks");
    World {
        devnet,
        store,
        _execution: execution,
    }
}

impl World {
    /// What the client says to the update of its period, and to the newest finality update after the
    /// honest update of its period.
    async fn verdicts(&self, honest: &Store) -> [Result<(), &'static str>; 2] {
        let network = network(&self.devnet);
        let list = updates::<Minimal>(&self.devnet, &network, 0).await;
        let period = self.store.clone().process(&network, &list[0]);
        let finality = finality_update::<Minimal>(&self.devnet, &network).await;
        [period, honest.clone().process(&network, &finality)]
    }

    async fn after_honest_update(&self) -> Store {
        let network = network(&self.devnet);
        let list = updates::<Minimal>(&self.devnet, &network, 0).await;
        let mut store = self.store.clone();
        store.process(&network, &list[0]).expect("an honest update");
        store
    }
}

#[tokio::test]
async fn lies_are_what_they_say() {
    let world = world().await;
    let honest = world.after_honest_update().await;
    assert_eq!(world.verdicts(&honest).await, [Ok(()), Ok(())]);
    for (fault, expected) in [
        (Fault::WrongSignature, ["signature"; 2].map(Err)),
        (Fault::NoSignature, ["nobody signed"; 2].map(Err)),
        (
            Fault::FewSigners { count: 21 },
            ["supermajority"; 2].map(Err),
        ),
        (Fault::FewSigners { count: 22 }, [Ok(()), Ok(())]),
        (Fault::WrongDomain, ["signature"; 2].map(Err)),
        (Fault::WrongForkVersion, ["signature"; 2].map(Err)),
        (
            Fault::WrongNextCommittee,
            [Err("next committee branch"), Ok(())],
        ),
    ] {
        world.devnet.switch_on(fault.clone()).expect("a fault");
        assert_eq!(world.verdicts(&honest).await, expected, "{fault:?}");
        world.devnet.clear_faults();
        assert_eq!(world.verdicts(&honest).await, [Ok(()), Ok(())], "{fault:?}");
    }
}

#[tokio::test]
async fn updates_are_withheld_from_a_period_on() {
    let world = world().await;
    let network = network(&world.devnet);
    assert_eq!(
        updates::<Minimal>(&world.devnet, &network, 0).await.len(),
        2
    );
    let fault = Fault::WithheldUpdate { period: 1 };
    world.devnet.switch_on(fault).expect("a fault");
    assert_eq!(
        updates::<Minimal>(&world.devnet, &network, 0).await.len(),
        1
    );
    let path = "/eth/v1/beacon/light_client/updates?start_period=1&count=1";
    let answer = reqwest::get(world.devnet.url() + path)
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_fork_has_two_signed_headers_at_one_slot() {
    let world = world().await;
    let network = network(&world.devnet);
    let honest = world.after_honest_update().await;
    world.devnet.switch_on(Fault::Fork).expect("a fault");
    for _ in 0..2 {
        let first = finality_update::<Minimal>(&world.devnet, &network).await;
        let second = finality_update::<Minimal>(&world.devnet, &network).await;
        assert_eq!(first.attested.beacon.slot, second.attested.beacon.slot);
        assert_ne!(first.attested.beacon, second.attested.beacon);
        let finalized = [&first, &second].map(|update| {
            let (header, _) = update.finalized.as_ref().expect("final");
            header.clone()
        });
        assert_eq!(finalized[0], finalized[1], "they part after what is final");
        for update in [first, second] {
            honest
                .clone()
                .process(&network, &update)
                .expect("well signed");
        }
        let heads = [
            get(&world.devnet, "/eth/v1/beacon/headers/head").await,
            get(&world.devnet, "/eth/v1/beacon/headers/head").await,
        ];
        assert_ne!(heads[0]["data"]["root"], heads[1]["data"]["root"]);
        // Both branches grow.
        world.devnet.advance(1).await.expect("a block");
    }
    world.devnet.clear_faults();
    assert_eq!(world.verdicts(&honest).await, [Ok(()), Ok(())]);
}

#[tokio::test]
async fn an_equivocation_finalizes_two_blocks_at_one_slot() {
    let world = world().await;
    let network = network(&world.devnet);
    let store = world.after_honest_update().await;
    let first = finality_update::<Minimal>(&world.devnet, &network).await;
    world
        .devnet
        .switch_on(Fault::Equivocation)
        .expect("a fault");
    let second = finality_update::<Minimal>(&world.devnet, &network).await;
    let finalized = [&first, &second].map(|update| {
        let mut store = store.clone();
        store.process(&network, update).expect("well signed");
        store.finalized
    });
    assert_eq!(finalized[0].beacon.slot, finalized[1].beacon.slot);
    assert_eq!(finalized[0].block_number, finalized[1].block_number);
    assert_ne!(finalized[0].state_root, finalized[1].state_root);
    // The rival chain goes on, and a client on it can follow.
    let mut deceived = store.clone();
    deceived.process(&network, &second).expect("well signed");
    world.devnet.advance(30).await.expect("blocks");
    let later = finality_update::<Minimal>(&world.devnet, &network).await;
    deceived.process(&network, &later).expect("well signed");
}

#[tokio::test]
async fn equivocation_needs_something_final() {
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    let refused = devnet.switch_on(Fault::Equivocation);
    assert!(matches!(refused, Err(DevnetError::NothingFinal)));
}

#[tokio::test]
async fn faults_of_transport_reach_the_beacon_api_only() {
    let world = world().await;
    let url = world.devnet.url();
    let client = Client::new();
    // By HTTP, as somebody does who runs the devnet as a program.
    let fault = json!({"transport": {
        "route": "/eth/v1/beacon/light_client/finality_update",
        "fault": {"server_error": {"times": 2}},
    }});
    let switched = client
        .post(format!("{url}/admin/faults"))
        .json(&fault)
        .send()
        .await;
    assert_eq!(
        switched.expect("an answer").status(),
        StatusCode::NO_CONTENT
    );
    let path = format!("{url}/eth/v1/beacon/light_client/finality_update");
    for expected in [500, 500, 200] {
        let answer = reqwest::get(&path).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), expected);
    }
    world
        .devnet
        .switch_on(Fault::Transport {
            route: String::new(),
            fault: TransportFault::Withheld,
        })
        .expect("a fault");
    let answer = reqwest::get(&path).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let answer = client.delete(format!("{url}/admin/faults")).send().await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::NO_CONTENT);
    let answer = reqwest::get(&path).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_chain_is_moved_over_http() {
    let execution = execution().await;
    let devnet = Devnet::start(config(&execution)).await.expect("a devnet");
    let client = Client::new();
    let post = |path: &str| client.post(devnet.url() + "/admin" + path);
    post("/miss?slots=2").send().await.expect("an answer");
    let answer = post("/participation")
        .json(&json!({"count": 20}))
        .send()
        .await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::NO_CONTENT);
    post("/advance?slots=2").send().await.expect("an answer");
    let head = devnet.head();
    assert_eq!(head.slot(), 4);
    assert_eq!(head.aggregate().signers(), 20);
    let answer = post("/finalize").send().await.expect("an answer");
    let answer: serde_json::Value = answer.json().await.expect("JSON");
    assert_eq!(answer["data"]["slot"], "8");
    assert_eq!(
        answer["data"]["root"],
        devnet.finalized().root().to_string()
    );
}
