//! Replicas, sentinels and clusters.

use std::sync::atomic::{AtomicU64, Ordering};

use valence_coprocessor_conformance::run_shared;
use valence_coprocessor_redis_server::{RedisCluster, RedisServer, Sentinel, wait_until};
use valence_coprocessor_store::{StoreError, Table};
use valence_coprocessor_store_redis::RedisFailure;

use crate::{
    crash::{stored, write_through},
    get, open, put,
};

#[test]
fn a_fail_over_loses_nothing_that_was_acknowledged() {
    let mut primary = RedisServer::start().expect("a server starts");
    let replicas = [0, 1].map(|_| primary.start_replica().expect("a replica starts"));
    let sentinel = Sentinel::start(&primary, replicas.len()).expect("a sentinel starts");
    let store = open(&format!("{}?replicas=1&timeout=20", sentinel.url()));
    let acknowledged = AtomicU64::new(0);
    let keys = write_through(&store, &acknowledged, || {
        wait_until("commits", || acknowledged.load(Ordering::SeqCst) > 50).expect("they come");
        primary.kill().expect("a kill");
        let before = acknowledged.load(Ordering::SeqCst);
        wait_until("commits after the fail-over", || {
            acknowledged.load(Ordering::SeqCst) > before + 50
        })
        .expect("they come");
    });
    assert_eq!(
        stored(&store, Table::Jobs),
        keys,
        "acknowledged and nothing else"
    );
    assert_eq!(stored(&store, Table::Proofs), keys, "no half batch");
}

#[test]
fn a_commit_that_too_few_replicas_have_is_not_confirmed() {
    let server = RedisServer::start().expect("a server starts");
    let store = open(&format!("{}?replicas=1&timeout=1", server.url()));
    let unconfirmed = put(&store, b"key", b"1").expect_err("there is no replica");
    let StoreError::Unconfirmed { source } = unconfirmed else {
        panic!("it is written, got {unconfirmed:?}");
    };
    assert!(matches!(
        source.downcast_ref(),
        Some(RedisFailure::NotReplicated {
            got: 0,
            expected: 1,
            ..
        })
    ));
    assert_eq!(get(&store, b"key"), Some(b"1".into()));
    let _replica = server.start_replica().expect("a replica starts");
    put(&store, b"key", b"2").expect("now there is one");
}

#[test]
fn a_replica_is_not_taken_for_the_server() {
    let primary = RedisServer::start().expect("a server starts");
    drop(open(&primary.url()));
    let replica = primary.start_replica().expect("a replica starts");
    let url = format!("{}?timeout=1", replica.url());
    let config = crate::config(&url);
    let refused = valence_coprocessor_store_redis::RedisStore::open(&config);
    refused.expect_err("it refuses every script");
}

#[test]
fn a_cluster_holds_stores_on_all_its_nodes() {
    let cluster = RedisCluster::start(3).expect("a cluster starts");
    // Any node tells where the keys of a namespace belong.
    let [first, ..] = cluster.nodes() else {
        panic!("three nodes were started");
    };
    for number in 0..8 {
        let url = format!("redis+cluster://{}?namespace=n{number}", first.address());
        let store = open(&url);
        put(&store, b"key", &[number]).expect("a commit");
        assert_eq!(get(&store, b"key"), Some(vec![number]));
    }
    for node in cluster.nodes() {
        let keys: u64 = node.command(&["DBSIZE"]).expect("a size reads");
        assert!(keys > 0, "eight namespaces lie on three nodes");
    }
    let next = AtomicU64::new(0);
    run_shared(|| {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let url = format!("{}?namespace=shared-{number}", cluster.url());
        (open(&url), open(&url))
    });
}
