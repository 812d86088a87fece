//! What was acknowledged is there exactly once, whatever happens to Redis or to its answers.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Instant,
};

use valence_coprocessor_redis_server::{AnswerProxy, RedisServer, wait_until};
use valence_coprocessor_store::{Batch, KeyRange, Order, Store, StoreError, Table};
use valence_coprocessor_store_redis::{RedisFailure, RedisStore};

use crate::{get, open, put};

const WRITERS: u64 = 3;
const KILLS: usize = 4;
/// Commits between two kills, so that each kill meets a server that is at work.
const BETWEEN: u64 = 40;

/// A batch of two tables that can be committed once: a second time, its expectation is broken.
pub(crate) fn once(key: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.expect(Table::Jobs, key, None);
    batch.put(Table::Jobs, key, key);
    batch.put(Table::Proofs, key, key);
    batch
}

/// Writes from several threads until it is told to stop, through whatever happens; returns what was acknowledged.
pub(crate) fn write_through(
    store: &RedisStore,
    acknowledged: &AtomicU64,
    disturb: impl FnOnce(),
) -> Vec<Vec<u8>> {
    let stop = AtomicBool::new(false);
    let mut keys: Vec<Vec<u8>> = thread::scope(|scope| {
        let stop = &stop;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    let mut keys = Vec::new();
                    while !stop.load(Ordering::SeqCst) {
                        let key = [writer.to_be_bytes(), keys.len().to_be_bytes()].concat();
                        store.commit(once(&key)).expect("Redis comes back in time");
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                        keys.push(key);
                    }
                    keys
                })
            })
            .collect();
        disturb();
        stop.store(true, Ordering::SeqCst);
        let ended = writers.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .flat_map(|keys| keys.expect("a writer ends well"))
            .collect()
    });
    keys.sort();
    keys
}

/// The keys of a table.
pub(crate) fn stored(store: &dyn Store, table: Table) -> Vec<Vec<u8>> {
    let snapshot = store.snapshot().expect("a snapshot opens");
    let rows = snapshot.scan(table, &KeyRange::all(), Order::Ascending, usize::MAX);
    let rows = rows.expect("a range can be scanned");
    rows.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn a_killed_redis_loses_nothing_and_repeats_nothing() {
    let mut server = RedisServer::start().expect("a server starts");
    let store = open(&server.url());
    let acknowledged = AtomicU64::new(0);
    let keys = write_through(&store, &acknowledged, || {
        for _ in 0..KILLS {
            let aim = acknowledged.load(Ordering::SeqCst) + BETWEEN;
            wait_until("commits", || acknowledged.load(Ordering::SeqCst) >= aim)
                .expect("the writers write");
            server.kill().expect("a kill");
            server.start_again().expect("the server starts again");
        }
        let aim = acknowledged.load(Ordering::SeqCst) + BETWEEN;
        wait_until("commits", || acknowledged.load(Ordering::SeqCst) >= aim)
            .expect("the writers write");
    });
    assert!(keys.len() as u64 > (KILLS as u64 + 1) * BETWEEN);
    assert_eq!(
        stored(&store, Table::Jobs),
        keys,
        "acknowledged and nothing else"
    );
    assert_eq!(stored(&store, Table::Proofs), keys, "no half batch");
}

/// Redis did what was asked and its answer was lost: the commit is reported as what it is, and done once.
#[test]
fn a_lost_answer_is_asked_for_again() {
    let server = RedisServer::start().expect("a server starts");
    let proxy = AnswerProxy::start(server.port(), b"jobs/lost").expect("a proxy starts");
    let store = open(&proxy.url());
    store
        .commit(once(b"before"))
        .expect("Redis knows the script");
    proxy.lose_answers(3);
    store
        .commit(once(b"lost"))
        .expect("it was written the first time");
    assert_eq!(proxy.lost(), 3);
    let version: String = server
        .command(&["HGET", "{valence/default}/state", "version"])
        .expect("the version reads");
    assert_eq!(version, "2", "two commits, however often they were sent");

    // A refusal whose answer was lost stays a refusal, even when the batch could be written by now.
    proxy.lose_answers(1);
    let refused = store
        .commit(once(b"lost"))
        .expect_err("it is there already");
    assert!(matches!(
        refused,
        StoreError::Conflict {
            table: Table::Jobs,
            ..
        }
    ));
    assert_eq!(proxy.lost(), 4);
}

/// Redis hangs for longer than an operation waits: reads fail, and a commit is not called failed, because it may come.
#[test]
fn a_frozen_redis_is_given_up_in_time() {
    let server = RedisServer::start().expect("a server starts");
    let store = open(&format!("{}?timeout=1", server.url()));
    put(&store, b"key", b"old").expect("a commit");
    server.freeze().expect("a signal");
    let start = Instant::now();
    let unwritten = put(&store, b"key", b"new").expect_err("nobody answers");
    let unread = store.snapshot().err().expect("nobody answers");
    assert!(start.elapsed().as_secs() < 10, "both are given up");
    let StoreError::Backend { source, .. } = unread else {
        panic!("a read that got no answer failed, got {unread:?}");
    };
    assert!(matches!(
        source.downcast_ref(),
        Some(RedisFailure::Unavailable { .. })
    ));
    assert!(
        matches!(unwritten, StoreError::Unconfirmed { .. }),
        "got {unwritten:?}"
    );
    server.thaw().expect("a signal");
    // Redis reads what lay in its buffers: the commit that nobody waits for any more comes once or not at all.
    put(&store, b"other", b"1").expect("a commit");
    let version: u64 = server
        .command(&["HGET", "{valence/default}/state", "version"])
        .expect("the version reads");
    let is_written = get(&store, b"key") == Some(b"new".into());
    assert_eq!(version, 2 + u64::from(is_written));
}

/// An empty Redis where there was a full one is not an empty store.
#[test]
fn lost_data_is_noticed() {
    let server = RedisServer::start().expect("a server starts");
    let store = open(&server.url());
    put(&store, b"key", b"1").expect("a commit");
    let snapshot = store.snapshot().expect("a snapshot opens");
    let lost = |error: StoreError| {
        let StoreError::Backend { source, .. } = error else {
            panic!("it is the medium's failure, got {error:?}");
        };
        assert!(matches!(source.downcast_ref(), Some(RedisFailure::Lost)));
    };
    let (): () = server.command(&["FLUSHALL"]).expect("it is emptied");
    lost(snapshot.get(Table::Meta, b"key").expect_err("it is gone"));
    lost(store.snapshot().err().expect("it is gone"));
    lost(put(&store, b"key", b"2").expect_err("it is gone"));
    // Another store in its place is another store.
    let other = open(&server.url());
    lost(put(&store, b"key", b"2").expect_err("it is another"));
    put(&other, b"key", b"3").expect("a commit");
}

/// A fail-over that lost the last commits gives their numbers to others; a snapshot that saw them says so.
#[test]
fn a_snapshot_of_lost_commits_is_refused() {
    let server = RedisServer::start().expect("a server starts");
    let store = open(&server.url());
    put(&store, b"key", b"1").expect("a commit");
    let state = "{valence/default}/state";
    let kept: Vec<Vec<u8>> = server
        .command(&["HMGET", state, "version", "last"])
        .expect("the state reads");
    put(&store, b"other", b"lost").expect("a commit");
    let snapshot = store.snapshot().expect("a snapshot opens");
    let last: Vec<u8> = server
        .command(&["HGET", state, "last"])
        .expect("the state reads");
    let mut connection = server.connect().expect("a connection");
    let () = redis::pipe()
        .hdel("{valence/default}/commits", last)
        .hset(state, "version", &kept[0])
        .hset(state, "last", &kept[1])
        .query(&mut connection)
        .expect("Redis goes back");
    put(&store, b"other", b"another's").expect("a commit takes the number");
    let refused = snapshot
        .get(Table::Meta, b"other")
        .expect_err("not what it saw");
    let StoreError::Backend { source, .. } = refused else {
        panic!("it is the medium's failure, got {refused:?}");
    };
    assert!(matches!(source.downcast_ref(), Some(RedisFailure::Rewound)));
}
