//! `RemoteWorker`: one worker, its connection, and its programs.

use core::{fmt, future::Future};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::time::timeout;
use tonic::{Code, Status, transport::Channel};
use valence_coprocessor_zkvm::WorkerName;

use super::{
    AddressError, Lookup, RemoteConfig, RemoteError, WorkerAddress, WorkerStatus,
    connection::{Dial, system_lookup},
    error::with_causes,
};
use crate::{
    ProgramHash, Secret,
    handshake::Trust,
    protocol::{ENVELOPE, StatusRequest, prover_client::ProverClient, shown},
};

/// The longest reason of a worker that is shown.
const LONGEST_REASON: usize = 400;

/// One worker as a service sees it. Share one for all work, so that there is one connection, and each program is sent
/// once.
pub struct RemoteWorker {
    name: WorkerName,
    pub(super) dial: Dial,
    connection: Mutex<Option<Connection>>,
    /// Whoever connects: others wait for that connection.
    connecting: tokio::sync::Mutex<()>,
    connections: AtomicU64,
    /// Whoever sends a program: others wait, and find it there.
    pub(super) uploading: tokio::sync::Mutex<()>,
    /// The program that was asked for last: a service that has one circuit computes its hash once.
    last_program: Mutex<Option<(Arc<[u8]>, ProgramHash)>>,
}

/// A connection, with its number among those to this worker.
#[derive(Clone)]
pub(super) struct Connection {
    number: u64,
    channel: Channel,
}

impl Connection {
    /// For small questions.
    pub(super) fn client(&self) -> ProverClient<Channel> {
        self.client_for(ENVELOPE)
    }

    /// For answers of at most so many bytes.
    pub(super) fn client_for(&self, largest: usize) -> ProverClient<Channel> {
        ProverClient::new(self.channel.clone())
            .max_decoding_message_size(largest)
            .max_encoding_message_size(usize::MAX)
    }
}

impl RemoteWorker {
    /// The worker at an address; connects when there is something to ask. An address with `https://` needs the secret
    /// that the worker has; one with `http://` must be of this machine.
    pub fn new(
        address: WorkerAddress,
        secret: Option<Secret>,
        config: RemoteConfig,
    ) -> Result<Self, AddressError> {
        address.check(secret.is_some())?;
        Ok(Self {
            name: WorkerName(address.to_string()),
            dial: Dial {
                address,
                lookup: system_lookup(),
                secret,
                trust: Trust::new(),
                config,
            },
            connection: Mutex::new(None),
            connecting: tokio::sync::Mutex::new(()),
            connections: AtomicU64::new(0),
            uploading: tokio::sync::Mutex::new(()),
            last_program: Mutex::new(None),
        })
    }

    /// The same worker, whose host is looked up by `lookup` at every connection.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Lookup) -> Self {
        self.dial.lookup = lookup;
        self
    }

    /// The same worker under the name that somebody gave it.
    #[must_use]
    pub fn with_name(mut self, name: WorkerName) -> Self {
        self.name = name;
        self
    }

    /// Its name: its address as it was given, unless it was named otherwise.
    pub const fn name(&self) -> &WorkerName {
        &self.name
    }

    /// How the worker is; also the way to see whether it lives.
    pub async fn status(&self) -> Result<WorkerStatus, RemoteError> {
        let (status, _) = self
            .ask(|mut client| async move { client.status(StatusRequest {}).await })
            .await?;
        Ok(WorkerStatus::of(status))
    }

    /// Asks a small question that may be asked twice. A kept connection may have died since, so it is asked again on a
    /// new one.
    pub(super) async fn ask<Answer, Asked>(
        &self,
        question: impl Fn(ProverClient<Channel>) -> Asked,
    ) -> Result<(Answer, Connection), RemoteError>
    where
        Asked: Future<Output = Result<tonic::Response<Answer>, Status>>,
    {
        let kept = self.kept().clone();
        if let Some(connection) = kept
            && let Ok(answer) = self.ask_on(&connection, &question).await
        {
            return Ok((answer, connection));
        }
        let connection = self.connect().await?;
        let answer = self.ask_on(&connection, &question).await?;
        Ok((answer, connection))
    }

    async fn ask_on<Answer, Asked>(
        &self,
        connection: &Connection,
        question: impl Fn(ProverClient<Channel>) -> Asked,
    ) -> Result<Answer, RemoteError>
    where
        Asked: Future<Output = Result<tonic::Response<Answer>, Status>>,
    {
        let limit = self.dial.config.answer;
        match timeout(limit, question(connection.client())).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) => Err(self.failed(connection, &status)),
            Err(_) => Err(self.hangs(connection)),
        }
    }

    /// The connection that is kept, or a new one.
    async fn connect(&self) -> Result<Connection, RemoteError> {
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.kept().clone() {
            return Ok(connection);
        }
        let channel = self
            .dial
            .connect()
            .await
            .map_err(RemoteError::Unreachable)?;
        let connection = Connection {
            number: self.connections.fetch_add(1, Ordering::Relaxed),
            channel,
        };
        *self.kept() = Some(connection.clone());
        Ok(connection)
    }

    /// Closes the kept connection once nothing uses it.
    pub(super) fn let_go(&self) {
        *self.kept() = None;
    }

    pub(super) fn last_program(&self) -> MutexGuard<'_, Option<(Arc<[u8]>, ProgramHash)>> {
        self.last_program
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of a connection that failed, unless there is a new one already.
    fn forget(&self, connection: &Connection) {
        let mut kept = self.kept();
        if kept
            .as_ref()
            .is_some_and(|kept| kept.number == connection.number)
        {
            *kept = None;
        }
    }

    pub(super) fn hangs(&self, connection: &Connection) -> RemoteError {
        self.forget(connection);
        RemoteError::lost("it gives no answer")
    }

    /// What an error of the transport or of the worker means, where the request has no meaning of its own for it.
    pub(super) fn failed(&self, connection: &Connection, status: &Status) -> RemoteError {
        self.forget(connection);
        let reason = match status.code() {
            Code::Unimplemented => "it speaks another version of the protocol".to_owned(),
            Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled => {
                format!(
                    "the connection failed: {}",
                    with_causes(status.message(), status)
                )
            }
            code => format!("{code:?}: {}", status.message()),
        };
        RemoteError::lost(shown(&reason, LONGEST_REASON))
    }
}

impl fmt::Debug for RemoteWorker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteWorker")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
