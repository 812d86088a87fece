//! `get_storage` and `set_storage`: all files as a FAT image that crate `buf-fs` reads and writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use buf_fs::{File, FileSystem};
use proptest::prelude::*;
use valence_coprocessor_wasm::Export;

use crate::modules::{Argument, probe};
use crate::world::{World, call, sandbox};

async fn image(world: &Arc<World>) -> (i32, Vec<u8>) {
    let wat = probe("valence", "get_storage", &[Argument::Out]);
    call(&sandbox(), world, Export::Entrypoint, &wat, "{}")
        .await
        .expect("the call ends well");
    world.probed()
}

/// Hands in an image: the module copies the raw storage into its memory first.
async fn set_image(world: &Arc<World>, image: &[u8]) -> (i32, Vec<String>) {
    let wat = r#"(module
      (import "valence" "get_raw_storage" (func $raw (param i32) (result i32)))
      (import "valence" "set_storage" (func $set (param i32 i32) (result i32)))
      (import "valence" "set_storage_file" (func $set_file (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 400)
      (data (i32.const 0) "code")
      (func (export "entrypoint")
        (i32.store (i32.const 8) (call $set (i32.const 16) (call $raw (i32.const 16))))
        (drop (call $set_file (i32.const 0) (i32.const 4) (i32.const 8) (i32.const 4)))))"#;
    world.stored().raw = Some(image.to_vec());
    let outcome = call(&sandbox(), world, Export::Entrypoint, wat, "{}").await;
    let log = outcome.expect("the call ends well").log;
    (world.probed().0, log)
}

fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut files = world.stored().files.clone();
    files.remove("code");
    files
}

#[tokio::test]
async fn image_shows_every_file_to_the_published_reader() {
    let world = World::new();
    world
        .stored()
        .files
        .insert("/var/share/proofs/abcd1234.bin".to_owned(), vec![5; 20_000]);
    world
        .stored()
        .files
        .insert("config.jsn".to_owned(), b"{}".to_vec());
    let (length, bytes) = image(&world).await;
    assert!(length > 0);
    let mut system = FileSystem::from_raw_device_unchecked(bytes);
    let proof = system
        .open("/var/share/proofs/abcd1234.bin")
        .expect("the proof is there");
    assert_eq!(proof.contents, vec![5; 20_000]);
    assert_eq!(
        system
            .open("/config.jsn")
            .expect("the file is there")
            .contents,
        b"{}"
    );
}

#[tokio::test]
async fn file_that_no_image_can_hold_answers_the_code() {
    for path in [
        "/a-long-name.json",
        "/x.json",
        "/a//b",
        "/ü",
        "/a b",
        "/..",
        "/.hid",
    ] {
        let world = World::new();
        world.stored().files.insert(path.to_owned(), vec![1]);
        assert_eq!(image(&world).await.0, -15, "{path}");
    }
    let world = World::new();
    world.stored().files.insert("/a".to_owned(), vec![1]);
    world.stored().files.insert("/A".to_owned(), vec![2]);
    assert_eq!(image(&world).await.0, -15, "the same name twice");
}

#[tokio::test]
async fn image_changes_only_what_it_could_show() {
    let world = World::new();
    for (path, contents) in [
        ("/Keep.txt", "1"),
        ("/change.txt", "2"),
        ("/gone.txt", "3"),
        ("/unseen.json", "4"),
    ] {
        world
            .stored()
            .files
            .insert(path.to_owned(), contents.as_bytes().to_vec());
    }
    let mut system = FileSystem::new(256 * 1024 * 1024).expect("an empty image");
    for (path, contents) in [
        ("/keep.txt", "1"),
        ("/change.txt", "two"),
        ("/dir/new.txt", "5"),
    ] {
        let file = File::new(path.into(), contents.as_bytes().to_vec(), true);
        system.save(file).expect("the file fits");
    }
    let image = system.try_to_raw_device().expect("the image is made");
    assert_eq!(set_image(&world, &image).await.0, 0);
    let expected = [
        ("/Keep.txt", "1"),
        ("/change.txt", "two"),
        ("/dir/new.txt", "5"),
        ("/unseen.json", "4"),
    ];
    let expected: BTreeMap<String, Vec<u8>> = expected
        .into_iter()
        .map(|(path, contents)| (path.to_owned(), contents.as_bytes().to_vec()))
        .collect();
    assert_eq!(files(&world), expected);
}

#[tokio::test]
async fn bytes_that_are_no_image_change_nothing() {
    let world = World::new();
    world.stored().files.insert("/a.txt".to_owned(), vec![1]);
    for bytes in [&[][..], &[0; 512], &[0xff; 4096]] {
        let (code, log) = set_image(&world, bytes).await;
        assert_eq!(code, -15, "{log:?}");
        assert_eq!(files(&world).len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// A hostile image answers 0 or the code, in bounded time, and never panics.
    #[test]
    fn attack_c9_damaged_images_are_read_or_refused(
        damage in proptest::collection::vec((0..200_000_usize, any::<u8>()), 1..200),
        near in proptest::collection::vec((0..2048_usize, any::<u8>()), 0..8),
    ) {
        let mut system = FileSystem::new(256 * 1024 * 1024).expect("an empty image");
        for path in ["/a.txt", "/dir/b.txt", "/dir/sub/c.txt"] {
            let file = File::new(path.into(), vec![1; 10_000], true);
            system.save(file).expect("the file fits");
        }
        let mut image = system.try_to_raw_device().expect("the image is made");
        for (offset, byte) in damage.into_iter().chain(near) {
            let length = image.len();
            image[offset % length] = byte;
        }
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (code, _) = runtime.block_on(set_image(&World::new(), &image));
        prop_assert!(code == 0 || code == -15, "{code}");
    }
}
