//! The controller against a mock of the co-processor.

use serde_json::{Value, json};
use storage_proof::{balance_witnesses, entrypoint};
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::{DomainId, StateProof, StateRoot, Witness};

const HOLDER: &str = "0x37305b1cd40574e4c5ce33f8e8306be057fd7341";

fn proof() -> StateProof {
    StateProof {
        domain: DomainId::from_bytes([1; 32]),
        number: 7,
        state_root: StateRoot::from_bytes([2; 32]),
        payload: vec![3],
        proof: vec![4; 8],
    }
}

fn witnesses(arguments: Value) -> Result<Vec<Witness>, String> {
    let arguments = serde_json::from_value(arguments).map_err(|error| error.to_string())?;
    balance_witnesses(arguments).map_err(|error| error.to_string())
}

/// The slot of this holder in USDC is one that mainnet's nodes answered for (block 22196273).
#[test]
fn the_right_slot_of_the_right_token_is_asked_for() {
    let _host = MockHost::new()
        .with_state_proofs("ethereum-trusted", |request| {
            assert_eq!(
                request,
                json!({
                    "address": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
                    "slots": ["0x9254cb65314db3d2d7ca17f753f1d9c7f1b6fa05111d18d10ed5b9519d1b247c"],
                    "number": 7,
                })
            );
            Ok(proof())
        })
        .install();
    let got = witnesses(json!({"holder": HOLDER, "number": 7, "token": "usdc"}))
        .expect("the arguments are right");
    let Some(Witness::Data(holder)) = got.get(1) else {
        panic!("the second witness is data")
    };
    assert_eq!(got[0], Witness::StateProof(proof()));
    assert_eq!((holder.len(), holder[0], holder[19]), (20, 0x37, 0x41));
}

#[test]
fn a_holder_that_is_no_address_is_refused() {
    for holder in [
        "",
        "0x",
        "37305b1cd40574e4c5ce33f8e8306be057fd7341",
        "0x37305b1cd40574e4c5ce33f8e8306be057fd73+1",
        &HOLDER[..41],
    ] {
        let refused = witnesses(json!({"holder": holder})).expect_err("no address");
        assert!(refused.contains("is not an address"), "{refused}");
    }
    assert!(witnesses(json!({"holder": HOLDER, "token": "doge"})).is_err());
}

#[test]
fn deliveries_are_stored_where_the_payload_says() {
    let host = MockHost::new().install();
    for delivery in [
        json!({"success": true, "proof": "AAAA", "log": [], "payload": {"cmd": "store", "path": "/var/share/proofs/a.bin"}}),
        json!({"success": false, "log": ["it failed"], "payload": {"cmd": "store", "path": "/var/share/proofs/a.bin"}}),
    ] {
        entrypoint(delivery.clone()).expect("the command is known");
        let stored = host
            .file("/var/share/proofs/a.bin")
            .expect("the file is there");
        assert_eq!(
            serde_json::from_slice::<Value>(&stored).expect("JSON"),
            delivery
        );
    }
    assert_eq!(
        entrypoint(json!({"payload": null})).expect("nothing to do"),
        json!({"stored": false})
    );
    let refused = entrypoint(json!({"payload": {"cmd": "erase"}}))
        .expect_err("unknown")
        .to_string();
    assert!(refused.contains("unknown command `erase`"), "{refused}");
}
