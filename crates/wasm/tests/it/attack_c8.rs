//! c8: a domain's controller runs as itself, on the purse of its caller. c12: nesting ends.

use std::sync::Arc;

use valence_coprocessor_wasm::{CallError, Export, Limits, Sandbox};

use crate::modules::{Argument, probe};
use crate::world::{World, call, limits, sandbox_with};

/// Asks for a state proof of `moon` from `get_state_proof` and `entrypoint` alike.
fn asking() -> String {
    let probe = probe(
        "valence",
        "get_state_proof",
        &[
            Argument::Slice(b"moon"),
            Argument::Slice(b"{}"),
            Argument::Out,
        ],
    );
    probe.replace(
        "(func (export \"entrypoint\")",
        "(func (export \"entrypoint\") (export \"get_state_proof\")",
    )
}

#[tokio::test]
async fn attack_c8_domain_controller_writes_its_own_storage() {
    let sandbox = sandbox_with(limits());
    let writer = r#"(module
      (import "valence" "set_raw_storage" (func $set_raw (param i32 i32) (result i32)))
      (import "valence" "ret" (func $ret (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "0")
      (func (export "get_state_proof")
        (drop (call $set_raw (i32.const 0) (i32.const 1)))
        (drop (call $ret (i32.const 0) (i32.const 1)))))"#;
    let wasm = wat::parse_str(writer).expect("the test's module is valid");
    let module = sandbox.compile(&wasm).expect("the module compiles");
    let host = World::with_domain(&sandbox, module);
    call(&sandbox, &host, Export::Entrypoint, &asking(), "{}")
        .await
        .expect("the call ends well");
    let (length, bytes) = host.probed();
    assert!(length > 0, "the proof arrives");
    assert_ne!(
        bytes, b"0",
        "the domain's write did not reach its caller's storage"
    );
}

#[tokio::test]
async fn attack_c12_nesting_ends_at_the_depth_limit() {
    let sandbox = sandbox_with(limits());
    let wasm = wat::parse_str(asking()).expect("the test's module is valid");
    let module = sandbox.compile(&wasm).expect("the module compiles");
    let host = World::with_domain(&sandbox, module);
    let outcome = call(&sandbox, &host, Export::Entrypoint, &asking(), "{}").await;
    let log = outcome.expect("the outer call survives").log.join("\n");
    assert_eq!(host.probed().0, -12);
    assert!(
        log.contains(&CallError::DepthLimit { limit: 4 }.to_string()),
        "{log}"
    );
}

/// A domain that spends all fuel it is given, and the error that says so.
fn burning_domain() -> (Sandbox, Arc<World>, CallError) {
    let limits = Limits {
        fuel: 3_000_000,
        ..limits()
    };
    let sandbox = sandbox_with(limits.clone());
    let burning = r#"(module (func (export "get_state_proof") (loop $forever (br $forever))))"#;
    let wasm = wat::parse_str(burning).expect("the test's module is valid");
    let module = sandbox.compile(&wasm).expect("the module compiles");
    let host = World::with_domain(&sandbox, module);
    (
        sandbox,
        host,
        CallError::FuelExhausted { limit: limits.fuel },
    )
}

#[tokio::test]
async fn attack_c12_nested_calls_share_one_purse_and_never_block_the_pool() {
    let (sandbox, host, exhausted) = burning_domain();
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let (sandbox, host) = (sandbox.clone(), Arc::clone(&host));
            tokio::spawn(
                async move { call(&sandbox, &host, Export::Entrypoint, &asking(), "{}").await },
            )
        })
        .collect();
    let exhausted = exhausted.to_string();
    for call in calls {
        // The outer call has no loop left that would ask for fuel, so it ends well, and knows why it got nothing.
        let outcome = call
            .await
            .expect("the call ends")
            .expect("the outer call survives");
        let log = outcome.log.join("\n");
        assert!(log.contains(&exhausted), "{log}");
    }
    assert_eq!(host.probed().0, -12);
}

#[tokio::test]
async fn attack_c12_who_let_another_spend_the_purse_has_nothing_left() {
    let (sandbox, host, exhausted) = burning_domain();
    let looping_after = r#"(module
      (import "valence" "get_state_proof" (func $ask (param i32 i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "moon{}")
      (func (export "entrypoint") (local $left i32)
        (drop (call $ask (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 2) (i32.const 64)))
        (local.set $left (i32.const 100))
        (loop $again
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $again (local.get $left)))))"#;
    let failed = call(&sandbox, &host, Export::Entrypoint, looping_after, "{}")
        .await
        .expect_err("the purse is empty");
    assert_eq!(failed.error, exhausted);
}
