//! What is written over is forgotten after a while, and nothing else is.

use std::{collections::BTreeMap, time::Duration};

use valence_coprocessor_redis_server::RedisServer;
use valence_coprocessor_store::{Batch, KeyRange, Order, Store as _, StoreError, Table};
use valence_coprocessor_store_redis::{RedisFailure, RedisStore};

use crate::{config, fresh, put};

const ROUNDS: u32 = 400;
const KEYS: u32 = 17;

fn forgetful(url: &str) -> RedisStore {
    let config = config(url).keeping(Duration::ZERO);
    RedisStore::open(&config).expect("the store opens")
}

#[test]
fn old_versions_go_and_new_ones_stay() {
    let server = RedisServer::start().expect("a server starts");
    let store = forgetful(&server.url());
    let mut model = BTreeMap::new();
    for round in 0..ROUNDS {
        let mut batch = Batch::new();
        // Some keys are put and deleted by turns, others only put.
        let key = (round * round % KEYS).to_be_bytes().to_vec();
        if round.is_multiple_of(3) && key[3].is_multiple_of(2) {
            batch.delete(Table::Meta, key.clone());
            model.remove(&key);
        } else {
            batch.put(Table::Meta, key.clone(), round.to_be_bytes());
            model.insert(key, round.to_be_bytes().to_vec());
        }
        store.commit(batch).expect("a batch commits");
        let rows = store
            .snapshot()
            .expect("a snapshot opens")
            .scan(Table::Meta, &KeyRange::all(), Order::Ascending, usize::MAX)
            .expect("a range can be scanned");
        let rows: BTreeMap<_, _> = rows
            .into_iter()
            .map(|(key, row)| (key, row.into()))
            .collect();
        assert_eq!(rows, model, "after round {round}");
    }
    let size = |command: &str, key: &str| -> usize {
        server
            .command(&[command, &format!("{{valence/default}}/{key}")])
            .expect("a size reads")
    };
    // Whatever was committed in the last millisecond is still kept.
    for (command, key) in [("HLEN", "past"), ("HLEN", "commits"), ("LLEN", "log")] {
        assert!(size(command, key) <= 32, "{key} is not pruned");
    }
    assert!(size("HLEN", "entries") <= model.len() + 32);
    assert_eq!(size("HLEN", "entries"), size("ZCARD", "names"));
}

#[test]
fn a_snapshot_older_than_what_is_kept_is_refused_by_name() {
    let server = RedisServer::start().expect("a server starts");
    let url = fresh(&server);
    let store = forgetful(&url);
    put(&store, b"key", b"old").expect("a commit");
    let snapshot = store.snapshot().expect("a snapshot opens");
    // The snapshot is served as long as nothing has been written over what it sees, however old it is.
    let found = snapshot.get(Table::Meta, b"key").expect("a key reads");
    assert_eq!(found.as_deref(), Some(&b"old"[..]));
    let refused = (0..u64::MAX)
        .find_map(|number| {
            put(&store, b"key", &number.to_be_bytes()).expect("a commit");
            match snapshot.get(Table::Meta, b"key") {
                Ok(found) => {
                    assert_eq!(found.as_deref(), Some(&b"old"[..]), "never a wrong answer");
                    None
                }
                Err(error) => Some(error),
            }
        })
        .expect("the numbers do not end");
    let is_named = |error: &StoreError| {
        matches!(error, StoreError::Backend { source, .. }
            if matches!(source.downcast_ref(), Some(RedisFailure::SnapshotTooOld { .. })))
    };
    assert!(is_named(&refused), "got {refused:?}");
    let scan = snapshot.scan(Table::Meta, &KeyRange::all(), Order::Ascending, 1);
    assert!(is_named(&scan.expect_err("it is too old for this as well")));
}
