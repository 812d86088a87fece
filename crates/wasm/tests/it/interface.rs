//! The published imports answer in the published encodings, byte for byte.

use valence_coprocessor_wasm::Export;

use crate::modules::{Argument, ECHO, probe};
use crate::world::{BLOCK_NUMBER, CONTROLLER, ROOT, World, call, sandbox};

/// Calls an import; the answer and the bytes it wrote.
async fn ask(
    world: &std::sync::Arc<World>,
    import: &str,
    arguments: &[Argument<'_>],
) -> (i32, Vec<u8>) {
    let wat = probe("valence", import, arguments);
    call(&sandbox(), world, Export::Entrypoint, &wat, "{\"a\":[1]}")
        .await
        .expect("the call ends well");
    match world.probed() {
        (length, bytes) if length > 0 => {
            assert_eq!(Ok(length), i32::try_from(bytes.len()));
            (length, bytes)
        }
        (code, _) => (code, Vec::new()),
    }
}

/// Number 300 as msgpack: uint16, big-endian.
const NUMBER: [u8; 3] = [0xcd, 0x01, 0x2c];

/// A fixed array goes element by element: below 128 as it is, above behind 0xcc.
fn fixed(byte: u8, count: usize) -> Vec<u8> {
    if byte < 128 {
        vec![byte; count]
    } else {
        [0xcc, byte].repeat(count)
    }
}

fn block() -> Vec<u8> {
    [
        fixed(0x11, 32),
        NUMBER.to_vec(),
        fixed(0x80, 32),
        vec![0xc4, 3, 1, 2, 3],
    ]
    .concat()
}

#[tokio::test]
async fn every_export_takes_and_returns_json() {
    let sandbox = sandbox();
    for export in Export::ALL {
        let outcome = call(&sandbox, &World::new(), export, ECHO, "{\"a\": [1, null]}").await;
        assert_eq!(
            outcome.expect("the echo answers").ret,
            b"{\"a\": [1, null]}"
        );
    }
}

#[tokio::test]
async fn arguments_and_identity_are_plain_bytes() {
    let world = World::new();
    assert_eq!(
        ask(&world, "args", &[Argument::Out]).await,
        (9, b"{\"a\":[1]}".to_vec())
    );
    assert_eq!(
        ask(&world, "get_controller", &[Argument::Out]).await,
        (32, CONTROLLER.to_vec())
    );
    assert_eq!(
        ask(&world, "get_historical", &[Argument::Out]).await,
        (32, ROOT.to_vec())
    );
}

#[tokio::test]
async fn files_are_optional_bytes() {
    let world = World::new();
    world
        .stored()
        .files
        .insert("/f".to_owned(), b"abc".to_vec());
    world
        .stored()
        .files
        .insert("/long".to_owned(), vec![7; 300]);
    let file = async |path: &'static [u8]| {
        ask(
            &world,
            "get_storage_file",
            &[Argument::Slice(path), Argument::Out],
        )
        .await
        .1
    };
    assert_eq!(file(b"/f").await, [0xc4, 3, b'a', b'b', b'c']);
    assert_eq!(
        file(b"/long").await,
        [&[0xc5, 1, 44][..], &[7; 300]].concat()
    );
    assert_eq!(file(b"/none").await, [0xc0]);
    let set = [Argument::Slice(b"/new"), Argument::Slice(b"xyz")];
    assert_eq!(ask(&world, "set_storage_file", &set).await.0, 0);
    assert_eq!(
        world.stored().files.get("/new").map(Vec::as_slice),
        Some(&b"xyz"[..])
    );
    let wrong = [Argument::Slice(b"\xff"), Argument::Out];
    assert_eq!(ask(&world, "get_storage_file", &wrong).await.0, -8);
}

#[tokio::test]
async fn raw_storage_is_empty_at_first() {
    let world = World::new();
    assert_eq!(ask(&world, "get_raw_storage", &[Argument::Out]).await.0, 0);
    assert_eq!(
        ask(&world, "set_raw_storage", &[Argument::Slice(b"raw")])
            .await
            .0,
        0
    );
    assert_eq!(
        ask(&world, "get_raw_storage", &[Argument::Out]).await,
        (3, b"raw".to_vec())
    );
}

#[tokio::test]
async fn latest_block_is_an_optional_block() {
    let world = World::new();
    let latest = async |domain: &'static [u8]| {
        ask(
            &world,
            "get_latest_block",
            &[Argument::Slice(domain), Argument::Out],
        )
        .await
        .1
    };
    assert_eq!(latest(b"moon").await, block());
    assert_eq!(latest(b"mars").await, [0xc0]);
}

#[tokio::test]
async fn historical_update_is_optional_too() {
    let world = World::new();
    let update = ask(
        &world,
        "get_historical_update",
        &[Argument::Fixed(&ROOT), Argument::Out],
    )
    .await
    .1;
    let uuid = [vec![0; 15], vec![0xcc, 200]].concat();
    assert_eq!(update, [uuid, fixed(7, 32), fixed(6, 32), block()].concat());
    let missing = [Argument::Fixed(&[9; 32]), Argument::Out];
    assert_eq!(
        ask(&world, "get_historical_update", &missing).await.1,
        [0xc0]
    );
}

#[tokio::test]
async fn block_proof_reads_the_number_in_little_endian() {
    let world = World::new();
    let number = BLOCK_NUMBER.to_le_bytes();
    let arguments = [
        Argument::Slice(b"moon"),
        Argument::Fixed(&number),
        Argument::Out,
    ];
    let (_, proof) = ask(&world, "get_block_proof", &arguments).await;
    assert_eq!(proof, [&[0xc5, 1, 44][..], &[0xab; 300]].concat());
    let number = BLOCK_NUMBER.to_be_bytes();
    let arguments = [
        Argument::Slice(b"moon"),
        Argument::Fixed(&number),
        Argument::Out,
    ];
    assert_eq!(ask(&world, "get_block_proof", &arguments).await.0, -20);
}

#[tokio::test]
async fn state_proof_is_its_fields_one_after_another() {
    let world = World::new();
    let arguments = [
        Argument::Slice(b"moon"),
        Argument::Slice(b"[5]"),
        Argument::Out,
    ];
    let (_, proof) = ask(&world, "get_state_proof", &arguments).await;
    assert_eq!(proof, [block(), vec![0xc4, 3, b'[', b'5', b']']].concat());
    let unknown = [
        Argument::Slice(b"mars"),
        Argument::Slice(b"[5]"),
        Argument::Out,
    ];
    assert_eq!(ask(&world, "get_state_proof", &unknown).await.0, -12);
    let no_json = [
        Argument::Slice(b"moon"),
        Argument::Slice(b"[5"),
        Argument::Out,
    ];
    assert_eq!(ask(&world, "get_state_proof", &no_json).await.0, -11);
}

/// The reason of a failed import is in the log, and `last_error` gives it to the controller.
#[tokio::test]
async fn last_error_tells_why() {
    let wat = r#"(module
      (import "valence" "get_block_proof" (func $proof (param i32 i32 i32 i32) (result i32)))
      (import "valence_v2" "last_error" (func $last_error (param i32 i32) (result i32)))
      (import "valence" "set_raw_storage" (func $set_raw (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "mars")
      (func (export "entrypoint")
        (drop (call $proof (i32.const 0) (i32.const 4) (i32.const 8) (i32.const 16)))
        (drop (call $set_raw (i32.const 16) (call $last_error (i32.const 16) (i32.const 30))))))"#;
    let world = World::new();
    let outcome = call(&sandbox(), &world, Export::Entrypoint, wat, "{}").await;
    let reason = "get_block_proof: mars has no block 0";
    assert_eq!(outcome.expect("the call ends well").log, [reason]);
    assert_eq!(
        world.stored().raw.as_deref(),
        Some(&reason.as_bytes()[..30])
    );
}

#[tokio::test]
async fn module_without_memory_gets_its_code() {
    let wat = r#"(module
      (import "valence" "args" (func $args (param i32) (result i32)))
      (func (export "entrypoint")
        (if (i32.ne (call $args (i32.const 0)) (i32.const -1)) (then (unreachable)))))"#;
    call(&sandbox(), &World::new(), Export::Entrypoint, wat, "{}")
        .await
        .expect("the code is -1");
}
