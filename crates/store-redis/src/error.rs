//! What can go wrong between a store and its Redis. No error shows a password, nor the URL that may hold one.

use std::{io, path::PathBuf, time::Duration};

use redis::RedisError;
use thiserror::Error;

/// Why a URL does not name a Redis.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The scheme is not one of ours.
    #[error(
        "expected redis://HOST, redis+unix:///SOCKET, redis+sentinel://HOST,…/MASTER or redis+cluster://HOST,…, each with rediss for TLS"
    )]
    Scheme,
    /// A host or port is malformed, or missing.
    #[error("`{host}` is no host with an optional port")]
    Host {
        /// What was given, without user and password.
        host: String,
    },
    /// The name of the master is missing.
    #[error("sentinels must be asked for a master by name: redis+sentinel://HOST,…/MASTER")]
    MasterName,
    /// What follows the hosts is malformed.
    #[error("`{path}` is no number of a database")]
    Database {
        /// What was given.
        path: String,
    },
    /// A part is not percent-encoded UTF-8.
    #[error("the {part} is not percent-encoded UTF-8")]
    Encoding {
        /// Which part.
        part: &'static str,
    },
    /// There is no such option.
    #[error("there is no option `{name}`; see the list in docs/operations.md")]
    UnknownOption {
        /// What was given.
        name: String,
    },
    /// The value of an option is not one that it takes.
    #[error("option `{name}`: expected {expected}")]
    OptionValue {
        /// The option.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
    },
}

/// Why [`crate::RedisStore::open`] failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No connection to Redis came about, or it was lost.
    #[error("Redis cannot be used as it answers now")]
    Redis(#[source] RedisFailure),
    /// Redis is older than what the scripts need.
    #[error("Redis {got} is too old: 7.0 or newer is needed, or Valkey")]
    Version {
        /// Its version.
        got: String,
    },
    /// Redis may throw away data when memory runs out.
    #[error(
        "Redis has maxmemory-policy {got} and would throw data away when memory runs out; set `maxmemory-policy noeviction`"
    )]
    Eviction {
        /// Its policy.
        got: String,
    },
    /// Redis forgets everything when it ends.
    #[error(
        "Redis keeps nothing on disk; set `appendonly yes`, or keep replicas and ask for them with `?replicas=1`"
    )]
    NotDurable,
    /// `?aof=1` was asked of a Redis that cannot do it.
    #[error("Redis {got} has no WAITAOF: `?aof=1` needs 7.2; without it, set `appendfsync always`")]
    NoWaitAof {
        /// Its version.
        got: String,
    },
    /// The store was written by a version of this program that this one does not understand.
    #[error("the store in Redis has format {got}, this program reads format 1")]
    Format {
        /// The format.
        got: String,
    },
    /// The file with certificates cannot be read.
    #[error("the certificates in {} cannot be read", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

/// Why an operation on an open store failed; the source of a store's `Backend` and `Unconfirmed` errors.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RedisFailure {
    /// No usable answer came in time.
    #[error("Redis gave no usable answer for {} seconds", after.as_secs_f32())]
    Unavailable {
        /// For how long it was tried.
        after: Duration,
        /// What went wrong last.
        source: RedisError,
    },
    /// More operations wait for a connection than the store takes on.
    #[error("{waiting} operations wait for Redis already")]
    Overloaded {
        /// How many.
        waiting: usize,
    },
    /// No connection was free in time.
    #[error("all {connections} connections to Redis were busy for {} seconds", after.as_secs_f32())]
    Busy {
        /// How many there may be.
        connections: usize,
        /// For how long it was waited.
        after: Duration,
    },
    /// Redis refused, and would refuse again.
    #[error("Redis refused")]
    Refused(#[source] RedisError),
    /// Redis answered with something that no script of ours returns.
    #[error("Redis gave an answer that makes no sense")]
    Answer,
    /// A snapshot was used for longer than older versions are kept.
    #[error(
        "the snapshot is older than what is kept ({} seconds); take another one",
        kept.as_secs()
    )]
    SnapshotTooOld {
        /// For how long versions are kept.
        kept: Duration,
    },
    /// Redis lost commits, in a fail-over or by a restart, which the snapshot had seen.
    #[error(
        "Redis lost commits that the snapshot had seen; `?replicas=1` or `?aof=1` keeps acknowledged ones through a fail-over"
    )]
    Rewound,
    /// Redis lost the whole store.
    #[error("this Redis no longer holds the store that was opened: its data was lost or replaced")]
    Lost,
    /// What is stored contradicts itself.
    #[error(
        "an older version of an entry is missing: somebody else wrote to the keys of this store"
    )]
    Damaged,
    /// A commit is written, but not on as many machines as demanded.
    #[error("{got} of {expected} replicas confirmed a commit within {} seconds", after.as_secs_f32())]
    NotReplicated {
        /// How many confirmed.
        got: u64,
        /// How many were to.
        expected: u64,
        /// For how long it was waited.
        after: Duration,
    },
    /// After a fail-over, the new server is not fit to hold the store.
    #[error("the Redis that took over cannot be used")]
    Unfit(#[source] Box<OpenError>),
}
