//! The shared store on real Redis servers: conformance, and what restarts, fail-overs and lost answers leave.

mod address;
mod crash;
mod pruning;
mod refusal;
mod topology;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use valence_coprocessor_conformance::{run, run_shared};
use valence_coprocessor_redis_server::RedisServer;
use valence_coprocessor_store::{Batch, Store, StoreError, Table};
use valence_coprocessor_store_redis::{RedisConfig, RedisStore};

/// Opens the store that a URL names.
fn open(url: &str) -> RedisStore {
    RedisStore::open(&config(url)).expect("the store opens")
}

fn config(url: &str) -> RedisConfig {
    url.parse().expect("a well-formed URL")
}

fn put(store: &dyn Store, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let mut batch = Batch::new();
    batch.put(Table::Meta, key, value);
    store.commit(batch)
}

fn get(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    let snapshot = store.snapshot().expect("a snapshot opens");
    let found = snapshot.get(Table::Meta, key).expect("a key reads");
    found.map(Vec::from)
}

/// A URL of a namespace that nobody has used yet.
fn fresh(server: &RedisServer) -> String {
    static USED: AtomicUsize = AtomicUsize::new(0);
    let number = USED.fetch_add(1, Ordering::SeqCst);
    format!("{}?namespace=test-{number}", server.url())
}

#[test]
fn the_shared_store_conforms() {
    let server = RedisServer::start().expect("a server starts");
    run(24, || open(&fresh(&server)));
}

#[test]
fn two_openings_of_one_store_conform() {
    let server = RedisServer::start().expect("a server starts");
    run_shared(|| {
        let url = fresh(&server);
        (open(&url), open(&url))
    });
}

#[test]
fn namespaces_are_apart() {
    let server = RedisServer::start().expect("a server starts");
    let (first, second) = (open(&fresh(&server)), open(&fresh(&server)));
    put(&first, b"key", b"first").expect("a commit");
    assert_eq!(get(&second, b"key"), None);
    // What a second opening finds is what the first wrote.
    assert!(first.describe().contains("test-"));
}

/// The store works wherever it is called from: worker of a runtime, blocking thread, runtime of one thread.
#[test]
fn it_works_inside_every_kind_of_runtime() {
    let server = Arc::new(RedisServer::start().expect("a server starts"));
    let several = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .expect("a runtime");
    several.block_on(async {
        let store = Arc::new(open(&server.url()));
        // With one worker, a store that blocked it would keep the task that thaws the server from ever being run.
        server.freeze().expect("a signal");
        let reader = Arc::clone(&store);
        let waiting = tokio::spawn(async move { get(&*reader, b"key") });
        let frozen = Arc::clone(&server);
        let thawing = tokio::spawn(async move { frozen.thaw() });
        thawing
            .await
            .expect("the worker is free")
            .expect("a signal");
        assert_eq!(waiting.await.expect("the read ends"), None);
        let writer = Arc::clone(&store);
        let blocking = tokio::task::spawn_blocking(move || put(&*writer, b"key", b"1"));
        blocking.await.expect("it runs").expect("a commit");
    });
    let single = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    single.block_on(async {
        assert_eq!(get(&open(&server.url()), b"key"), Some(b"1".into()));
    });
}
