//! The controller against a mock of the co-processor.

use relay::witnesses;
use serde_json::{Value, json};
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::{DomainId, Error, StateProof, StateRoot, Witness};

fn proof() -> StateProof {
    StateProof {
        domain: DomainId::from_bytes([1; 32]),
        number: 7,
        state_root: StateRoot::from_bytes([2; 32]),
        payload: vec![3],
        proof: vec![4],
    }
}

fn relay(arguments: Value) -> Result<Vec<Witness>, Error> {
    witnesses(serde_json::from_value(arguments).expect("arguments of the relay"))
}

#[test]
fn witnesses_come_in_the_order_of_the_arguments() {
    let _host = MockHost::new()
        .with_state_proofs("chain", |arguments| {
            assert_eq!(arguments, json!({"number": 7}));
            Ok(proof())
        })
        .install();
    let found = relay(json!({"witnesses": [
        {"data": "0x0102"},
        {"domain": "chain", "arguments": {"number": 7}},
    ]}));
    assert_eq!(
        found.expect("the host has both"),
        [Witness::Data(vec![1, 2]), Witness::StateProof(proof())]
    );
}

#[test]
fn what_the_host_refuses_is_refused() {
    let _host = MockHost::new().install();
    let refused = relay(json!({"witnesses": [{"domain": "chain", "arguments": {}}]}));
    let refused = refused.expect_err("no domain").to_string();
    assert!(refused.contains("no domain `chain`"), "{refused}");
}
