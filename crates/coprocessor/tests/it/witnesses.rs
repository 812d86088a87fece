//! Witnesses and their openings.

use serde_json::{Value, json};
use valence_coprocessor::ErrorKind;
use valence_coprocessor_protocol::{DomainId, DomainName, Root, Witness};

use crate::controllers::echo;
use crate::world::{World, state_root};

fn state_proof(domain: &DomainName, number: u64) -> Value {
    let id = DomainId::of(domain);
    json!({ "StateProof": {
        "domain": id.as_bytes(), "number": number, "state_root": state_root(number),
        "payload": [1, 2, 3], "proof": [4],
    }})
}

#[tokio::test]
async fn state_proofs_are_opened_and_data_passes() {
    let world = World::new().await;
    let circuit = world.circuit(echo()).await;
    let domain = world.domain("a", echo()).await;
    let first = world.add_block(&domain, 5).await.expect("a new block");
    world.add_block(&domain, 6).await.expect("a new block");
    let args =
        json!([state_proof(&domain, 5), { "Data": [1, 2] }, state_proof(&domain, 6)]).to_string();
    let report = world
        .engine
        .witnesses(circuit, None, args.as_bytes())
        .await
        .expect("both are there");
    assert_eq!(report.root, world.engine.root().expect("sound"));
    assert_eq!(report.witnesses.len(), 3);
    assert_eq!(report.witnesses[1], Witness::Data(vec![1, 2]));
    let numbers: Vec<_> = report
        .openings
        .iter()
        .map(|opening| opening.block.number)
        .collect();
    assert_eq!(numbers, [5, 6]);
    // At an older root the newer block is not there.
    let pinned = Some(first.root);
    let error = world
        .engine
        .witnesses(circuit, pinned, args.as_bytes())
        .await
        .expect_err("6 came later");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "unknown_block")
    );
    let args = json!([state_proof(&domain, 5)]).to_string();
    let report = world
        .engine
        .witnesses(circuit, pinned, args.as_bytes())
        .await
        .expect("5 was there");
    assert_eq!(report.root, first.root);
    let never = Some(Root::from_bytes([1; 32]));
    let error = world
        .engine
        .witnesses(circuit, never, args.as_bytes())
        .await
        .expect_err("never a root");
    assert_eq!(error.code(), "unknown_root");
}

#[tokio::test]
async fn attack_a4_a_state_proof_that_is_not_of_the_block_is_refused() {
    let world = World::new().await;
    let circuit = world.circuit(echo()).await;
    let domain = world.domain("a", echo()).await;
    world.add_block(&domain, 5).await.expect("a new block");
    for (field, value) in [("state_root", json!(vec![0; 32])), ("payload", json!([1]))] {
        let mut witness = state_proof(&domain, 5);
        witness["StateProof"][field] = value;
        let args = json!([witness]).to_string();
        let error = world
            .engine
            .witnesses(circuit, None, args.as_bytes())
            .await
            .expect_err("another block");
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Upstream, "controller_invalid_return"),
            "{field}"
        );
    }
    let other = DomainName::new("b").expect("a fine name");
    let args = json!([state_proof(&other, 5)]).to_string();
    let error = world
        .engine
        .witnesses(circuit, None, args.as_bytes())
        .await
        .expect_err("no such domain");
    assert_eq!(error.code(), "unknown_block");
}

#[tokio::test]
async fn what_is_no_list_of_witnesses_is_refused() {
    let world = World::new().await;
    let circuit = world.circuit(echo()).await;
    for args in ["null", "{}", "[{\"Data\": [256]}]", "[{\"Other\": []}]"] {
        let error = world
            .engine
            .witnesses(circuit, None, args.as_bytes())
            .await
            .expect_err(args);
        assert_eq!(error.code(), "controller_invalid_return", "{args}");
    }
}
