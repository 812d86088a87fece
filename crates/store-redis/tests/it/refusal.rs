//! A Redis that cannot be reached, or that would lose what it is given, is refused by name.

use std::net::{Ipv4Addr, TcpListener};

use valence_coprocessor_redis_server::RedisServer;
use valence_coprocessor_store::{Store as _, StoreError};
use valence_coprocessor_store_redis::{OpenError, RedisFailure, RedisStore};

use crate::{config, get, open, put};

fn refused(url: &str) -> OpenError {
    RedisStore::open(&config(url)).expect_err("it must not open")
}

#[test]
fn a_redis_that_throws_data_away_is_refused() {
    let server =
        RedisServer::start_with(&["--maxmemory-policy", "allkeys-lru"]).expect("a server starts");
    let error = refused(&server.url());
    assert!(matches!(&error, OpenError::Eviction { got } if got == "allkeys-lru"));
    assert!(error.to_string().contains("maxmemory-policy noeviction"));
}

#[test]
fn a_redis_that_keeps_nothing_is_refused() {
    let server = RedisServer::start_with(&["--appendonly", "no"]).expect("a server starts");
    let error = refused(&server.url());
    assert!(matches!(error, OpenError::NotDurable));
    assert!(error.to_string().contains("appendonly yes"));
}

#[test]
fn a_redis_that_has_become_unfit_is_refused_at_the_next_connection() {
    let mut server = RedisServer::start().expect("a server starts");
    let store = open(&server.url());
    server.kill().expect("a kill");
    // It comes back with another configuration, as after a fail-over to a server that nobody looked after.
    server
        .start_again_with(&["--maxmemory-policy", "volatile-ttl"])
        .expect("the server starts again");
    let refused = store.snapshot().err().expect("it must not be used");
    let StoreError::Backend { source, .. } = refused else {
        panic!("it is the medium's failure, got {refused:?}");
    };
    assert!(matches!(
        source.downcast_ref(),
        Some(RedisFailure::Unfit(unfit)) if matches!(**unfit, OpenError::Eviction { .. })
    ));
}

#[test]
fn a_wrong_password_is_refused_at_once_and_not_shown() {
    let server = RedisServer::start().expect("a server starts");
    let (): () = server
        .command(&["CONFIG", "SET", "requirepass", "the-right-one"])
        .expect("a password is set");
    let host = server.address();
    let error = refused(&format!("redis://:the-wrong-one@{host}"));
    assert!(matches!(&error, OpenError::Redis(RedisFailure::Refused(_))));
    let store = open(&format!("redis://:the-right-one@{host}"));
    put(&store, b"key", b"1").expect("a commit");
    let shown = format!("{error:?} {store:?} {}", store.describe());
    assert!(!shown.contains("-one"), "{shown}");
}

#[test]
fn a_redis_that_is_not_there_is_given_up_in_time() {
    // Held and never listened to any more once it is dropped.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let error = refused(&format!("redis://{address}?timeout=1"));
    assert!(matches!(
        error,
        OpenError::Redis(RedisFailure::Unavailable { .. })
    ));
}

#[test]
fn a_full_redis_refuses_commits_whole_and_still_answers() {
    let server = RedisServer::start().expect("a server starts");
    let store = open(&server.url());
    put(&store, b"key", b"old").expect("a commit");
    let limit = |bytes: &str| {
        let (): () = server
            .command(&["CONFIG", "SET", "maxmemory", bytes])
            .expect("a limit is set");
    };
    limit("1");
    let refused = put(&store, b"key", b"new").expect_err("there is no memory");
    let StoreError::Backend { source, .. } = refused else {
        panic!("Redis said that it is not written, got {refused:?}");
    };
    assert!(matches!(
        source.downcast_ref(),
        Some(RedisFailure::Refused(_))
    ));
    assert_eq!(get(&store, b"key"), Some(b"old".into()));
    limit("0");
    put(&store, b"key", b"new").expect("there is memory again");
    assert_eq!(get(&store, b"key"), Some(b"new".into()));
}

#[test]
fn a_store_of_another_format_is_refused() {
    let server = RedisServer::start().expect("a server starts");
    drop(open(&server.url()));
    let (): () = server
        .command(&["HSET", "{valence/default}/state", "format", "2"])
        .expect("a later program was here");
    assert!(matches!(refused(&server.url()), OpenError::Format { got } if got == "2"));
}

/// The rights that docs/operations.md names are enough, and those without INFO are as well.
#[test]
fn a_user_with_few_rights_is_enough() {
    let server = RedisServer::start().expect("a server starts");
    for (name, more) in [("known", "+info"), ("unknown", "-info")] {
        let keys = format!("~{{valence/{name}}}/*");
        let mut words = vec!["ACL", "SETUSER", name, "on", ">secret", &keys];
        words.extend(["+@all", "-@admin", "-@dangerous", more, "+config|get"]);
        let (): () = server.command(&words).expect("a user is made");
        let url = format!(
            "redis://{name}:secret@{}?namespace={name}",
            server.address()
        );
        let store = open(&url);
        put(&store, b"key", b"1").expect("a commit");
        assert_eq!(get(&store, b"key"), Some(b"1".into()));
        let error = refused(&format!("{url}-of-another"));
        assert!(
            matches!(error, OpenError::Redis(RedisFailure::Refused(_))),
            "got {error:?}"
        );
    }
}
