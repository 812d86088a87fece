//! URLs: what they may say, how they are refused, and that no password comes out of one again.

use valence_coprocessor_store_redis::{ConfigError, RedisConfig};

fn refused(url: &str) -> ConfigError {
    url.parse::<RedisConfig>().expect_err(url)
}

#[test]
fn every_form_is_read() {
    for url in [
        "redis://localhost",
        "redis://user:pass%20word@127.0.0.1:6380/3?namespace=main",
        "redis://:secret@[::1]:6379",
        "rediss://redis.example:6380?ca=/etc/ssl/own.pem&replicas=1",
        "redis+unix:///run/redis/redis.sock?namespace=a-1",
        "redis+sentinel://one,two:26380,three/main/1?sentinel_password=x",
        "rediss+cluster://one:7000,two:7001?aof=1&timeout=5&connections=8&snapshots=120",
    ] {
        url.parse::<RedisConfig>().expect(url);
    }
}

#[test]
fn what_is_wrong_is_named() {
    for url in [
        "memory",
        "http://host",
        "redis+unix://host/path",
        "redis+http://a",
    ] {
        assert_eq!(refused(url), ConfigError::Scheme, "{url}");
    }
    let host = |host: &str| ConfigError::Host { host: host.into() };
    assert_eq!(refused("redis://"), host(""));
    assert_eq!(refused("redis://a:99999"), host("a:99999"));
    assert_eq!(refused("redis://[::1"), host("[::1"));
    assert_eq!(refused("redis+cluster://a,,b"), host(""));
    assert_eq!(refused("redis+sentinel://a"), ConfigError::MasterName);
    let database = |path: &str| ConfigError::Database { path: path.into() };
    assert_eq!(refused("redis://a/x"), database("x"));
    assert_eq!(refused("redis+cluster://a/1"), database("1"));
    let part = ConfigError::Encoding { part: "password" };
    assert_eq!(refused("redis://:%ff@a"), part);
    let name = "shards".to_owned();
    assert_eq!(
        refused("redis://a?shards=2"),
        ConfigError::UnknownOption { name }
    );
    for (option, name) in [
        ("namespace=A", "namespace"),
        ("namespace=", "namespace"),
        ("replicas=-1", "replicas"),
        ("aof=yes", "aof"),
        ("timeout=0", "timeout"),
        ("connections=0", "connections"),
        ("snapshots=5", "snapshots"),
    ] {
        let error = refused(&format!("redis://a?{option}"));
        assert!(
            matches!(error, ConfigError::OptionValue { name: named, .. } if named == name),
            "{option}: {error}"
        );
    }
}

#[test]
fn no_password_is_shown() {
    let url = "redis+sentinel://user:hush@one/main?sentinel_password=hush";
    let config: RedisConfig = url.parse().expect("a well-formed URL");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hush") && shown.contains("one"), "{shown}");
    for wrong in [
        "redis://user:hush@",
        "redis://user:hush@a/x",
        "redis://:hush/def==@host/0",
        "redis://x:1234/hush@host",
        "redis://x:12?hush@host",
        "hush://user:hush@a",
    ] {
        let error = refused(wrong);
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }
}
