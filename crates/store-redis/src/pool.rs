//! Connections to the server that may be written to, and attempts that outlive a restart or a fail-over.

use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use redis::{Connection, ErrorKind, RedisError, ServerErrorKind};
use tracing::{info, warn};

use crate::{
    OpenError, RedisConfig, RedisFailure,
    blocking::pause,
    check::{Finding, check},
    config::Address,
    primary::Primary,
};

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How many operations may wait for a connection, for each connection there is.
const WAITING_PER_CONNECTION: usize = 8;

/// The connections of a store.
pub(crate) struct Pool {
    primary: Primary,
    config: RedisConfig,
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    idle: Vec<Connection>,
    /// Idle and in use.
    open: usize,
    waiting: usize,
    /// Where connections of this generation lead, once somebody has asked.
    address: Option<Address>,
    /// Rises when a connection fails: those made before may lead to a dead or demoted server, and are not used again.
    generation: u64,
}

/// What happened to an operation so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// Whether Redis may have got it before and have done it.
    pub(crate) is_repeated: bool,
    /// When the operation gives up.
    pub(crate) deadline: Instant,
}

impl Attempt {
    /// How long the operation may still take.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// Why an operation gave up.
pub(crate) struct GivenUp {
    pub(crate) failure: RedisFailure,
    /// Whether Redis may have done it all the same.
    pub(crate) may_be_done: bool,
}

impl Pool {
    pub(crate) fn new(config: RedisConfig) -> Result<Self, OpenError> {
        Ok(Self {
            primary: Primary::new(config.clone())?,
            config,
            state: Mutex::new(State {
                idle: Vec::new(),
                open: 0,
                waiting: 0,
                address: None,
                generation: 0,
            }),
            freed: Condvar::new(),
        })
    }

    pub(crate) fn config(&self) -> &RedisConfig {
        &self.config
    }

    /// Does something on a connection, again and again until it succeeds, Redis refuses, or time is up.
    pub(crate) fn attempt<T>(
        &self,
        mut work: impl FnMut(&mut Connection, Attempt) -> Result<T, RedisError>,
    ) -> Result<T, GivenUp> {
        let mut attempt = Attempt {
            is_repeated: false,
            deadline: Instant::now() + self.config.timeout,
        };
        let mut next_pause = FIRST_PAUSE;
        loop {
            let give_up = |failure| GivenUp {
                failure,
                may_be_done: attempt.is_repeated,
            };
            let error = match self.take(attempt.deadline) {
                Ok(mut lease) => match lease.run(|connection| work(connection, attempt)) {
                    Ok(done) => return Ok(done),
                    Err(error) => {
                        // Redis may have done what was asked, and only the answer is missing.
                        attempt.is_repeated |= !is_an_answer(&error);
                        error
                    }
                },
                Err(Refusal::Redis(error)) => error,
                Err(Refusal::Failure(failure)) => return Err(give_up(failure)),
            };
            if !is_passing(&error) {
                return Err(GivenUp {
                    failure: failure(error, &self.config),
                    may_be_done: attempt.is_repeated,
                });
            }
            if Instant::now() + next_pause >= attempt.deadline {
                warn!(%error, "Redis did not come back in time");
                return Err(GivenUp {
                    failure: RedisFailure::Unavailable {
                        after: self.config.timeout,
                        source: error,
                    },
                    may_be_done: attempt.is_repeated,
                });
            }
            pause(next_pause);
            next_pause = (next_pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn take(&self, deadline: Instant) -> Result<Lease<'_>, Refusal> {
        let mut state = self.lock();
        if state.waiting >= WAITING_PER_CONNECTION * self.config.connections {
            let waiting = state.waiting;
            return Err(Refusal::Failure(RedisFailure::Overloaded { waiting }));
        }
        loop {
            let generation = state.generation;
            if let Some(connection) = state.idle.pop() {
                return Ok(Lease::new(self, connection, generation));
            }
            if state.open < self.config.connections {
                state.open += 1;
                let address = state.address.clone();
                drop(state);
                return match self.connect(address, generation) {
                    Ok(connection) => Ok(Lease::new(self, connection, generation)),
                    Err(refusal) => {
                        self.end_generation(generation);
                        Err(refusal)
                    }
                };
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Refusal::Failure(RedisFailure::Busy {
                    connections: self.config.connections,
                    after: self.config.timeout,
                }));
            }
            state.waiting += 1;
            (state, _) = self
                .freed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Connects; whoever connects first in a generation finds the server and looks whether it is fit.
    fn connect(&self, known: Option<Address>, generation: u64) -> Result<Connection, Refusal> {
        if let Some(address) = known {
            return self.primary.connect(&address).map_err(Refusal::Redis);
        }
        let address = self.primary.find().map_err(Refusal::Redis)?;
        let mut connection = self.primary.connect(&address).map_err(Refusal::Redis)?;
        check(&mut connection, &self.config).map_err(|finding| match finding {
            Finding::Redis(error) => Refusal::Redis(error),
            Finding::Unfit(unfit) => Refusal::Failure(RedisFailure::Unfit(Box::new(unfit))),
        })?;
        let mut state = self.lock();
        if state.generation == generation && state.address.is_none() {
            info!(generation, "connected to Redis");
            state.address = Some(address);
        }
        Ok(connection)
    }

    /// Counts a connection as gone; if it was of the present generation, no other of it is used again.
    fn end_generation(&self, generation: u64) {
        let mut state = self.lock();
        state.open -= 1;
        if state.generation == generation {
            state.generation += 1;
            state.address = None;
            state.open -= state.idle.len();
            state.idle.clear();
        }
        drop(state);
        self.freed.notify_one();
    }

    fn put_back(&self, connection: Connection, generation: u64) {
        let mut state = self.lock();
        if state.generation == generation {
            state.idle.push(connection);
        } else {
            state.open -= 1;
        }
        drop(state);
        self.freed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change of the state is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in use; it goes back to the pool when this is dropped, unless it is discarded or its user panics.
struct Lease<'a> {
    pool: &'a Pool,
    /// Present until the lease ends.
    connection: Option<Connection>,
    generation: u64,
}

impl<'a> Lease<'a> {
    fn new(pool: &'a Pool, connection: Connection, generation: u64) -> Self {
        Self {
            pool,
            connection: Some(connection),
            generation,
        }
    }

    /// Does something on the connection, which is not used again if it fails.
    fn run<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, RedisError>,
    ) -> Result<T, RedisError> {
        let Some(connection) = &mut self.connection else {
            let closed = io::Error::from(io::ErrorKind::NotConnected);
            return Err(closed.into());
        };
        let result = work(connection);
        if result.as_ref().is_err_and(is_about_the_connection) {
            self.connection = None;
        }
        result
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        match self.connection.take() {
            // A panic may have left half an answer unread.
            Some(connection) if !thread::panicking() => {
                self.pool.put_back(connection, self.generation);
            }
            _ => self.pool.end_generation(self.generation),
        }
    }
}

/// Why there is no connection.
enum Refusal {
    Redis(RedisError),
    Failure(RedisFailure),
}

/// Whether Redis itself said that it did not do what was asked.
fn is_an_answer(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
}

/// Whether another attempt may go better.
fn is_passing(error: &RedisError) -> bool {
    is_about_the_connection(error)
        || matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::BusyLoading | ServerErrorKind::TryAgain)
        )
        || matches!(error.code(), Some("BUSY"))
}

/// Whether another connection may go better: this one is broken, or leads to a server that has no say any more.
fn is_about_the_connection(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io | ErrorKind::Parse | ErrorKind::ClusterConnectionNotFound => true,
        ErrorKind::Server(kind) => matches!(
            kind,
            ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ReadOnly
        ),
        _ => matches!(error.code(), Some("NOREPLICAS" | "MISCONF")),
    }
}

/// The name of an error that another attempt would meet again.
fn failure(error: RedisError, config: &RedisConfig) -> RedisFailure {
    match error.code() {
        Some("VALENCEOLD") => RedisFailure::SnapshotTooOld { kept: config.kept },
        Some("VALENCEREWOUND") => RedisFailure::Rewound,
        Some("VALENCELOST") => RedisFailure::Lost,
        Some("VALENCEDAMAGED") => RedisFailure::Damaged,
        _ if error.kind() == ErrorKind::UnexpectedReturnType => RedisFailure::Answer,
        _ => RedisFailure::Refused(error),
    }
}
