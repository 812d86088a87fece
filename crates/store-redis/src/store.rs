//! The store itself: opening one, and committing batches to it.

use std::{collections::HashMap, fmt, io};

use redis::{
    Cmd, Connection, FromRedisValue, RedisError, RedisResult, Script, Value, cmd, from_redis_value,
};
use tracing::info;
use uuid::Uuid;
use valence_coprocessor_store::{
    Batch, Snapshot, Store, StoreError, Table, Value as StoredValue, Write,
};

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

    /// The value of a key, as of a snapshot's version and commit or, without them, as of now.
    pub(crate) fn read(
        &self,
        table: Table,
        key: &[u8],
        snapshot: &[&[u8]],
    ) -> Result<Option<StoredValue>, StoreError> {
        let script = &self.scripts.get;
        let mut call = self.scripts.call(script);
        call.arg(&self.identity)
            .arg(layout::entry(table, key))
            .arg(snapshot);
        let found: Option<Vec<u8>> = self.ask("read a key", script, &call)?;
        Ok(found.map(StoredValue::from))
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let identity = Uuid::new_v4();
        let writes = last_writes(batch.writes());
        let outcome = self.pool.attempt(|connection, attempt| {
            scripts::tell(&self.scripts.commit, connection, |connection| {
                let call = self.commit_call(identity, batch, &writes, attempt);
                self.send(call, writes.is_empty(), connection, attempt)
            })
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

    /// Sends a commit, and waits until as many machines have it as the configuration demands.
    fn send(
        &self,
        call: Cmd,
        is_read_only: bool,
        connection: &mut Connection,
        attempt: Attempt,
    ) -> Result<Outcome, RedisError> {
        let mut pipeline = redis::pipe();
        pipeline.ignore_errors().add_command(call);
        if let Some(question) = self.question(attempt).filter(|_| !is_read_only) {
            // On its way together with the commit, it takes no time of its own.
            pipeline.add_command(question);
        }
        let answers: Vec<RedisResult<Value>> = pipeline.query(connection)?;
        let mut answers = answers.into_iter();
        let written = answers.next().transpose()?.unwrap_or(Value::Nil);
        let (is_written, number): (bool, usize) = from_redis_value(written)?;
        if !is_written {
            return Ok(Outcome::Conflict(number));
        }
        let Some(answer) = answers.next() else {
            return Ok(Outcome::Written);
        };
        // It is written: whatever goes wrong from here on says nothing about that, and is tried again.
        self.confirm(answer, connection, attempt).map_err(|error| {
            io::Error::new(io::ErrorKind::ConnectionAborted, error.to_string()).into()
        })
    }

    /// Asks again until as many machines have the commit as the configuration demands.
    fn confirm(
        &self,
        mut answer: RedisResult<Value>,
        connection: &mut Connection,
        attempt: Attempt,
    ) -> Result<Outcome, RedisError> {
        let config = self.pool.config();
        loop {
            let (is_synced, got) = if config.is_synced {
                let (local, replicas): (u64, u64) = from_redis_value(answer?)?;
                (local >= 1, replicas)
            } else {
                (true, from_redis_value(answer?)?)
            };
            if is_synced && got >= config.replicas.into() {
                return Ok(Outcome::Written);
            }
            match self.question(attempt) {
                Some(question) if !attempt.left().is_zero() => answer = question.query(connection),
                _ => return Ok(Outcome::NotReplicated { got }),
            }
        }
    }

    /// Asks for what the configuration demands of what was written on a connection: that the server has synced it, that
    /// so many replicas have it.
    fn question(&self, attempt: Attempt) -> Option<Cmd> {
        let config = self.pool.config();
        if config.replicas == 0 && !config.is_synced {
            return None;
        }
        let mut question = cmd(if config.is_synced { "WAITAOF" } else { "WAIT" });
        if config.is_synced {
            question.arg(1);
        }
        // Redis must answer before the connection gives up; 0 would mean for ever.
        let patience = attempt.left().min(config.attempt_timeout() / 2);
        question
            .arg(config.replicas)
            .arg(patience.as_millis().max(1));
        Some(question)
    }
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

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<StoredValue>, StoreError> {
        wait_for(|| self.read(table, key, &[]))
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
