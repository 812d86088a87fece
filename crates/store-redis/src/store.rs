//! The store itself: opening one, and committing batches to it.

use std::{
    collections::HashMap,
    fmt, io,
    time::{Duration, Instant},
};

use redis::{Cmd, Connection, FromRedisValue, RedisError, Script, cmd};
use tracing::info;
use uuid::Uuid;
use valence_coprocessor_store::{Batch, Snapshot, Store, StoreError, Write};

use crate::{
    OpenError, RedisConfig, RedisFailure,
    blocking::wait_for,
    layout,
    pool::{Attempt, GivenUp, Pool},
    scripts::{self, Scripts},
    snapshot::RedisSnapshot,
};

/// The format that this program reads and writes.
const FORMAT: &str = "1";

/// A store in a Redis that several processes may have open.
pub struct RedisStore {
    pool: Pool,
    pub(crate) scripts: Scripts,
    /// Names the store, so that another one in its place is noticed.
    pub(crate) identity: String,
}

/// What became of a batch that Redis has dealt with.
enum Outcome {
    Written,
    /// The expectation at this position does not hold.
    Conflict(usize),
    /// Written, but confirmed by fewer replicas than demanded.
    NotReplicated {
        got: u64,
    },
}

impl RedisStore {
    /// Opens the store that `config` names, and creates it where there is none.
    pub fn open(config: &RedisConfig) -> Result<Self, OpenError> {
        wait_for(|| Self::connect(config))
    }

    fn connect(config: &RedisConfig) -> Result<Self, OpenError> {
        let pool = Pool::new(config.clone())?;
        let scripts = Scripts::new(layout::keys(config.namespace()));
        let candidate = Uuid::new_v4().simple().to_string();
        let mut call = scripts.call(&scripts.open);
        call.arg(&candidate);
        let (format, identity): (String, String) = pool
            .attempt(|connection, _| scripts::run(&scripts.open, &call, connection))
            .map_err(|given_up| match given_up.failure {
                RedisFailure::Unfit(unfit) => *unfit,
                failure => OpenError::Redis(failure),
            })?;
        if format != FORMAT {
            return Err(OpenError::Format { got: format });
        }
        if identity == candidate {
            info!(namespace = config.namespace(), "created a store in Redis");
        }
        Ok(Self {
            pool,
            scripts,
            identity,
        })
    }

    /// Runs a script that only reads.
    pub(crate) fn ask<T: FromRedisValue>(
        &self,
        operation: &'static str,
        script: &Script,
        call: &Cmd,
    ) -> Result<T, StoreError> {
        self.pool
            .attempt(|connection, _| scripts::run(script, call, connection))
            .map_err(|given_up| StoreError::backend(operation, given_up.failure))
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let identity = Uuid::new_v4();
        let writes = last_writes(batch.writes());
        let outcome = self.pool.attempt(|connection, attempt| {
            let call = self.commit_call(identity, batch, &writes, attempt);
            self.send(&call, writes.is_empty(), connection, attempt)
        });
        match outcome {
            Ok(Outcome::Written) => Ok(()),
            Ok(Outcome::NotReplicated { got }) => {
                let config = self.pool.config();
                Err(StoreError::unconfirmed(RedisFailure::NotReplicated {
                    got,
                    expected: config.replicas.into(),
                    after: config.timeout,
                }))
            }
            Ok(Outcome::Conflict(position)) => Err(batch.expectations().get(position).map_or_else(
                || StoreError::backend("commit a batch", RedisFailure::Answer),
                |expectation| StoreError::Conflict {
                    table: expectation.table,
                    key: expectation.key.clone(),
                },
            )),
            Err(GivenUp {
                failure,
                may_be_done: true,
            }) if !writes.is_empty() => Err(StoreError::unconfirmed(failure)),
            Err(GivenUp { failure, .. }) => Err(StoreError::backend("commit a batch", failure)),
        }
    }

    fn commit_call(
        &self,
        identity: Uuid,
        batch: &Batch,
        writes: &[&Write],
        attempt: Attempt,
    ) -> Cmd {
        let mut call = self.scripts.call(&self.scripts.commit);
        call.arg(&self.identity)
            .arg(&identity.as_bytes()[..])
            .arg(u8::from(attempt.is_repeated))
            .arg(self.pool.config().kept.as_millis())
            .arg(batch.expectations().len());
        let expectations = batch
            .expectations()
            .iter()
            .map(|one| (one.table, &one.key, &one.value));
        let writes = writes.iter().map(|one| (one.table, &one.key, &one.value));
        for (table, key, value) in expectations.chain(writes) {
            call.arg(layout::entry(table, key))
                .arg(u8::from(value.is_some()))
                .arg(value.as_deref().unwrap_or_default());
        }
        call
    }

    fn send(
        &self,
        call: &Cmd,
        is_read_only: bool,
        connection: &mut Connection,
        attempt: Attempt,
    ) -> Result<Outcome, RedisError> {
        let (is_written, number): (bool, usize) =
            scripts::run(&self.scripts.commit, call, connection)?;
        if !is_written {
            return Ok(Outcome::Conflict(number));
        }
        if is_read_only {
            return Ok(Outcome::Written);
        }
        // It is written: whatever goes wrong from here on says nothing about that, and is tried again.
        self.confirm(connection, attempt).map_err(|error| {
            io::Error::new(io::ErrorKind::ConnectionAborted, error.to_string()).into()
        })
    }

    /// Waits until as many machines have the commit as the configuration demands.
    fn confirm(
        &self,
        connection: &mut Connection,
        attempt: Attempt,
    ) -> Result<Outcome, RedisError> {
        let config = self.pool.config();
        if config.replicas == 0 && !config.is_synced {
            return Ok(Outcome::Written);
        }
        loop {
            let left = attempt.deadline.saturating_duration_since(Instant::now());
            // Redis must answer before the connection gives up.
            let patience = left.min(config.attempt_timeout() / 2);
            let (is_synced, got) = confirmations(connection, config, patience)?;
            if is_synced && got >= config.replicas.into() {
                return Ok(Outcome::Written);
            }
            if left.is_zero() {
                return Ok(Outcome::NotReplicated { got });
            }
        }
    }
}

/// Whether the server itself has synced what was written on this connection, as far as demanded, and how many replicas
/// have it.
fn confirmations(
    connection: &mut Connection,
    config: &RedisConfig,
    patience: Duration,
) -> Result<(bool, u64), RedisError> {
    // 0 would mean for ever.
    let patience = patience.as_millis().max(1);
    if config.is_synced {
        let (local, replicas): (u64, u64) = cmd("WAITAOF")
            .arg(1)
            .arg(config.replicas)
            .arg(patience)
            .query(connection)?;
        return Ok((local >= 1, replicas));
    }
    let replicas = cmd("WAIT")
        .arg(config.replicas)
        .arg(patience)
        .query(connection)?;
    Ok((true, replicas))
}

/// The write that counts for each key, in the order of the batch.
fn last_writes(writes: &[Write]) -> Vec<&Write> {
    let mut last = HashMap::with_capacity(writes.len());
    for (position, write) in writes.iter().enumerate() {
        last.insert((write.table, &write.key), position);
    }
    let counts = |position: &usize, write: &Write| last[&(write.table, &write.key)] == *position;
    writes
        .iter()
        .enumerate()
        .filter(|(position, write)| counts(position, write))
        .map(|(_, write)| write)
        .collect()
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedisStore")
            .field("config", self.pool.config())
            .finish_non_exhaustive()
    }
}

impl Store for RedisStore {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        let snapshot = wait_for(|| RedisSnapshot::take(self))?;
        Ok(Box::new(snapshot))
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.check_keys()?;
        if batch.is_empty() {
            return Ok(());
        }
        wait_for(|| self.write(&batch))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("Redis store `{}`", self.pool.config().namespace())
    }
}
