//! A controller's exports run against the mock as they would against the real host.

use serde_json::{Value, json};
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::{
    self as sdk, Block, Error, HistoricalUpdate, Root, StateProof, StateRoot, ValidatedBlock,
    Witness, run,
};
use valence_coprocessor_protocol::DomainId;

fn state_proof() -> StateProof {
    StateProof {
        domain: DomainId::from_bytes([0xd0; 32]),
        number: 1_000_000,
        state_root: StateRoot::from_bytes([0x80; 32]),
        payload: vec![1],
        proof: vec![2; 300],
    }
}

/// The shape that the published clients read: an array of objects with one key, bytes as numbers.
#[test]
fn witnesses_are_returned_in_the_published_json() {
    let host = MockHost::new()
        .with_args(&json!({"block": 5}))
        .with_state_proofs("moon", |args| {
            assert_eq!(args, json!({"block": 5}));
            Ok(state_proof())
        })
        .install();
    run::witnesses(|args: Value| -> Result<Vec<Witness>, Error> {
        Ok(vec![
            Witness::StateProof(sdk::state_proof("moon", &args)?),
            Witness::Data(vec![7, 8]),
        ])
    });
    let root = vec![0x80; 32];
    let expected = json!([
        {"StateProof": {
            "domain": vec![0xd0; 32], "number": 1_000_000, "state_root": root,
            "payload": [1], "proof": vec![2; 300],
        }},
        {"Data": [7, 8]},
    ]);
    assert_eq!(host.ret(), Some(expected));
    assert_eq!(host.panic(), None);
}

#[test]
fn block_and_state_proof_are_returned_in_json() {
    let host = MockHost::new().with_args(&json!({"number": 3})).install();
    run::block(|args: Value| -> Result<ValidatedBlock, Error> {
        let number = args["number"]
            .as_u64()
            .ok_or_else(|| Error::new("no number"))?;
        Ok(ValidatedBlock {
            number,
            root: [1; 32],
            payload: vec![9],
        })
    });
    assert_eq!(
        host.ret(),
        Some(json!({"number": 3, "root": vec![1; 32], "payload": [9]}))
    );
    run::state_proof(|_: Value| Ok::<_, Error>(state_proof()));
    assert_eq!(
        host.ret().map(|ret| ret["number"].clone()),
        Some(json!(1_000_000))
    );
}

#[test]
fn error_of_a_controller_ends_the_call_with_its_text() {
    let host = MockHost::new().with_args(&json!({})).install();
    run::value(|_: Value| -> Result<Value, Error> {
        sdk::rpc("moon", "eth_chainId", &json!([]))
            .map_err(|error| error.context("the chain could not be asked"))
    });
    let text = "the chain could not be asked: the mock has no answer to eth_chainId on `moon`";
    assert_eq!(host.panic().as_deref(), Some(text));
    assert_eq!(host.ret(), None);
}

#[test]
fn arguments_of_the_wrong_shape_are_named() {
    let host = MockHost::new().with_args(&json!("text")).install();
    run::value(|number: u64| Ok::<_, Error>(number));
    let text = host.panic().expect("the call ends");
    assert!(
        text.starts_with("the arguments could not be read: invalid type: string"),
        "{text}"
    );
}

#[test]
fn history_crosses_the_boundary_unchanged() {
    let block = Block {
        domain: [0xff; 32],
        number: u64::MAX,
        root: [0; 32],
        payload: vec![0; 70_000],
    };
    let update = HistoricalUpdate {
        uuid: [0xc0; 16],
        root: [0xc0; 32],
        previous: [0x7f; 32],
        block: block.clone(),
    };
    let _host = MockHost::new()
        .with_root(Root::from_bytes([0xc0; 32]))
        .with_latest_block("moon", block.clone())
        .with_block_proof("moon", 9, &[0xc0])
        .with_historical_update(update.clone())
        .install();
    let root = sdk::historical().expect("the root is known");
    assert_eq!(
        sdk::latest_block("moon").expect("the host answers"),
        Some(block)
    );
    assert_eq!(sdk::latest_block("mars").expect("the host answers"), None);
    assert_eq!(
        sdk::block_proof("moon", 9).expect("the block is known"),
        [0xc0]
    );
    assert!(sdk::block_proof("moon", 10).is_err());
    assert_eq!(
        sdk::historical_update(&root).expect("the host answers"),
        Some(update)
    );
    assert_eq!(
        sdk::historical_update(&Root::ZERO).expect("the host answers"),
        None
    );
}

#[test]
fn storage_and_http_work() {
    let host = MockHost::new()
        .with_raw(b"raw")
        .with_http(|request| Ok(json!({"status": 200, "headers": {}, "body": request["url"]})))
        .install();
    assert_eq!(sdk::raw().expect("the host answers"), b"raw");
    sdk::set_raw(b"new").expect("the host stores");
    sdk::set_file("/a", &[0xc0]).expect("the host stores");
    assert_eq!(sdk::file("/a").expect("the host answers"), Some(vec![0xc0]));
    assert_eq!(sdk::file("/b").expect("the host answers"), None);
    let response = sdk::http(&json!({"url": "http://x/"})).expect("the mock answers");
    assert_eq!((response.status, response.body), (200, json!("http://x/")));
    assert_eq!(
        (host.raw(), host.file("/a")),
        (b"new".to_vec(), Some(vec![0xc0]))
    );
}

/// A mock answers only while it is there.
#[test]
fn nothing_answers_without_a_mock() {
    drop(MockHost::new().install());
    let error = sdk::raw().expect_err("nobody answers");
    assert!(
        error.to_string().contains("no host is installed"),
        "{error}"
    );
}
